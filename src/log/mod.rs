//! The log, on standard error; and, where it is built in and wanted, spans for a collector.

#[cfg(feature = "opentelemetry")]
mod spans;

use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer, Registry,
    filter::Targets,
    fmt,
    layer::{Layered, SubscriberExt},
    util::SubscriberInitExt,
};

use crate::config::{LogConfig, LogFormat};

/// To be kept until the process ends: what was not sent by then is sent when it goes.
#[derive(Debug)]
pub struct Log {
    #[cfg(feature = "opentelemetry")]
    _spans: Option<spans::Exporter>,
}

/// Starts to log.
pub fn start(config: LogConfig) -> Log {
    let layer = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let lines = match config.format {
        LogFormat::Text => layer.with_target(false).with_filter(targets(config)).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_filter(targets(config)).boxed(),
    };
    with_spans(tracing_subscriber::registry().with(lines))
}

/// What other crates say below a warning is noise to an operator, and may hold what must not be logged. Of the two crates
/// that complain of what a client sent, be it a forged cookie or no HTTP at all, nothing is written: any stranger could fill
/// the log with it.
fn targets(config: LogConfig) -> Targets {
    let wanted = LevelFilter::from_level(config.level);
    Targets::new()
        .with_default(wanted.min(LevelFilter::WARN))
        .with_target("actix_session", LevelFilter::OFF)
        .with_target("actix_http", LevelFilter::OFF)
        .with_target("tollgate", wanted)
}

type Lines = Layered<Box<dyn Layer<Registry> + Send + Sync>, Registry>;

#[cfg(feature = "opentelemetry")]
fn with_spans(lines: Lines) -> Log {
    let (layer, exporter) = spans::layer().unzip();
    lines.with(layer).init();
    Log { _spans: exporter }
}

#[cfg(not(feature = "opentelemetry"))]
fn with_spans(lines: Lines) -> Log {
    lines.init();
    Log {}
}
