//! Actions of an operator on an account. Each is recorded in the account's audit.

use crate::{
    accounts::{
        limits::{
            lockouts::{self, Lockout},
            throttle,
        },
        notices, passwords,
        profile::username::account_hash,
        second_factors,
    },
    base::{client::Client, clock::Timestamp},
    db::{DbError, Tx, advisory_lock::AdvisoryLock},
    mail::{Mailer, MessageKind},
    paywall::gifts,
    users::{
        self, Role, User,
        attempts::{self, AttemptKind},
        audit::{self, Event},
    },
};

/// Sets whether a user may sign in. Returns the updated user, or `None` if no such user exists.
pub fn set_active(
    tx: &mut Tx<'_>,
    user_id: i64,
    is_active: bool,
    operator: &Client,
    now: Timestamp,
) -> Result<Option<User>, DbError> {
    AdvisoryLock::Admins.acquire(tx)?;
    let Some(user) = users::lock_by_id(tx, user_id)? else { return Ok(None) };
    if user.is_active != is_active {
        users::set_active(tx, user_id, is_active)?;
        audit::insert(tx, user_id, Event::AccountChanged, operator, now)?;
    }
    Ok(Some(User { is_active, ..user }))
}

/// Sets the role of a user. Returns the updated user, or `None` if no such user exists.
pub fn set_role(
    tx: &mut Tx<'_>,
    user_id: i64,
    role: Role,
    operator: &Client,
    now: Timestamp,
) -> Result<Option<User>, DbError> {
    AdvisoryLock::Admins.acquire(tx)?;
    let Some(user) = users::lock_by_id(tx, user_id)? else { return Ok(None) };
    if user.role != role {
        users::set_role(tx, user_id, role)?;
        audit::insert(tx, user_id, Event::AccountChanged, operator, now)?;
    }
    Ok(Some(User { role, ..user }))
}

/// The result of unlocking an account.
#[derive(Clone, Debug)]
pub struct Unlocked {
    /// The number of wrong passwords and codes that no longer count.
    pub forgotten: usize,
    /// The limits that still lock the user out: too many sign-ins, or a network that has also tried other accounts.
    pub lockouts: Vec<Lockout>,
}

/// Clears the wrong passwords and codes of a user's account. Returns `None` if no such user exists.
pub fn unlock(tx: &mut Tx<'_>, user_id: i64, operator: &Client, now: Timestamp) -> Result<Option<Unlocked>, DbError> {
    let Some(user) = users::lock_by_id(tx, user_id)? else { return Ok(None) };
    let account = account_hash(&user.username);
    let networks = attempts::networks(tx, &account)?;
    let forgotten = throttle::forget(tx, &account)?;
    if forgotten > 0 {
        audit::insert(tx, user_id, Event::AccountChanged, operator, now)?;
    }
    let lockouts = lockouts::of(tx, &user, networks, now)?;
    Ok(Some(Unlocked { forgotten, lockouts }))
}

/// Stores the hash of a password that an operator sets, with the effects of [`passwords::reset`]. Returns the
/// updated user, or `None` if no such user exists.
pub fn reset_password(
    tx: &mut Tx<'_>,
    mailer: Option<&Mailer>,
    user_id: i64,
    password_hash: &str,
    operator: &Client,
    now: Timestamp,
) -> Result<Option<User>, DbError> {
    let Some(user) = users::lock_by_id(tx, user_id)? else { return Ok(None) };
    passwords::reset(tx, &user, password_hash, operator, now)?;
    notices::send(tx, mailer, MessageKind::PasswordChanged, &user, operator, now)?;
    users::find(tx, user_id)
}

/// Removes all second factors of a user, who has lost them. Returns the user, or `None` if no such user exists.
pub fn reset_factors(
    tx: &mut Tx<'_>,
    mailer: Option<&Mailer>,
    user_id: i64,
    operator: &Client,
    now: Timestamp,
) -> Result<Option<User>, DbError> {
    let Some(user) = users::lock_by_id(tx, user_id)? else { return Ok(None) };
    attempts::delete(tx, AttemptKind::WrongCode, &account_hash(&user.username), None)?;
    if !user.second_factors().is_empty() {
        second_factors::remove_all(tx, user_id)?;
        audit::insert(tx, user_id, Event::SecondFactorRemoved, operator, now)?;
        notices::send(tx, mailer, MessageKind::SecondFactorRemoved, &user, operator, now)?;
    }
    users::find(tx, user_id)
}

/// Revokes one of a user's gift links, or all. Returns their number.
pub fn revoke_gifts(
    tx: &mut Tx<'_>,
    user_id: i64,
    id: Option<i64>,
    operator: &Client,
    now: Timestamp,
) -> Result<usize, DbError> {
    users::lock_by_id(tx, user_id)?;
    let revoked = gifts::revoke(tx, user_id, id, now)?;
    if revoked > 0 {
        audit::insert(tx, user_id, Event::AccountChanged, operator, now)?;
    }
    Ok(revoked)
}
