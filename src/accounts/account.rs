//! Creating, changing and deleting accounts.

use std::time::Duration;

use super::{
    Email, Username,
    credentials::{Hasher, Overloaded, Password, PasswordError, Requester, Verified},
    quota::Quota,
    throttle::{self, account_hash},
};
use crate::{
    client::Client,
    clock::Timestamp,
    db::{Db, DbConnection, DbError, Tx},
    models::{
        audit::{self, Event},
        failed_passwords::{self, FailedPassword},
        meters, registrations, sessions, stripe_events, subscriptions, user_activity,
        users::{self, NewUser, Role, SaveError, User},
    },
};

#[derive(Debug)]
pub struct Registration {
    pub username: Username,
    pub password: Password,
    pub email: Option<Email>,
    pub role: Role,
}

#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error(transparent)]
    Save(#[from] SaveError),
    /// Too many registrations from this network. Contains the time until another is allowed.
    #[error("too many registrations")]
    Throttled(Duration),
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
}

/// Counts a registration before its password is hashed.
///
/// # Errors
/// The limit is reached, or the database is unavailable.
pub async fn admit_registration(db: &Db, client: Client, now: Timestamp) -> Result<(), RegisterError> {
    let count = move |tx: &mut Tx<'_>| throttle::count_registration(tx, &client, now);
    match db.write(count).await.map_err(SaveError::from)? {
        Some(until) => Err(RegisterError::Throttled(now.until(until))),
        None => Ok(()),
    }
}

/// Adds a user. If several requests want the same name at the same time, the unique index lets only one have it.
pub async fn register(
    db: &Db,
    hasher: &Hasher,
    registration: Registration,
    client: Client,
    now: Timestamp,
) -> Result<User, RegisterError> {
    let Registration { username, password, email, role } = registration;
    let requester = Requester::new(&client, &username.original);
    let password_hash = hasher.hash(password, requester).await?;
    let (email, email_key) = email.map(|email| (email.original, email.key)).unzip();
    let user = NewUser {
        username: username.original,
        username_key: username.key,
        email,
        email_key,
        password_hash,
        role,
        is_active: true,
        created_at: now,
        last_seen_at: Some(now),
    };
    let insert = move |tx: &mut Tx<'_>| {
        let user = users::insert(tx, &user)?;
        audit::insert(tx, user.id, Event::Registered, &client, now)?;
        Ok::<_, SaveError>(user)
    };
    Ok(db.write(insert).await?)
}

/// Stores the hash of a new password and ends all sessions of the user.
///
/// Returns `None` and changes nothing if `session_id` is no longer a session of the user: a session that was ended
/// while the password was hashed must not change anything.
///
/// # Errors
/// See [`Verified::finalize`].
pub fn change_password(
    tx: &mut Tx<'_>,
    current: Verified,
    session_id: i64,
    password_hash: &str,
    client: &Client,
    now: Timestamp,
) -> Result<Option<User>, PasswordError> {
    let (version, is_throttled) = (current.password_version(), current.is_throttled());
    // Locks the user before any session: two changes that locked their own sessions first would wait for each other.
    let user = current.finalize(tx)?;
    if !sessions::delete_own(tx, user.id, session_id)? {
        return Ok(None);
    }
    if is_throttled && let Some(until) = Quota::Changes.refused_until(tx, user.id, now)? {
        return Err(PasswordError::Throttled(now.until(until)));
    }
    if !users::change_password(tx, user.id, version, password_hash, now)? {
        return Err(PasswordError::Wrong);
    }
    sessions::delete_all(tx, user.id)?;
    audit::insert(tx, user.id, Event::PasswordChanged, client, now)?;
    Ok(Some(user))
}

/// Deletes a user and all of the user's data, except for the record that an account was deleted. Returns whether it
/// did: it does nothing if `session_id` is no longer a session of the user.
///
/// # Errors
/// See [`Verified::finalize`].
pub fn delete(tx: &mut Tx<'_>, current: Verified, session_id: i64, now: Timestamp) -> Result<bool, PasswordError> {
    // Stripe events acquire this lock before a user's.
    stripe_events::lock(tx)?;
    let user = current.finalize(tx)?;
    if !sessions::delete_own(tx, user.id, session_id)? {
        return Ok(false);
    }
    erase_locked(tx, &user, None, now)?;
    Ok(true)
}

/// Deletes a user on behalf of an operator, who needs no password. Does nothing if no such user exists.
pub fn erase(tx: &mut Tx<'_>, user_id: i64, operator: &Client, now: Timestamp) -> Result<(), DbError> {
    stripe_events::lock(tx)?;
    match users::lock_by_id(tx, user_id)? {
        Some(user) => erase_locked(tx, &user, Some(operator), now),
        None => Ok(()),
    }
}

/// Deletes the account that has been unused for the longest time, if it was last used before `before`, and returns
/// whether there was one. See [`user_activity::lock_inactive`] for the accounts that are skipped.
///
/// Each transaction deletes one account, with the same order of locks as any other deletion: several accounts in one
/// transaction could deadlock with reads that are being counted. The lock on Stripe events also keeps two nodes from
/// doing this at the same time.
pub fn erase_inactive(tx: &mut Tx<'_>, before: Timestamp, now: Timestamp) -> Result<bool, DbError> {
    stripe_events::lock(tx)?;
    let inactive = user_activity::lock_inactive(tx, before, now)?;
    inactive.iter().try_for_each(|user| erase_locked(tx, user, None, now))?;
    Ok(inactive.is_some())
}

fn erase_locked(tx: &mut Tx<'_>, user: &User, operator: Option<&Client>, now: Timestamp) -> Result<(), DbError> {
    failed_passwords::delete(tx, &account_hash(&user.username), None)?;
    // A transaction that holds one of these locks may still want to insert a row that references the user. The deletion
    // would block that while it waits for the lock.
    sessions::delete_all(tx, user.id)?;
    meters::delete(tx, user.id)?;
    subscriptions::delete_of_user(tx, user.id)?;
    users::delete(tx, user.id)?;
    audit::insert_deleted(tx, operator, now)
}

/// Stores the hash of a password that an operator sets, and ends all sessions. Returns whether the user exists.
pub fn reset_password(
    tx: &mut Tx<'_>,
    user_id: i64,
    password_hash: &str,
    operator: &Client,
    now: Timestamp,
) -> Result<bool, DbError> {
    if !users::reset_password(tx, user_id, password_hash, now)? {
        return Ok(false);
    }
    sessions::delete_all(tx, user_id)?;
    audit::insert(tx, user_id, Event::PasswordChanged, operator, now)?;
    Ok(true)
}

/// Returns up to `limit` wrong passwords for a user's account, newest first, starting before the one with the id
/// `before`.
pub fn failed_passwords(
    connection: &mut DbConnection,
    username: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, FailedPassword)>, DbError> {
    failed_passwords::page(connection, &account_hash(username), before, limit)
}

/// Deletes up to `max` outdated rows of each kind, and returns how many it deleted.
pub fn cleanup(tx: &mut Tx<'_>, audit_before: Timestamp, now: Timestamp, max: i64) -> Result<usize, DbError> {
    let before = now.before(throttle::LONGEST);
    // The quotas of an account count rows of the audit, regardless of how briefly they are retained otherwise.
    Ok(audit::delete_before(tx, audit_before.min(before), max)?
        + failed_passwords::delete_before(tx, before, max)?
        + registrations::delete_before(tx, before, max)?)
}
