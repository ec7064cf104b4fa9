//! The table `registrations`: registration attempts of the last hour per network, for rate limiting.

use diesel::{prelude::*, sql_query, sql_types::Text};

use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, Tx, dispatch, schema::registrations},
    models::delete_batch::delete_batch,
};

/// The time of the `nth` last attempt from a network after `since` and up to `until`; `None` if there are fewer.
pub fn nth_last(
    connection: &mut DbConnection,
    network: &str,
    nth: i64,
    since: Timestamp,
    until: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let found = dispatch!(connection, |c| registrations::table
        .filter(registrations::network.eq(network))
        .filter(registrations::at.gt(since))
        .filter(registrations::at.le(until))
        .order(registrations::at.desc())
        .offset(nth - 1)
        .limit(1)
        .select(registrations::at)
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Serializes registrations from this network until the transaction ends. SQLite needs no lock, because it has a single
/// writer.
pub fn lock(tx: &mut Tx<'_>, network: &str) -> Result<(), DbError> {
    if let DbConnection::Postgres(c) = tx.connection() {
        sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))").bind::<Text, _>(network).execute(c)?;
    }
    Ok(())
}

pub fn insert(tx: &mut Tx<'_>, network: &str, now: Timestamp) -> Result<(), DbError> {
    let row = (registrations::network.eq(network), registrations::at.eq(now));
    dispatch!(tx.connection(), |c| diesel::insert_into(registrations::table).values(row).execute(c))?;
    Ok(())
}

/// Deletes up to `max` rows before `before` and returns their number.
pub fn delete_before(tx: &mut Tx<'_>, before: Timestamp, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, registrations.id: i64, registrations::at.lt(before), max)
}
