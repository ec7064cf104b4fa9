//! The log, on standard error.

use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{LogConfig, LogFormat};

/// Starts to log. What other crates say below a warning is noise to an operator, and may hold what must not be logged.
/// Of the two crates that complain of what a client sent, be it a forged cookie or no HTTP at all, nothing is written:
/// any stranger could fill the log with it.
pub fn start(config: LogConfig) {
    let wanted = LevelFilter::from_level(config.level);
    let targets = Targets::new()
        .with_default(wanted.min(LevelFilter::WARN))
        .with_target("actix_session", LevelFilter::OFF)
        .with_target("actix_http", LevelFilter::OFF)
        .with_target("tollgate", wanted);
    let layer = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    match config.format {
        LogFormat::Text => {
            tracing_subscriber::registry().with(layer.with_target(false).with_filter(targets)).init();
        }
        LogFormat::Json => {
            tracing_subscriber::registry().with(layer.json().flatten_event(true).with_filter(targets)).init();
        }
    }
}
