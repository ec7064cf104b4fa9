//! User accounts: registration, sign-in, changes, deletion, import, and the credentials that protect them.
//!
//! Each use case is one method of [`Accounts`], or one function over a transaction if an operator performs it.

pub mod administration;
mod change;
mod cleanup;
pub mod credentials;
mod deletion;
mod email;
mod error;
pub mod import;
pub mod lock_outs;
mod login;
mod own_sessions;
mod password_change;
mod precis;
mod quota;
mod reauthentication;
mod registration;
mod throttle;
pub mod user_search;
mod username;

use self::credentials::Verifier;
pub use self::{
    change::AccountChange,
    cleanup::{cleanup, delete_inactive},
    deletion::erase,
    email::Email,
    error::AccountError,
    login::Login,
    reauthentication::Reauthenticated,
    registration::{RegisterError, Registration},
    throttle::failed_passwords,
    username::Username,
};
use crate::{config::SessionConfig, db::Db};

/// What the use cases of accounts need. Clones share the threads that hash passwords.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database handle does not implement it")]
pub struct Accounts {
    pub verifier: Verifier,
    pub session: SessionConfig,
}

impl Accounts {
    fn db(&self) -> &Db {
        &self.verifier.db
    }
}
