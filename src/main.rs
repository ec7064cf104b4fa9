//! The `tollgate` server.

use std::{
    env,
    io::{self, Write},
    pin::pin,
    process::ExitCode,
};

use clap::Parser;
use futures_util::future::{Either, select};
use mimalloc::MiMalloc;
use tollgate::{
    base::{clock::Clock, output},
    cli::{self, Arguments},
    config::Config,
    log,
    server::{self, Application, Signals},
};

/// A request makes about forty allocations, and memory is often freed by another thread than the one that allocated it.
/// mimalloc uses about a sixth less CPU time for a metered read than glibc's allocator. Huge pages are off (`no_thp`)
/// because they double the memory of an idle server.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (is_serve, is_json) = (arguments.is_serve(), arguments.is_json());
    let done = if is_serve { serve().await } else { arguments.run().await };
    let Err(error) = done else { return ExitCode::SUCCESS };
    if cli::is_reader_gone(&error) {
        // The exit code that a shell reports for SIGPIPE, so that `pipefail` detects the truncated output.
        return ExitCode::from(141);
    }
    let text = cli::error_text(&error, is_json && !is_serve);
    // A command may wait for its reader, such as a pager, but a server must exit.
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
    // Before anything that takes time, so that no signal is lost.
    let mut signals = Signals::install()?;
    server::log_review(&config);
    let database = config.database.kind();
    let build = pin!(Application::build(config, Clock::system()));
    let application = match select(build, pin!(signals.stop())).await {
        Either::Left((application, _)) => application?,
        Either::Right(_) => {
            tracing::info!("stopped before listening");
            drop(log);
            // Returning would wait for the database, which may be waiting for another node's migrations.
            std::process::exit(0);
        }
    };
    tracing::info!(version = env!("CARGO_PKG_VERSION"), database, addresses = ?application.addresses(), "listening");
    announce(&application).await;
    server::ready();
    application.run_until_stopped(signals).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Prints where the site and the console are, and how to make an admin if there is none.
async fn announce(application: &Application) {
    let mut site = application.public_origin().map(str::to_owned);
    for address in application.addresses() {
        // For browsers a page on localhost:3000 and a server on 127.0.0.1 are different sites, which share no cookies.
        let host = if address.ip().is_loopback() { "localhost".to_owned() } else { address.ip().to_string() };
        let origin = format!("http://{host}:{}", address.port());
        output::write_bounded(io::stdout(), format!("listening on {address}: open {origin}/\n"));
        site.get_or_insert(origin);
    }
    let console = site.map(|origin| format!("console: {origin}/admin\n")).unwrap_or_default();
    // An unavailable database is reported elsewhere, and admins are not made then.
    let hint = match application.has_admin().await {
        Ok(false) => format!("there is no admin yet; make one with: {} user add --admin <username>\n", program()),
        Ok(true) | Err(_) => String::new(),
    };
    output::write_bounded(io::stdout(), format!("{console}{hint}"));
}

/// As it was started: `target/debug/tollgate` where nothing is installed.
fn program() -> String {
    env::args().next().unwrap_or_else(|| "tollgate".to_owned())
}
