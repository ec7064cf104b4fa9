//! What the doctor finds.

use serde::{Serialize, Serializer};

/// A mistake, or something suspicious.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub setting: String,
    // Scripts that read `doctor --json` rely on this name.
    #[serde(rename = "is_fault", serialize_with = "is_fault")]
    pub severity: Severity,
    /// Continues a sentence that begins with the setting.
    pub text: String,
}

/// What a finding means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Something does not work.
    Error,
    /// Strangers could exploit it.
    Unsafe,
    /// It is possibly unintended.
    Warning,
    /// It is intended on a developer's machine only.
    Note,
}

impl Severity {
    #[must_use]
    pub fn is_error(self) -> bool {
        self == Self::Error
    }
}

fn is_fault<S: Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(severity.is_error())
}

fn finding(setting: &str, severity: Severity, text: impl Into<String>) -> Finding {
    Finding { setting: setting.to_owned(), severity, text: text.into() }
}

pub(super) fn error(setting: &str, text: impl Into<String>) -> Finding {
    finding(setting, Severity::Error, text)
}

pub(super) fn unsafe_setting(setting: &str, text: impl Into<String>) -> Finding {
    finding(setting, Severity::Unsafe, text)
}

pub(super) fn warning(setting: &str, text: impl Into<String>) -> Finding {
    finding(setting, Severity::Warning, text)
}

pub(super) fn note(setting: &str, text: impl Into<String>) -> Finding {
    finding(setting, Severity::Note, text)
}
