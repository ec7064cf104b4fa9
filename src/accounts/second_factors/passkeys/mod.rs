//! Passkeys (WebAuthn): their registration, and the two ways to sign in with them: after the password, and instead of
//! username and password.
//!
//! Signatures are verified by `webauthn-rs-core`. Its safe wrapper does not fit: it registers credentials that cannot
//! sign in without a username, and knows a fixed list of origins.

mod assertion;
mod attestation;
mod challenges;
mod login;
mod management;
mod registration;
mod relying_party;

pub(super) use self::assertion::verify_second_factor;
pub use self::{
    attestation::PasskeyRegistration,
    login::PasskeyLogin,
    registration::{InvalidName, parse_name},
    relying_party::RelyingParty,
};
pub use webauthn_rs_core::proto::{CreationChallengeResponse, RequestChallengeResponse};

use webauthn_rs_core::proto::Credential;

use crate::{credentials::passkeys::PasskeyCredential, db::DbError};

/// What authenticators store with a passkey to find the account. The id is not personal data, and lets an authenticator
/// replace the passkey of the same account.
fn user_handle(user_id: i64) -> [u8; 8] {
    user_id.to_be_bytes()
}

/// The stored credential, with what has changed since its registration.
fn stored_credential(passkey: &PasskeyCredential) -> Result<Credential, DbError> {
    let mut credential: Credential = serde_json::from_str(&passkey.credential).map_err(unexpected)?;
    credential.counter = u32::try_from(passkey.sign_count).unwrap_or(u32::MAX);
    credential.backup_state = passkey.backed_up;
    Ok(credential)
}

/// For what only fails because of a bug. The errors contain no secrets.
fn unexpected(error: impl std::fmt::Display) -> DbError {
    DbError::Query(format!("passkeys: {error}"))
}
