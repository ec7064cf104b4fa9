//! Signing in with a password, proving again who you are, and ending sessions.

pub(super) mod login;
pub(super) mod reauthentication;
mod session_settings;
