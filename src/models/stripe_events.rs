//! The table `stripe_events`: which events were taken.

use diesel::{prelude::*, sql_query, sql_types::BigInt};

use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, dispatch, schema::stripe_events},
};

/// A number that nothing else locks: the letters "stripe".
const LOCK: i64 = 0x7374_7269_7065;

/// Makes other nodes that take an event wait until this transaction ends. SQLite has one writer as it is.
///
/// # Errors
/// The database's own.
pub fn lock(connection: &mut DbConnection) -> Result<(), DbError> {
    if let DbConnection::Postgres(c) = connection {
        sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(LOCK).execute(c)?;
    }
    Ok(())
}

/// Takes an event; whether it was not taken before.
///
/// # Errors
/// The database's own.
pub fn insert(connection: &mut DbConnection, id: &str, now: Timestamp) -> Result<bool, DbError> {
    let row = (stripe_events::id.eq(id), stripe_events::received_at.eq(now));
    let inserted = dispatch!(connection, |c| diesel::insert_into(stripe_events::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(inserted == 1)
}

/// Whether an event was taken.
///
/// # Errors
/// The database's own.
pub fn is_processed(connection: &mut DbConnection, id: &str) -> Result<bool, DbError> {
    let found = stripe_events::table.find(id);
    Ok(dispatch!(connection, |c| diesel::select(diesel::dsl::exists(found)).get_result(c))?)
}

/// Deletes up to `max` events that were received before `before`; how many those were.
///
/// # Errors
/// The database's own.
pub fn delete_before(connection: &mut DbConnection, before: Timestamp, max: i64) -> Result<usize, DbError> {
    dispatch!(connection, |c| {
        let old = stripe_events::table.filter(stripe_events::received_at.lt(before)).limit(max);
        let ids: Vec<String> = old.select(stripe_events::id).load(c)?;
        Ok(diesel::delete(stripe_events::table).filter(stripe_events::id.eq_any(ids)).execute(c)?)
    })
}
