//! What an admin does to an account without access to the server. Unlike the command line, which can make a user an admin
//! again, it never leaves the site without an active admin.

use super::administration::{set_active, set_role};
use crate::{
    accounts::{AccountChange, AccountError, api_tokens as token_use_cases, erase, notices},
    base::{client::Client, clock::Timestamp},
    billing::stripe_events,
    credentials::{api_tokens, sessions},
    db::{DbError, Tx, advisory_lock::AdvisoryLock},
    mail::{Mailer, MessageKind},
    users::{
        self, Role, User,
        audit::{self, Event},
    },
};

/// The changes to a user; `None` leaves a value as it is.
#[derive(Debug, Default)]
pub struct UserChange {
    pub role: Option<Role>,
    pub is_active: Option<bool>,
    pub account: AccountChange,
}

impl UserChange {
    /// Whether an admin to whom it is applied is none afterwards, or may not sign in.
    #[must_use]
    pub fn ends_rights(&self) -> bool {
        self.is_active == Some(false) || self.role.is_some_and(|role| role != Role::Admin)
    }

    /// Whether it needs a fresh session.
    #[must_use]
    pub fn is_grave(&self) -> bool {
        self.role.is_some() || self.account.username.is_some() || self.account.email.is_some()
    }

    /// Applies the changes. Returns the updated user, or `None` if no such user exists.
    ///
    /// # Errors
    /// [`AccountError::LastAdmin`], or the name or the address is taken.
    pub fn apply(
        self,
        tx: &mut Tx<'_>,
        mailer: Option<&Mailer>,
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
        let Some(user) = users::lock_by_id(tx, user_id)? else { return Ok(None) };
        change_account(tx, mailer, user, self.account, admin, now).map(Some)
    }
}

/// Changes the name or the address of a user that is locked. A new address is pending until its owner confirms it, and the
/// owner of the present one is told.
pub fn change_account(
    tx: &mut Tx<'_>,
    mailer: Option<&Mailer>,
    user: User,
    change: AccountChange,
    admin: &Client,
    now: Timestamp,
) -> Result<User, AccountError> {
    let mailer = mailer.map(Mailer::unlimited);
    let is_pending = matches!(&change.email, Some(Some(email)) if user.email.as_ref() != Some(&email.original));
    if is_pending && !change.is_without_effect(&user) {
        notices::send(tx, mailer.as_ref(), MessageKind::EmailChangePending, &user, admin, now)?;
    }
    change.apply(tx, user, false, mailer.as_ref(), admin, now)
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

/// Mails a link to choose a new password to a user's verified address. Returns whether the user exists.
///
/// # Errors
/// [`AccountError::NoEmail`]
pub fn send_reset(
    tx: &mut Tx<'_>,
    mailer: &Mailer,
    user_id: i64,
    admin: &Client,
    now: Timestamp,
) -> Result<bool, AccountError> {
    let Some(user) = users::lock_by_id(tx, user_id)? else { return Ok(false) };
    let recipient = user.verified_email().ok_or(AccountError::NoEmail)?.to_owned();
    mailer.enqueue_reset(tx, &user, recipient, now)?;
    audit::insert(tx, user_id, Event::AccountChanged, admin, now)?;
    Ok(true)
}

/// Deletes one of a user's API tokens, or all. Returns whether the user, and the token if it is one, exist.
pub fn delete_tokens(
    tx: &mut Tx<'_>,
    user_id: i64,
    token_id: Option<i64>,
    admin: &Client,
    now: Timestamp,
) -> Result<bool, DbError> {
    if users::lock_by_id(tx, user_id)?.is_none() {
        return Ok(false);
    }
    let Some(token_id) = token_id else {
        return token_use_cases::delete_all(tx, user_id, admin, now).map(|()| true);
    };
    let existed = api_tokens::delete(tx, user_id, token_id)?;
    if existed {
        audit::insert(tx, user_id, Event::ApiTokenDeleted, admin, now)?;
    }
    Ok(existed)
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
