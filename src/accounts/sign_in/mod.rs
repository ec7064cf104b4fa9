//! Signing in with a password, by email or with an account at a provider, proving again who you are, and ending sessions.

pub(super) mod email;
pub(super) mod identity;
pub(super) mod login;
mod passwordless;
pub(super) mod reauthentication;
mod session_settings;
