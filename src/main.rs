//! The `tollgate` server.

use std::{
    io::{self, Write},
    pin::pin,
    process::ExitCode,
};

use clap::Parser;
use futures_util::future::{Either, select};
use mimalloc::MiMalloc;
use tollgate::{
    cli::{self, Arguments},
    clock::Clock,
    config::Config,
    log, output,
    server::{self, Application, Signals},
};

/// A request allocates some forty times, and what a read waits for is freed by other threads than made it: mimalloc
/// takes about a sixth less processor time for a counted read than glibc's allocator. Without huge pages (`no_thp`),
/// which double what an idle server holds.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let is_serve = arguments.is_serve();
    let done = if is_serve { serve().await } else { arguments.run().await };
    let Err(error) = done else { return ExitCode::SUCCESS };
    if cli::is_reader_gone(&error) {
        // What a shell reports of a program that SIGPIPE ended, so that `pipefail` sees that the output was cut off.
        return ExitCode::from(141);
    }
    let text: String = format!("{error:#}").lines().map(|line| format!("tollgate: {line}\n")).collect();
    // A command waits for its reader, such as a pager; a server has to end.
    if is_serve {
        output::write_bounded(io::stderr(), text);
    } else {
        let _ = io::stderr().write_all(text.as_bytes());
    }
    cli::exit_code(&error)
}

async fn serve() -> anyhow::Result<()> {
    let config = Config::load()?;
    let log = log::start(config.log);
    // Ahead of all that takes time: a signal that comes in between is not lost.
    let mut signals = Signals::install()?;
    let database = config.database.kind();
    let build = pin!(Application::build(config, Clock::system()));
    let application = match select(build, pin!(signals.stop())).await {
        Either::Left((application, _)) => application?,
        Either::Right(_) => {
            tracing::info!("stopped before it listened");
            drop(log);
            // To return would wait for the database, which may be waiting for another node's migrations.
            std::process::exit(0);
        }
    };
    tracing::info!(version = env!("CARGO_PKG_VERSION"), database, addresses = ?application.addresses(), "listening");
    for address in application.addresses() {
        // A page on localhost:3000 and a server on 127.0.0.1 are two sites, between which browsers keep no cookie.
        let host = if address.ip().is_loopback() { "localhost".to_owned() } else { address.ip().to_string() };
        output::write_bounded(
            io::stdout(),
            format!("listening on {address}: open http://{host}:{}/\n", address.port()),
        );
    }
    server::ready();
    application.run_until_stopped(signals).await?;
    tracing::info!("stopped");
    Ok(())
}
