//! Adds, changes and deletes users.

use diesel::prelude::*;

use super::{NewUser, Role, SaveError, User, UserChanges};
use crate::{
    base::clock::Timestamp,
    db::{CacheTag, DbError, Tx, dispatch, schema::users},
};

pub fn insert(tx: &mut Tx<'_>, user: &NewUser) -> Result<User, SaveError> {
    let inserted = dispatch!(tx.connection(), |c| diesel::insert_into(users::table)
        .values(user)
        .returning(User::as_returning())
        .get_result(c));
    Ok(inserted.map_err(DbError::from)?)
}

/// # Errors
/// The username or email address is taken, or the user does not exist.
pub fn update(tx: &mut Tx<'_>, id: i64, changes: &UserChanges) -> Result<User, SaveError> {
    tx.invalidate(CacheTag::User(id));
    let updated = dispatch!(tx.connection(), |c| diesel::update(users::table)
        .filter(users::id.eq(id))
        .set(changes)
        .returning(User::as_returning())
        .get_result(c));
    Ok(updated.map_err(DbError::from)?)
}

/// Sets whether a user may sign in. When a user is disabled, a trigger ends the sessions and records the event.
pub fn set_active(tx: &mut Tx<'_>, id: i64, is_active: bool) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id))
        .set(users::is_active.eq(is_active))
        .execute(c))?;
    Ok(())
}

pub fn set_role(tx: &mut Tx<'_>, id: i64, role: Role) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id)).set(users::role.eq(role)).execute(c))?;
    Ok(())
}

/// Sets whether an authenticator app is enrolled as a second factor.
pub fn set_has_totp(tx: &mut Tx<'_>, id: i64, has_totp: bool) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id)).set(users::has_totp.eq(has_totp)).execute(c))?;
    Ok(())
}

/// Sets whether a passkey is enrolled as a second factor.
pub fn set_has_passkey(tx: &mut Tx<'_>, id: i64, has_passkey: bool) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    let is_set = users::has_passkey.eq(has_passkey);
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id)).set(is_set).execute(c))?;
    Ok(())
}

pub fn set_subscribed_until(tx: &mut Tx<'_>, id: i64, until: Option<Timestamp>) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id))
        .set(users::subscribed_until.eq(until))
        .execute(c))?;
    Ok(())
}

/// Deletes a user and all rows that belong to the user.
pub fn delete(tx: &mut Tx<'_>, id: i64) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    dispatch!(tx.connection(), |c| diesel::delete(users::table).filter(users::id.eq(id)).execute(c))?;
    Ok(())
}
