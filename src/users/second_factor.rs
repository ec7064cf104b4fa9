//! The kinds of second factors.

use serde::Serialize;

/// A second factor that a user has enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// An authenticator app.
    Totp,
    Passkey,
}
