//! What an operator does to an account. Each is recorded in the account's audit.

use super::{
    lock_outs::{self, LockOut},
    throttle::account_hash,
};
use crate::{
    client::Client,
    clock::Timestamp,
    db::{DbConnection, DbError},
    models::{
        audit::{self, Event},
        failed_passwords,
        users::{self, Role, User},
    },
};

/// Sets whether a user may sign in; the user afterwards, `None` if there is none.
///
/// # Errors
/// The database cannot serve.
pub fn set_active(
    connection: &mut DbConnection,
    user_id: i64,
    is_active: bool,
    operator: &Client,
    now: Timestamp,
) -> Result<Option<User>, DbError> {
    let Some(user) = users::lock_by_id(connection, user_id)? else { return Ok(None) };
    if user.is_active != is_active {
        users::set_active(connection, user_id, is_active)?;
        audit::insert(connection, user_id, Event::AccountChanged, operator, now)?;
    }
    Ok(Some(User { is_active, ..user }))
}

/// Sets what a user may do; the user afterwards, `None` if there is none.
///
/// # Errors
/// The database cannot serve.
pub fn set_role(
    connection: &mut DbConnection,
    user_id: i64,
    role: Role,
    operator: &Client,
    now: Timestamp,
) -> Result<Option<User>, DbError> {
    let Some(user) = users::lock_by_id(connection, user_id)? else { return Ok(None) };
    if user.role != role {
        users::set_role(connection, user_id, role)?;
        audit::insert(connection, user_id, Event::AccountChanged, operator, now)?;
    }
    Ok(Some(User { role, ..user }))
}

/// What unlocking an account did.
#[derive(Clone, Debug)]
pub struct Unlocked {
    /// How many wrong passwords no longer count.
    pub forgotten: usize,
    /// What still keeps the user out: too many sign-ins, or a network from which other accounts were tried.
    pub lock_outs: Vec<LockOut>,
}

/// Forgets the wrong passwords for a user's account; `None` if there is no such user.
///
/// # Errors
/// The database cannot serve.
pub fn unlock(
    connection: &mut DbConnection,
    user_id: i64,
    operator: &Client,
    now: Timestamp,
) -> Result<Option<Unlocked>, DbError> {
    let Some(user) = users::lock_by_id(connection, user_id)? else { return Ok(None) };
    let account = account_hash(&user.username);
    let networks = failed_passwords::networks(connection, &account)?;
    let forgotten = failed_passwords::delete(connection, &account, None)?;
    if forgotten > 0 {
        audit::insert(connection, user_id, Event::AccountChanged, operator, now)?;
    }
    let lock_outs = lock_outs::of(connection, &user, networks, now)?;
    Ok(Some(Unlocked { forgotten, lock_outs }))
}
