//! What users prove who they are with, and the tables of it: sessions, API tokens, passkeys, authenticator apps, recovery
//! codes and trusted browsers. All functions over a connection block; call them inside [`crate::db::Db::read`] or
//! [`crate::db::Db::write`].

pub mod api_tokens;
pub mod identities;
pub mod passkey_challenges;
pub mod passkeys;
pub mod pending_logins;
pub mod recovery_codes;
pub mod sessions;
mod token_text;
pub mod totp_seeds;
pub mod trusted_browsers;
