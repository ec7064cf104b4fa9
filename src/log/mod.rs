//! The log, on standard error; and, where it is built in and wanted, spans for a collector.

mod panic;
#[cfg(feature = "opentelemetry")]
mod spans;

use std::io::{self, IsTerminal};

use tracing::{Metadata, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer, Registry,
    filter::{FilterExt, Targets, dynamic_filter_fn},
    fmt,
    layer::{Layered, SubscriberExt},
    util::SubscriberInitExt,
};

use crate::{
    config::{LogConfig, LogFormat},
    output::{self, LogGuard},
    server,
};

/// To be kept until the process ends: what was not sent or written by then is when it is dropped.
#[derive(Debug)]
pub struct Log {
    // Dropped first: it may have something to log.
    #[cfg(feature = "opentelemetry")]
    _spans: Option<spans::Exporter>,
    _lines: LogGuard,
}

/// Starts to log, panics included.
pub fn start(config: LogConfig) -> Log {
    let (writer, guard) = output::log_writer();
    let layer = fmt::layer().with_writer(writer).with_ansi(io::stderr().is_terminal());
    let filter = targets(config).and(dynamic_filter_fn(|metadata, _| !is_expected(metadata)));
    let lines = match config.format {
        LogFormat::Text => layer.with_target(false).with_filter(filter).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_filter(filter).boxed(),
    };
    let log = with_spans(tracing_subscriber::registry().with(lines), guard);
    panic::log_panics();
    log
}

/// What other crates say below a warning is noise to an operator, and may hold what must not be logged. Of the two
/// crates that complain of what a client sent, be it a forged cookie or no HTTP at all, nothing is written: any
/// stranger could fill the log with it.
fn targets(config: LogConfig) -> Targets {
    let wanted = LevelFilter::from_level(config.level);
    Targets::new()
        .with_default(wanted.min(LevelFilter::WARN))
        .with_target("actix_session", LevelFilter::OFF)
        .with_target("actix_http", LevelFilter::OFF)
        .with_target("tollgate", wanted)
}

/// That connections cannot be accepted is no error when the server has closed its sockets.
fn is_expected(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "actix_server::accept" && server::refuses_connections()
}

type Lines = Layered<Box<dyn Layer<Registry> + Send + Sync>, Registry>;

#[cfg(feature = "opentelemetry")]
fn with_spans(lines: Lines, guard: LogGuard) -> Log {
    let (layer, exporter) = spans::layer().unzip();
    lines.with(layer).init();
    Log { _spans: exporter, _lines: guard }
}

#[cfg(not(feature = "opentelemetry"))]
fn with_spans(lines: Lines, guard: LogGuard) -> Log {
    lines.init();
    Log { _lines: guard }
}
