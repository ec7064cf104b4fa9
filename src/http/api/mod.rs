//! What programs get: JSON, with one file per resource.

pub(super) mod account;
pub(super) mod audit;
pub(super) mod blog;
pub(super) mod check_session;
pub(super) mod docs;
pub(super) mod email;
pub(super) mod email_login;
pub(super) mod everybody;
pub(super) mod export;
pub(super) mod gifts;
pub(super) mod health;
pub(super) mod identities;
pub(super) mod login;
pub(super) mod media;
pub(super) mod meter;
pub(super) mod oidc;
pub(super) mod outbox;
#[cfg(feature = "passkeys")]
pub(super) mod passkey_login;
#[cfg(feature = "passkeys")]
pub(super) mod passkeys;
pub(super) mod payments;
pub(super) mod publish;
pub(super) mod register;
pub(super) mod second_factors;
pub(super) mod sessions;
pub(super) mod stats;
pub(super) mod subscription;
pub(super) mod tokens;
mod user;
pub(super) mod users;
pub(super) mod webhook;
