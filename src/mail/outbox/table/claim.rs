//! Delivery: a worker claims a message that is due, so that no other one sends it, and records the outcome.

use diesel::prelude::*;

use crate::{
    base::clock::Timestamp,
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

/// Whether a message is due. Times after `latest` count as past.
pub fn has_due(connection: &mut DbConnection, now: Timestamp, latest: Timestamp) -> Result<bool, DbError> {
    let due = diesel::dsl::exists(outbox::table.filter(is_due!(now, latest)));
    Ok(dispatch!(connection, |c| diesel::select(due).get_result(c))?)
}

/// Claims the message that has been due for the longest time, until `claimed_until`, unless its recipient is about to receive
/// one of the messages `sending`: a mailbox receives its messages in the order in which they were added.
pub fn claim(
    tx: &mut Tx<'_>,
    now: Timestamp,
    latest: Timestamp,
    claimed_until: Timestamp,
    sending: &[i64],
) -> Result<Option<Queued>, DbError> {
    let other = diesel::alias!(outbox as other);
    let recipients = other.filter(other.field(outbox::id).eq_any(sending)).select(other.field(outbox::recipient));
    let next = outbox::table
        .filter(is_due!(now, latest))
        .filter(outbox::recipient.ne_all(recipients))
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
