//! The table `stripe_events`: which events have been processed.

use diesel::prelude::*;

use crate::{
    base::clock::Timestamp,
    db::{
        DbConnection, DbError, Tx, advisory_lock::AdvisoryLock, dispatch, macros::delete_batch, schema::stripe_events,
    },
};

/// Serializes the processing of events on all nodes until the transaction ends.
pub fn lock(tx: &mut Tx<'_>) -> Result<(), DbError> {
    AdvisoryLock::StripeEvents.acquire(tx)
}

/// Marks an event as processed; returns `false` if it already was.
pub fn insert(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<bool, DbError> {
    let row = (stripe_events::id.eq(id), stripe_events::received_at.eq(now));
    let inserted = dispatch!(tx.connection(), |c| diesel::insert_into(stripe_events::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(inserted == 1)
}

pub fn is_processed(connection: &mut DbConnection, id: &str) -> Result<bool, DbError> {
    let found = stripe_events::table.find(id);
    Ok(dispatch!(connection, |c| diesel::select(diesel::dsl::exists(found)).get_result(c))?)
}

/// Deletes up to `max` events that were received before `before` and returns their number.
pub fn delete_before(tx: &mut Tx<'_>, before: Timestamp, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, stripe_events.id: String, stripe_events::received_at.lt(before), max)
}
