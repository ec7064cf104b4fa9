//! Logging to standard error and, with the feature `opentelemetry`, exporting spans.

mod access_lines;
mod panic;
#[cfg(feature = "opentelemetry")]
mod spans;

use std::io::{self, IsTerminal};

use tracing::{Metadata, Subscriber, level_filters::LevelFilter, subscriber::Interest};
use tracing_subscriber::{
    Layer, Registry,
    filter::{DynFilterFn, FilterExt, Targets},
    fmt,
    layer::{Context, Filter, Layered, SubscriberExt},
    util::SubscriberInitExt,
};

use self::access_lines::AccessLines;
use crate::{
    base::output::{self, LogGuard},
    config::{LogConfig, LogFormat},
    server,
};

/// Keep this until the process ends: dropping it flushes the log and the spans.
#[derive(Debug)]
pub struct Log {
    // First in order to be dropped first, because it may log.
    #[cfg(feature = "opentelemetry")]
    _spans: Option<spans::Exporter>,
    _lines: LogGuard,
}

/// Starts logging, including panics.
pub fn start(config: LogConfig) -> Log {
    let (writer, guard) = output::log_writer();
    let layer = fmt::layer().with_writer(writer).with_ansi(io::stderr().is_terminal());
    let filter = filter(config);
    let format = config.format;
    let lines = match format {
        LogFormat::Text => {
            layer.with_target(false).map_event_format(|other| AccessLines { format, other }).with_filter(filter).boxed()
        }
        LogFormat::Json => {
            let layer = layer.json().flatten_event(true);
            layer.map_event_format(|other| AccessLines { format, other }).with_filter(filter).boxed()
        }
    };
    let log = with_spans(tracing_subscriber::registry().with(lines), guard);
    panic::log_panics();
    log
}

fn filter<S: Subscriber>(config: LogConfig) -> impl Filter<S> {
    // Without a hint for both filters, the levels that are off would be filtered message by message.
    // Without the filter of call sites, this one would run for each message.
    let is_dynamic = |metadata: &'static Metadata<'static>| metadata.target() == ACCEPT;
    let unexpected = DynFilterFn::new(|metadata: &Metadata<'_>, _: &Context<'_, S>| !is_expected(metadata))
        .with_callsite_filter(move |site| if is_dynamic(site) { Interest::sometimes() } else { Interest::always() })
        .with_max_level_hint(LevelFilter::TRACE);
    targets(config).and(unexpected)
}

/// Messages of other crates below the level of a warning are noise to an operator and may contain sensitive data. Some
/// are silenced completely because they log errors caused by clients, such as forged cookies or invalid HTTP, with
/// which anyone could fill the log.
fn targets(config: LogConfig) -> Targets {
    let wanted = LevelFilter::from_level(config.level);
    Targets::new()
        .with_default(wanted.min(LevelFilter::WARN))
        .with_target("actix_session", LevelFilter::OFF)
        .with_target("actix_http", LevelFilter::OFF)
        .with_target("webauthn_rs_core", LevelFilter::OFF)
        .with_target("tollgate", wanted)
        // Somebody who silences the log must still see them.
        .with_target(server::UNSAFE_SETTINGS, wanted.max(LevelFilter::WARN))
}

/// Where actix logs that it cannot accept connections.
const ACCEPT: &str = "actix_server::accept";

/// Failing to accept connections is not an error once the server has closed its sockets.
fn is_expected(metadata: &Metadata<'_>) -> bool {
    metadata.target() == ACCEPT && server::refuses_connections()
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

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn levels_that_are_off_are_known_before_any_message() {
        for (level, expected) in [(Level::INFO, LevelFilter::INFO), (Level::ERROR, LevelFilter::WARN)] {
            let config = LogConfig { level, format: LogFormat::Text };
            assert_eq!(Filter::<Registry>::max_level_hint(&filter(config)), Some(expected));
        }
    }
}
