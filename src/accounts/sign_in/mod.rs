//! Signing in with a password or by e-mail, proving again who you are, and ending sessions.

pub(super) mod email;
pub(super) mod login;
pub(super) mod reauthentication;
mod session_settings;
