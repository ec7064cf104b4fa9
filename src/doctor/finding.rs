//! What the doctor finds.

use serde::Serialize;

/// A mistake, or something suspicious.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub setting: String,
    /// Whether something does not work, rather than being possibly unintended.
    // Scripts that read `doctor --json` rely on this name.
    #[serde(rename = "is_fault")]
    pub is_error: bool,
    pub text: String,
}

pub(super) fn error(setting: &str, text: impl Into<String>) -> Finding {
    Finding { setting: setting.to_owned(), is_error: true, text: text.into() }
}

pub(super) fn warning(setting: &str, text: impl Into<String>) -> Finding {
    Finding { setting: setting.to_owned(), is_error: false, text: text.into() }
}
