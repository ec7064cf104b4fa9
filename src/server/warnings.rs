//! What the log says at the start about the settings: what the doctor finds in them.

use crate::{
    config::Config,
    doctor::{self, Finding, Severity},
};

/// The target of warnings of what strangers could exploit, which are logged whatever `LOG_LEVEL` is.
pub const UNSAFE_SETTINGS: &str = "tollgate::unsafe_settings";

/// Logs what is suspicious in the settings.
pub fn log_review(config: &Config) {
    for Finding { setting, severity, text } in doctor::review(config) {
        match severity {
            Severity::Unsafe => tracing::warn!(target: UNSAFE_SETTINGS, setting, "{setting} {text}"),
            Severity::Error | Severity::Warning => tracing::warn!(setting, "{setting} {text}"),
            Severity::Note => tracing::info!(setting, "{setting} {text}"),
        }
    }
}
