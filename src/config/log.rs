//! Log settings.

use tracing::Level;

use super::{
    definitions::{LOG_FORMAT, LOG_LEVEL},
    environment::Settings,
    values::LogFormat,
};

#[derive(Clone, Copy, Debug)]
pub struct LogConfig {
    /// The least severe level that is logged.
    pub level: Level,
    pub format: LogFormat,
}

impl LogConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self { level: LOG_LEVEL.read(settings), format: LOG_FORMAT.read(settings) }
    }
}
