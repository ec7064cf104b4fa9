//! The table `totp_seeds`: the seeds of authenticator apps, encrypted.

use diesel::prelude::*;

use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError, Tx, dispatch, macros::delete_batch, schema::totp_seeds},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = totp_seeds)]
#[expect(missing_debug_implementations, reason = "seeds must not be shown, not even encrypted")]
pub struct TotpSeed {
    pub sealed: Vec<u8>,
    pub created_at: Timestamp,
    /// `None` until the first code was entered.
    pub confirmed_at: Option<Timestamp>,
}

/// Stores a seed that waits for its first code, in place of an earlier one. The user must be locked.
pub fn replace(tx: &mut Tx<'_>, user_id: i64, sealed: &[u8], now: Timestamp) -> Result<(), DbError> {
    delete(tx, user_id)?;
    let row = (totp_seeds::user_id.eq(user_id), totp_seeds::sealed.eq(sealed), totp_seeds::created_at.eq(now));
    dispatch!(tx.connection(), |c| diesel::insert_into(totp_seeds::table).values(row).execute(c))?;
    Ok(())
}

pub fn find(connection: &mut DbConnection, user_id: i64) -> Result<Option<TotpSeed>, DbError> {
    let found = dispatch!(connection, |c| totp_seeds::table
        .find(user_id)
        .select(TotpSeed::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

pub fn confirm(tx: &mut Tx<'_>, user_id: i64, now: Timestamp) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::update(totp_seeds::table.find(user_id))
        .set(totp_seeds::confirmed_at.eq(now))
        .execute(c))?;
    Ok(())
}

/// Uses up the code of a time step. Of several that try at the same time, one succeeds; codes of earlier steps are used
/// up too.
pub fn spend(tx: &mut Tx<'_>, user_id: i64, step: i64) -> Result<bool, DbError> {
    let is_unspent = totp_seeds::user_id.eq(user_id).and(totp_seeds::last_step.lt(step));
    let spent = dispatch!(tx.connection(), |c| diesel::update(totp_seeds::table.filter(is_unspent))
        .set(totp_seeds::last_step.eq(step))
        .execute(c))?;
    Ok(spent == 1)
}

/// Stores the same seed, encrypted under another key, unless it has changed since it was read as `former`. Returns
/// whether it was stored.
pub fn reseal(tx: &mut Tx<'_>, user_id: i64, former: &[u8], sealed: &[u8]) -> Result<bool, DbError> {
    let is_unchanged = totp_seeds::user_id.eq(user_id).and(totp_seeds::sealed.eq(former));
    let changed = dispatch!(tx.connection(), |c| diesel::update(totp_seeds::table.filter(is_unchanged))
        .set(totp_seeds::sealed.eq(sealed))
        .execute(c))?;
    Ok(changed == 1)
}

/// The next `max` encrypted seeds of users with ids above `user_id`.
pub fn after(connection: &mut DbConnection, user_id: i64, max: i64) -> Result<Vec<(i64, Vec<u8>)>, DbError> {
    let found = dispatch!(connection, |c| totp_seeds::table
        .filter(totp_seeds::user_id.gt(user_id))
        .order(totp_seeds::user_id)
        .limit(max)
        .select((totp_seeds::user_id, totp_seeds::sealed))
        .load(c));
    Ok(found?)
}

pub fn delete(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::delete(totp_seeds::table.find(user_id)).execute(c))?;
    Ok(())
}

/// Deletes up to `max` seeds from before `before` that were never confirmed, and returns their number.
pub fn delete_unconfirmed(tx: &mut Tx<'_>, before: Timestamp, max: i64) -> Result<usize, DbError> {
    let is_old = totp_seeds::confirmed_at.is_null().and(totp_seeds::created_at.lt(before));
    delete_batch!(tx, totp_seeds.user_id: i64, is_old, max)
}
