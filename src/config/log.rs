//! Log settings.

use tracing::Level;

use super::settings::Settings;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object per line.
    Json,
}

#[derive(Clone, Copy, Debug)]
pub struct LogConfig {
    /// The least severe level that is logged.
    pub level: Level,
    pub format: LogFormat,
}

impl LogConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self {
            level: settings.get("LOG_LEVEL", Level::INFO, |text| {
                text.parse().map_err(|_| "must be error, warn, info, debug or trace")
            }),
            format: settings.get("LOG_FORMAT", LogFormat::Text, |text| match text {
                "text" => Ok(LogFormat::Text),
                "json" => Ok(LogFormat::Json),
                _ => Err("must be text or json"),
            }),
        }
    }
}
