//! The table `trusted_browsers`: browsers that need no second factor.

use diesel::prelude::*;

use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError, Tx, dispatch, macros::delete_batch, schema::trusted_browsers},
};

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

#[derive(Insertable)]
#[diesel(table_name = trusted_browsers)]
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct NewTrustedBrowser<'a> {
    pub token_hash: &'a [u8],
    pub user_id: i64,
    pub password_version: i64,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Adds a browser and returns its id.
pub fn insert(tx: &mut Tx<'_>, browser: &NewTrustedBrowser<'_>) -> Result<i64, DbError> {
    Ok(dispatch!(tx.connection(), |c| diesel::insert_into(trusted_browsers::table)
        .values(browser)
        .returning(trusted_browsers::id)
        .get_result(c))?)
}

/// The id of the browser with this token, if this user with this password trusts it.
pub fn find(
    connection: &mut DbConnection,
    token: &TokenHash,
    user_id: i64,
    password_version: i64,
    now: Timestamp,
) -> Result<Option<i64>, DbError> {
    let found = dispatch!(connection, |c| trusted_browsers::table
        .filter(trusted_browsers::token_hash.eq(token.as_slice()))
        .filter(trusted_browsers::user_id.eq(user_id))
        .filter(trusted_browsers::password_version.eq(password_version))
        .filter(trusted_browsers::expires_at.gt(now))
        .select(trusted_browsers::id)
        .get_result(c)
        .optional());
    Ok(found?)
}

/// The ids of the user's browsers whose trust has not expired.
pub fn list_live(connection: &mut DbConnection, user_id: i64, now: Timestamp) -> Result<Vec<i64>, DbError> {
    Ok(dispatch!(connection, |c| trusted_browsers::table
        .filter(trusted_browsers::user_id.eq(user_id))
        .filter(trusted_browsers::expires_at.gt(now))
        .select(trusted_browsers::id)
        .load(c))?)
}

pub fn delete(tx: &mut Tx<'_>, user_id: i64, id: i64) -> Result<(), DbError> {
    let is_one = trusted_browsers::id.eq(id).and(trusted_browsers::user_id.eq(user_id));
    dispatch!(tx.connection(), |c| diesel::delete(trusted_browsers::table).filter(is_one).execute(c))?;
    Ok(())
}

/// Ends the trust in the user's browsers, except this one if there is one. Returns their number.
pub fn delete_others(tx: &mut Tx<'_>, user_id: i64, except: Option<i64>) -> Result<usize, DbError> {
    // No browser has the id 0.
    let is_other = trusted_browsers::user_id.eq(user_id).and(trusted_browsers::id.ne(except.unwrap_or(0)));
    Ok(dispatch!(tx.connection(), |c| diesel::delete(trusted_browsers::table).filter(is_other).execute(c))?)
}

/// Deletes up to `max` expired browsers and returns their number.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, trusted_browsers.id: i64, trusted_browsers::expires_at.le(now), max)
}
