//! Queries of operators, and the cleanup.

use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Nullable},
};
use serde::Serialize;

use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError, Tx, dispatch, macros::delete_batch, schema::outbox},
};

/// A message as an operator sees it.
#[derive(Clone, Debug, Serialize, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Listed {
    pub id: i64,
    pub kind: String,
    pub recipient: String,
    pub created_at: Timestamp,
    pub next_attempt_at: Timestamp,
    pub attempts: i64,
    pub last_error: Option<String>,
    pub failed_at: Option<Timestamp>,
}

/// The numbers of queued and failed messages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub queued: i64,
    pub failed: i64,
    /// When the longest-waiting message became due. Messages that are scheduled for later do not count.
    pub oldest: Option<Timestamp>,
}

/// The messages that are queued or have failed, oldest first.
pub fn list_unsent(connection: &mut DbConnection, after: i64, max: i64) -> Result<Vec<Listed>, DbError> {
    let found = dispatch!(connection, |c| outbox::table
        .filter(outbox::sent_at.is_null())
        .filter(outbox::id.gt(after))
        .order(outbox::id)
        .limit(max)
        .select(Listed::as_select())
        .load(c));
    Ok(found?)
}

/// The last `limit` messages with ids below `before` that are queued or have failed, newest first.
pub fn unsent_page(connection: &mut DbConnection, before: i64, limit: i64) -> Result<Vec<Listed>, DbError> {
    let unsent = outbox::table.filter(outbox::sent_at.is_null()).filter(outbox::id.lt(before));
    let page = unsent.order(outbox::id.desc()).limit(limit);
    Ok(dispatch!(connection, |c| page.select(Listed::as_select()).load(c))?)
}

/// Deletes a message that is queued or has failed. Returns its user, if it has one; `None` if there is no such message.
pub fn delete_unsent(tx: &mut Tx<'_>, id: i64) -> Result<Option<Option<i64>>, DbError> {
    let unsent = outbox::table.find(id).filter(outbox::sent_at.is_null());
    let deleted =
        dispatch!(tx.connection(), |c| diesel::delete(unsent).returning(outbox::user_id).get_result(c).optional());
    Ok(deleted?)
}

/// The user of a message that is queued or has failed; `None` if there is no such message.
pub fn user_of_unsent(connection: &mut DbConnection, id: i64) -> Result<Option<Option<i64>>, DbError> {
    let unsent = outbox::table.find(id).filter(outbox::sent_at.is_null()).select(outbox::user_id);
    Ok(dispatch!(connection, |c| unsent.get_result(c).optional())?)
}

/// Makes unsent messages due now: one, or all whose last attempt failed. Returns their number.
pub fn retry(tx: &mut Tx<'_>, id: Option<i64>, now: Timestamp) -> Result<usize, DbError> {
    let changes = (
        outbox::failed_at.eq(None::<Timestamp>),
        outbox::next_attempt_at.eq(now),
        // Delivery is given up 24 hours after `created_at`; this starts the time again.
        outbox::created_at.eq(now),
    );
    let unsent = outbox::sent_at.is_null();
    // Also those that wait for their next attempt: after an outage, that may be an hour away. Messages that were never
    // attempted keep their time, because notices are held back to be sent together.
    let has_failed = outbox::failed_at.is_not_null().or(outbox::last_error.is_not_null());
    let changed = dispatch!(tx.connection(), |c| match id {
        Some(id) => diesel::update(outbox::table).filter(unsent.and(outbox::id.eq(id))).set(changes).execute(c),
        None => diesel::update(outbox::table).filter(unsent.and(has_failed)).set(changes).execute(c),
    });
    Ok(changed?)
}

pub fn count(connection: &mut DbConnection) -> Result<Counts, DbError> {
    // A failed message was not sent, which lets the index be used.
    let unsent = outbox::sent_at.is_null();
    let (waiting, failed) = (unsent.and(outbox::failed_at.is_null()), unsent.and(outbox::failed_at.is_not_null()));
    let oldest = sql::<Nullable<BigInt>>("min(CASE WHEN attempts = 0 THEN next_attempt_at ELSE created_at END)");
    Ok(dispatch!(connection, |c| Counts {
        queued: outbox::table.filter(waiting).count().get_result(c)?,
        failed: outbox::table.filter(failed).count().get_result(c)?,
        oldest: outbox::table.filter(waiting).select(oldest).get_result(c)?,
    }))
}

/// Deletes up to `max` messages that were created before `before` and are sent or failed; returns their number.
pub fn delete_before(tx: &mut Tx<'_>, before: Timestamp, max: i64) -> Result<usize, DbError> {
    let is_done = outbox::sent_at.is_not_null().or(outbox::failed_at.is_not_null());
    let is_old = outbox::created_at.lt(before).and(is_done);
    delete_batch!(tx, outbox.id: i64, is_old, max)
}
