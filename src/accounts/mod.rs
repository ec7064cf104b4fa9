//! User accounts: registration, sign-in, changes, deletion, import, and the credentials that protect them.
//!
//! Each use case is one method of [`Accounts`], or one function over a transaction if an operator performs it.

pub mod api_tokens;
mod cleanup;
mod error;
mod identities;
pub mod limits;
mod notices;
mod operator;
pub mod passwords;
mod precis;
mod profile;
pub mod second_factors;
mod sign_in;

use self::passwords::Verifier;
pub use self::{
    cleanup::{cleanup, delete_inactive},
    error::AccountError,
    identities::OtherWaysIn,
    limits::{lockouts, throttle::wrong_passwords},
    operator::{administration, by_admin, events, first_admin, import, invitations, lookup, messages, user_search},
    passwords::change::PasswordChange,
    profile::{
        change::AccountChange,
        deletion::erase,
        registration::{RegisterError, Registration},
        username::Username,
    },
    sign_in::{
        email::{EmailLogin, EmailProof, EmailRequest},
        identity::{IdentityLogin, IdentityStep},
        login::{Browser, Login, PasswordStep},
        reauthentication::{Confirmation, Reauthenticated},
    },
};
use crate::{
    config::{MeterConfig, RegistrationPolicy, SessionConfig},
    db::Db,
    mail::Mailer,
};

/// What the use cases of accounts need. Clones share the threads that hash passwords.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database handle does not implement it")]
pub struct Accounts {
    pub verifier: Verifier,
    pub session: SessionConfig,
    pub meter: MeterConfig,
    /// `None` if email is off: then addresses are not verified.
    pub mail: Option<Mailer>,
    /// Whether signing in by email makes accounts.
    pub registration: RegistrationPolicy,
}

impl Accounts {
    fn db(&self) -> &Db {
        &self.verifier.db
    }

    /// Starts the delivery of messages that have been committed.
    pub fn wake_mail(&self) {
        if let Some(mailer) = &self.mail {
            mailer.wake();
        }
    }

    fn mailer(&self) -> Result<&Mailer, AccountError> {
        self.mail.as_ref().ok_or(AccountError::MailOff)
    }

    /// Checks a name that a user chooses. An address would be ambiguous at login, if addresses are accepted there: its owner
    /// could not sign in with it. The key is checked, because U+FF20 and U+FE6B become an `@` only there.
    ///
    /// # Errors
    /// A message for people that says what is wrong.
    pub fn choose_username(&self, text: &str) -> Result<Username, String> {
        match Username::parse(text) {
            Ok(name) if self.mail.is_some() && name.key.contains('@') => Err("must not contain @".to_owned()),
            parsed => parsed,
        }
    }
}
