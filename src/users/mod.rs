//! The table `users`, and what belongs to a user whatever the domain: addresses, activity, attempts, and the audit.

pub mod activity;
pub mod attempts;
pub mod audit;
pub mod audit_search;
mod change;
pub mod emails;
mod event;
mod find;
pub mod identity;
pub mod imported;
pub mod listing;
pub mod newest;
mod password;
mod role;

use diesel::prelude::*;
use serde::Serialize;

pub use self::{
    change::{delete, insert, set_active, set_has_passkey, set_has_totp, set_role, set_subscribed_until, update},
    find::{
        exist, find, find_by_email, find_credentials, find_credentials_by_id, find_keys, has_admin, has_other_admin,
        lock, lock_by_id, with_address_as_name,
    },
    password::{NO_PASSWORD, highest_bcrypt_cost, replace_hash, set_password},
    role::Role,
};
use crate::{
    base::clock::Timestamp,
    db::{DbError, schema::users},
};

/// A second factor that a user has enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// An authenticator app.
    Totp,
    Passkey,
}

/// A row without the password hash.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// Never reused.
    pub id: i64,
    /// In the original spelling.
    pub username: String,
    /// In the original spelling.
    pub email: Option<String>,
    pub role: Role,
    /// Whether the user may sign in.
    pub is_active: bool,
    pub created_at: Timestamp,
    /// When the user last changed the account.
    pub updated_at: Option<Timestamp>,
    /// Until when the user's reads are not metered.
    pub subscribed_until: Option<Timestamp>,
    /// Since when `email` is verified.
    pub email_verified_at: Option<Timestamp>,
    /// The address that replaces `email` once it is verified.
    pub pending_email: Option<String>,
    /// Whether an authenticator app is enrolled as a second factor.
    pub has_totp: bool,
    /// Whether a passkey is enrolled as a second factor.
    pub has_passkey: bool,
}

/// A user and the password hash to verify against.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct Credentials {
    #[diesel(embed)]
    pub user: User,
    pub password_hash: String,
    /// Incremented with each password change.
    pub password_version: i64,
}

#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct NewUser {
    pub username: String,
    /// The normalized username, for comparison.
    pub username_key: String,
    pub email: Option<String>,
    /// The normalized email address that the account owns.
    pub email_key: Option<String>,
    pub email_verified_at: Option<Timestamp>,
    /// The normalized email address that waits for its verification.
    pub unverified_email_key: Option<String>,
    pub password_hash: String,
    pub role: Role,
    pub is_active: bool,
    /// When the user registered; for imported users, in the former system.
    pub created_at: Timestamp,
    pub last_seen_at: Option<Timestamp>,
}

/// The values to change; `None` leaves a value as it is.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = users)]
pub struct UserChanges {
    pub username: Option<String>,
    pub username_key: Option<String>,
    /// `Some(None)` removes the address.
    pub email: Option<Option<String>>,
    pub email_key: Option<Option<String>>,
    pub email_verified_at: Option<Option<Timestamp>>,
    pub pending_email: Option<Option<String>>,
    pub unverified_email_key: Option<Option<String>>,
    pub updated_at: Option<Timestamp>,
}

/// Why a user could not be added or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    #[error("the name is taken")]
    UsernameTaken,
    #[error("the email address is taken")]
    EmailTaken,
    #[error(transparent)]
    Db(DbError),
}

impl User {
    /// Whether the user's reads are not metered.
    #[must_use]
    pub fn is_subscribed(&self, now: Timestamp) -> bool {
        is_subscribed(self.subscribed_until, now)
    }

    #[must_use]
    pub fn is_email_verified(&self) -> bool {
        self.verified_email().is_some()
    }

    #[must_use]
    pub fn verified_email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.email_verified_at.is_some())
    }

    /// The second factors that are enrolled.
    #[must_use]
    pub fn second_factors(&self) -> Vec<SecondFactor> {
        let totp = self.has_totp.then_some(SecondFactor::Totp);
        totp.into_iter().chain(self.has_passkey.then_some(SecondFactor::Passkey)).collect()
    }
}

/// Whether reads are not metered at `now`, given until when they are not.
pub(super) fn is_subscribed(subscribed_until: Option<Timestamp>, now: Timestamp) -> bool {
    subscribed_until.is_some_and(|until| now < until)
}

impl From<DbError> for SaveError {
    /// PostgreSQL reports the constraint and SQLite the column; both contain the column's name.
    fn from(error: DbError) -> Self {
        match error {
            DbError::NotUnique(what) if what.contains("username_key") => Self::UsernameTaken,
            DbError::NotUnique(what) if what.contains("email_key") => Self::EmailTaken,
            other => Self::Db(other),
        }
    }
}
