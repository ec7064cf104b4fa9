//! The table `registrations`: registration attempts of the last hour per network, for rate limiting.

use diesel::prelude::*;

use crate::{
    base::clock::Timestamp,
    db::{
        DbConnection, DbError, Tx,
        advisory_lock::AdvisoryLock,
        dispatch,
        query_macros::{delete_batch, nth_last},
        schema::registrations,
    },
};

/// The time of the `nth` last attempt from a network after `since` and up to `until`; `None` if there are fewer.
pub fn nth_last(
    connection: &mut DbConnection,
    network: &str,
    nth: i64,
    since: Timestamp,
    until: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    nth_last!(connection, registrations.at, registrations::network.eq(network), nth, since, until)
}

/// Serializes registrations from this network until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, network: &str) -> Result<(), DbError> {
    AdvisoryLock::RegistrationsOfNetwork(network).acquire(tx)
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
