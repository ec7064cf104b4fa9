//! The `tollgate` server.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use tollgate::{app::Application, clock::Clock, config::Config, log};

#[actix_web::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            for line in fault.to_string().lines() {
                let _ = writeln!(io::stderr(), "tollgate: {line}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::load()?;
    log::start(config.log);
    for name in &config.ineffective {
        tracing::warn!("{name} is set, but this version takes no notice of it");
    }
    let application = Application::build(config, Clock::system()).await?;
    for address in application.addresses() {
        // A page on localhost:3000 and a server on 127.0.0.1 are two sites, between which browsers keep no cookie.
        let host = if address.ip().is_loopback() { "localhost".to_owned() } else { address.ip().to_string() };
        writeln!(io::stdout(), "listening on {address}: open http://{host}:{}/", address.port())?;
    }
    application.run_until_stopped().await?;
    tracing::info!("stopped");
    Ok(())
}
