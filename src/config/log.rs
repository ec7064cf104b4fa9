//! Log settings.

use tracing::Level;

use super::{
    environment::Settings,
    setting::{Choice, DefaultValue::Fixed, Definition, Form, Setting, Written},
};

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
        Self { level: LOG_LEVEL.read(settings), format: LOG_FORMAT.read(settings) }
    }
}

pub(super) const ALL: &[&dyn Definition] = &[&LOG_LEVEL, &LOG_FORMAT];

pub(crate) const LOG_LEVEL: Setting<Level> = Setting {
    name: "LOG_LEVEL",
    about: "The least severe level that is logged. `info` includes a line for each request, `debug` also one for each health \
            check. The log goes to standard error.",
    // Not a choice, because upper case is accepted too.
    values: &Written(
        Form { description: "error, warn, info, debug or trace", parse: |text| text.parse().ok() },
        |level: &Level| level.as_str().to_ascii_lowercase(),
    ),
    default: Fixed(|| Level::INFO),
};

pub(crate) const LOG_FORMAT: Setting<LogFormat> = Setting {
    name: "LOG_FORMAT",
    about: "`text` is for people, `json` for programs that collect logs.",
    values: &Choice(&[("text", LogFormat::Text), ("json", LogFormat::Json)]),
    default: Fixed(|| LogFormat::Text),
};
