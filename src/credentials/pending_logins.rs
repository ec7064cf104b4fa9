//! The table `pending_logins`: logins with a correct password that still need the second factor.

use diesel::prelude::*;

use crate::{
    base::clock::Timestamp,
    db::{
        DbConnection, DbError, Tx, dispatch,
        macros::{delete_batch, nth_last},
        schema::pending_logins,
    },
};

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = pending_logins)]
pub struct PendingLogin {
    pub id: i64,
    pub user_id: i64,
    /// The version of the password that was verified.
    pub password_version: i64,
    pub stay_signed_in: bool,
    pub expires_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = pending_logins)]
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct NewPendingLogin<'a> {
    pub token_hash: &'a [u8],
    pub user_id: i64,
    pub password_version: i64,
    pub stay_signed_in: bool,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

pub fn insert(tx: &mut Tx<'_>, pending: &NewPendingLogin<'_>) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::insert_into(pending_logins::table).values(pending).execute(c))?;
    Ok(())
}

/// The login with this token, if it has not expired.
pub fn find(connection: &mut DbConnection, token: &TokenHash, now: Timestamp) -> Result<Option<PendingLogin>, DbError> {
    let found = dispatch!(connection, |c| pending_logins::table
        .filter(pending_logins::token_hash.eq(token.as_slice()))
        .filter(pending_logins::expires_at.gt(now))
        .select(PendingLogin::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// The `nth` last login of a user that began between two times and has not been completed.
pub fn nth_last(
    connection: &mut DbConnection,
    user_id: i64,
    nth: i64,
    since: Timestamp,
    until: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    nth_last!(connection, pending_logins.created_at, pending_logins::user_id.eq(user_id), nth, since, until)
}

/// Ends a login. Of several that try at the same time, one succeeds.
pub fn consume(tx: &mut Tx<'_>, id: i64) -> Result<bool, DbError> {
    let consumed = dispatch!(tx.connection(), |c| diesel::delete(pending_logins::table.find(id)).execute(c))?;
    Ok(consumed == 1)
}

/// Ends the logins of a user except the `except` latest ones.
pub fn delete_oldest(tx: &mut Tx<'_>, user_id: i64, except: i64) -> Result<(), DbError> {
    let all = diesel::alias!(pending_logins as all_pending);
    let surplus = all
        .filter(all.field(pending_logins::user_id).eq(user_id))
        .order(all.field(pending_logins::id).desc())
        .offset(except)
        .select(all.field(pending_logins::id));
    dispatch!(tx.connection(), |c| diesel::delete(pending_logins::table)
        .filter(pending_logins::id.eq_any(surplus))
        .execute(c))?;
    Ok(())
}

pub fn delete_of_user(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    let of_user = pending_logins::user_id.eq(user_id);
    dispatch!(tx.connection(), |c| diesel::delete(pending_logins::table).filter(of_user).execute(c))?;
    Ok(())
}

/// Deletes up to `max` expired logins and returns their number.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, pending_logins.id: i64, pending_logins::expires_at.le(now), max)
}
