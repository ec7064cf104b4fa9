//! The table `outbox`: messages that wait for their delivery, and those of the last days without their content.

use diesel::{dsl::sql, prelude::*, sql_types::BigInt};
use serde::Serialize;

use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, Tx, dispatch, schema::outbox},
};

/// A message to deliver. Its `Debug` output would show an address.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = outbox)]
#[expect(missing_debug_implementations, reason = "the seed must not be shown")]
pub struct Queued {
    pub id: i64,
    pub kind: String,
    pub user_id: Option<i64>,
    pub recipient: String,
    pub payload: String,
    pub seed: Option<Vec<u8>>,
    pub token_expires_at: Option<Timestamp>,
    pub message_id: String,
    pub created_at: Timestamp,
    /// Identifies this claim: incremented with each.
    pub attempts: i64,
}

#[derive(Insertable)]
#[diesel(table_name = outbox)]
#[expect(missing_debug_implementations, reason = "the seed must not be shown")]
pub struct NewMessage<'m> {
    pub kind: &'m str,
    pub user_id: Option<i64>,
    pub recipient: &'m str,
    pub payload: &'m str,
    pub seed: Option<&'m [u8]>,
    pub token_expires_at: Option<Timestamp>,
    pub message_id: &'m str,
    pub created_at: Timestamp,
    pub next_attempt_at: Timestamp,
}

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

/// What waits and what failed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub queued: i64,
    pub failed: i64,
    /// Since when the message waits that has waited longest. One that is due later does not wait yet.
    pub oldest: Option<Timestamp>,
}

/// A message that a worker may deliver: it is due and unclaimed. Times far in the future were written before the clock
/// was set back; if they counted, the message would wait until the clock catches up.
macro_rules! is_due {
    ($now:expr, $latest:expr) => {
        outbox::sent_at
            .is_null()
            .and(outbox::failed_at.is_null())
            .and(outbox::next_attempt_at.le($now).or(outbox::next_attempt_at.gt($latest)))
            .and(
                outbox::claimed_until
                    .is_null()
                    .or(outbox::claimed_until.le($now))
                    .or(outbox::claimed_until.gt($latest))
                    .assume_not_null(),
            )
    };
}

pub fn insert(tx: &mut Tx<'_>, message: &NewMessage<'_>) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::insert_into(outbox::table).values(message).execute(c))?;
    Ok(())
}

/// Whether a message is due. Times after `latest` count as past.
pub fn has_due(connection: &mut DbConnection, now: Timestamp, latest: Timestamp) -> Result<bool, DbError> {
    let due = diesel::dsl::exists(outbox::table.filter(is_due!(now, latest)));
    Ok(dispatch!(connection, |c| diesel::select(due).get_result(c))?)
}

/// Claims the message that has been due for the longest time, until `claimed_until`.
pub fn claim(
    tx: &mut Tx<'_>,
    now: Timestamp,
    latest: Timestamp,
    claimed_until: Timestamp,
) -> Result<Option<Queued>, DbError> {
    let next = outbox::table
        .filter(is_due!(now, latest))
        .order((outbox::next_attempt_at, outbox::id))
        .limit(1)
        .select(outbox::id);
    let id: Option<i64> = match tx.connection() {
        DbConnection::Sqlite(c) => next.get_result(c).optional()?,
        // Other nodes take the next one instead of waiting for this one.
        DbConnection::Postgres(c) => next.for_update().skip_locked().get_result(c).optional()?,
    };
    let Some(id) = id else { return Ok(None) };
    let claim = (outbox::claimed_until.eq(claimed_until), outbox::attempts.eq(outbox::attempts + 1));
    let claimed = dispatch!(tx.connection(), |c| diesel::update(outbox::table.find(id))
        .set(claim)
        .returning(Queued::as_returning())
        .get_result(c)
        .optional());
    Ok(claimed?)
}

/// Updates a claimed message, unless another worker has claimed it since; returns whether it was updated.
macro_rules! update_claimed {
    ($tx:expr, $message:expr, $changes:expr) => {{
        let is_claimed = outbox::id.eq($message.id).and(outbox::attempts.eq($message.attempts));
        let changed =
            dispatch!($tx.connection(), |c| diesel::update(outbox::table).filter(is_claimed).set($changes).execute(c))?;
        Ok(changed == 1)
    }};
}

pub fn extend_claim(tx: &mut Tx<'_>, message: &Queued, claimed_until: Timestamp) -> Result<bool, DbError> {
    update_claimed!(tx, message, outbox::claimed_until.eq(claimed_until))
}

/// Turns a request into the message that it asked for, which the same claim delivers.
pub fn resolve(tx: &mut Tx<'_>, message: &Queued) -> Result<bool, DbError> {
    let changes = (
        outbox::kind.eq(&message.kind),
        outbox::user_id.eq(message.user_id),
        outbox::recipient.eq(&message.recipient),
        outbox::payload.eq(&message.payload),
        outbox::seed.eq(message.seed.as_deref()),
        outbox::token_expires_at.eq(message.token_expires_at),
    );
    update_claimed!(tx, message, changes)
}

