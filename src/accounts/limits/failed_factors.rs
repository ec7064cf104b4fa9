//! The table `failed_factors`: wrong codes of the last 15 minutes, for rate limiting.

use diesel::prelude::*;

use crate::{
    base::clock::Timestamp,
    db::{
        DbConnection, DbError, Tx, dispatch,
        query_macros::{delete_batch, nth_last},
        schema::failed_factors,
    },
};

/// The time of the user's `nth` last wrong code after `since` and up to `until`; `None` if there are fewer.
pub fn nth_last(
    connection: &mut DbConnection,
    user_id: i64,
    nth: i64,
    since: Timestamp,
    until: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    nth_last!(connection, failed_factors.at, failed_factors::user_id.eq(user_id), nth, since, until)
}

/// Adds a wrong code. The user must be locked, so that no two transactions decide on the same count.
pub fn insert(tx: &mut Tx<'_>, user_id: i64, now: Timestamp) -> Result<(), DbError> {
    let row = (failed_factors::user_id.eq(user_id), failed_factors::at.eq(now));
    dispatch!(tx.connection(), |c| diesel::insert_into(failed_factors::table).values(row).execute(c))?;
    Ok(())
}

/// Forgets the wrong codes of a user, and returns their number.
pub fn delete_of_user(tx: &mut Tx<'_>, user_id: i64) -> Result<usize, DbError> {
    let of_user = failed_factors::user_id.eq(user_id);
    Ok(dispatch!(tx.connection(), |c| diesel::delete(failed_factors::table).filter(of_user).execute(c))?)
}

/// Deletes up to `max` rows before `before` and returns their number.
pub fn delete_before(tx: &mut Tx<'_>, before: Timestamp, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, failed_factors.id: i64, failed_factors::at.lt(before), max)
}
