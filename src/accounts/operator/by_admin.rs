//! What an admin does to an account without access to the server. Unlike the command line, which can make a user an admin
//! again, it never leaves the site without an active admin.

use super::administration::{set_active, set_role};
use crate::{
    accounts::{AccountError, erase},
    base::{client::Client, clock::Timestamp},
    billing::stripe_events,
    credentials::sessions,
    db::{DbError, Tx, advisory_lock::AdvisoryLock},
    users::{self, Role, User},
};

/// The changes to a user; `None` leaves a value as it is.
#[derive(Debug, Default)]
pub struct UserChange {
    pub role: Option<Role>,
    pub is_active: Option<bool>,
}

impl UserChange {
    /// Whether an admin to whom it is applied is none afterwards, or may not sign in.
    #[must_use]
    pub fn ends_rights(&self) -> bool {
        self.is_active == Some(false) || self.role.is_some_and(|role| role != Role::Admin)
    }

    /// Applies the changes. Returns the updated user, or `None` if no such user exists.
    ///
    /// # Errors
    /// [`AccountError::LastAdmin`]
    pub fn apply(
        self,
        tx: &mut Tx<'_>,
        user_id: i64,
        admin: &Client,
        now: Timestamp,
    ) -> Result<Option<User>, AccountError> {
        if self.ends_rights() {
            keep_an_admin(tx, user_id)?;
        }
        if let Some(role) = self.role {
            set_role(tx, user_id, role, admin, now)?;
        }
        if let Some(is_active) = self.is_active {
            set_active(tx, user_id, is_active, admin, now)?;
        }
        Ok(users::find(tx, user_id)?)
    }
}

/// Deletes a user and everything that belongs to the account. Returns whether the user existed.
///
/// # Errors
/// [`AccountError::LastAdmin`]
pub fn delete(tx: &mut Tx<'_>, user_id: i64, admin: &Client, now: Timestamp) -> Result<bool, AccountError> {
    // As everywhere, before the user.
    stripe_events::lock(tx)?;
    keep_an_admin(tx, user_id)?;
    let exists = users::lock_by_id(tx, user_id)?.is_some();
    erase(tx, user_id, admin, now)?;
    Ok(exists)
}

/// Ends all sessions of a user, and the trust in their browsers. Returns whether the user exists.
pub fn end_sessions(tx: &mut Tx<'_>, user_id: i64, admin: &Client, now: Timestamp) -> Result<bool, DbError> {
    // Locked, so that no login opens a session meanwhile.
    if users::lock_by_id(tx, user_id)?.is_none() {
        return Ok(false);
    }
    sessions::revoke(tx, user_id, None, admin, now)?;
    Ok(true)
}

/// Locks what decides whether a user is an admin, until the transaction ends. In the order of a deletion.
pub fn lock_rights(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    stripe_events::lock(tx)?;
    AdvisoryLock::Admins.acquire(tx)?;
    users::lock_by_id(tx, user_id).map(drop)
}

/// Fails if this user is the only active admin. Locks, so that two admins cannot remove each other at once.
fn keep_an_admin(tx: &mut Tx<'_>, user_id: i64) -> Result<(), AccountError> {
    AdvisoryLock::Admins.acquire(tx)?;
    let user = users::find(tx, user_id)?;
    let is_admin = user.is_some_and(|user| user.role == Role::Admin && user.is_active);
    if is_admin && !users::has_other_admin(tx, user_id)? { Err(AccountError::LastAdmin) } else { Ok(()) }
}