/// Records the delivery, and erases the content.
pub fn mark_sent(tx: &mut Tx<'_>, message: &Queued, now: Timestamp) -> Result<bool, DbError> {
    let changes = (
        outbox::sent_at.eq(now),
        outbox::recipient.eq(""),
        outbox::payload.eq("{}"),
        outbox::seed.eq(None::<Vec<u8>>),
        outbox::claimed_until.eq(None::<Timestamp>),
        outbox::last_error.eq(None::<String>),
    );
    update_claimed!(tx, message, changes)
}

/// Schedules the next attempt.
pub fn postpone(tx: &mut Tx<'_>, message: &Queued, error: &str, next: Timestamp) -> Result<bool, DbError> {
    let changes =
        (outbox::next_attempt_at.eq(next), outbox::claimed_until.eq(None::<Timestamp>), outbox::last_error.eq(error));
    update_claimed!(tx, message, changes)
}

/// Gives up until an operator retries.
pub fn mark_failed(tx: &mut Tx<'_>, message: &Queued, error: &str, now: Timestamp) -> Result<bool, DbError> {
    let changes =
        (outbox::failed_at.eq(now), outbox::claimed_until.eq(None::<Timestamp>), outbox::last_error.eq(error));
    update_claimed!(tx, message, changes)
}

/// Deletes a message that must not be delivered any more.
pub fn discard(tx: &mut Tx<'_>, message: &Queued) -> Result<(), DbError> {
    let is_claimed = outbox::id.eq(message.id).and(outbox::attempts.eq(message.attempts));
    dispatch!(tx.connection(), |c| diesel::delete(outbox::table).filter(is_claimed).execute(c))?;
    Ok(())
}

/// The messages that wait or failed, oldest first.
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

/// Makes unsent messages due now: one, or all that failed. Returns their number.
pub fn retry(tx: &mut Tx<'_>, id: Option<i64>, now: Timestamp) -> Result<usize, DbError> {
    let changes = (
        outbox::failed_at.eq(None::<Timestamp>),
        outbox::next_attempt_at.eq(now),
        // Another 24 hours.
        outbox::created_at.eq(now),
    );
    let unsent = outbox::sent_at.is_null();
    let changed = dispatch!(tx.connection(), |c| match id {
        Some(id) => diesel::update(outbox::table).filter(unsent.and(outbox::id.eq(id))).set(changes).execute(c),
        None =>
            diesel::update(outbox::table).filter(unsent.and(outbox::failed_at.is_not_null())).set(changes).execute(c),
    });
    Ok(changed?)
}

pub fn count(connection: &mut DbConnection) -> Result<Counts, DbError> {
    let (waiting, failed) =
        (outbox::sent_at.is_null().and(outbox::failed_at.is_null()), outbox::failed_at.is_not_null());
    let oldest = sql::<diesel::sql_types::Nullable<BigInt>>(
        "min(CASE WHEN attempts = 0 THEN next_attempt_at ELSE created_at END)",
    );
    Ok(dispatch!(connection, |c| Counts {
        queued: outbox::table.filter(waiting).count().get_result(c)?,
        failed: outbox::table.filter(failed).count().get_result(c)?,
        oldest: outbox::table.filter(waiting).select(oldest).get_result(c)?,
    }))
}

/// Deletes up to `max` messages that were created before `before` and are sent or failed; returns their number.
pub fn delete_before(tx: &mut Tx<'_>, before: Timestamp, max: i64) -> Result<usize, DbError> {
    let is_done = outbox::sent_at.is_not_null().or(outbox::failed_at.is_not_null());
    dispatch!(tx.connection(), |c| {
        let old = outbox::table.filter(outbox::created_at.lt(before)).filter(is_done).limit(max);
        let ids: Vec<i64> = old.select(outbox::id).load(c)?;
        Ok(diesel::delete(outbox::table).filter(outbox::id.eq_any(ids)).execute(c)?)
    })
}

/// The number of a user's messages of these kinds since `since`.
pub fn count_since(
    connection: &mut DbConnection,
    user_id: i64,
    kinds: &[&str],
    since: Timestamp,
) -> Result<i64, DbError> {
    let is_one = outbox::user_id.eq(user_id).and(outbox::created_at.gt(since)).and(outbox::kind.eq_any(kinds));
    Ok(dispatch!(connection, |c| outbox::table.filter(is_one).count().get_result(c))?)
}

/// The id and the payload of a user's message of this kind that no worker has claimed yet. Locks it, so that none does.
pub fn find_waiting(tx: &mut Tx<'_>, user_id: i64, kind: &str) -> Result<Option<(i64, String)>, DbError> {
    let is_waiting = outbox::user_id.eq(user_id).and(outbox::kind.eq(kind)).and(outbox::attempts.eq(0));
    let query = outbox::table.filter(is_waiting).select((outbox::id, outbox::payload)).limit(1);
    Ok(match tx.connection() {
        DbConnection::Sqlite(c) => query.get_result(c).optional()?,
        DbConnection::Postgres(c) => query.for_update().get_result(c).optional()?,
    })
}

pub fn set_payload(tx: &mut Tx<'_>, id: i64, payload: &str) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::update(outbox::table.find(id)).set(outbox::payload.eq(payload)).execute(c))?;
    Ok(())
}
