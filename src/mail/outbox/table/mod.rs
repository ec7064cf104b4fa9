//! The table `outbox`: messages that wait for their delivery, and those of the last days without their content.

mod claim;
mod maintenance;

use diesel::prelude::*;

pub use self::{
    claim::{Queued, claim, discard, extend_claim, has_due, mark_failed, mark_sent, postpone, resolve},
    maintenance::{
        Counts, Listed, count, delete_before, delete_unsent, list_unsent, retry, unsent_page, user_of_unsent,
    },
};
use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError, Tx, dispatch, schema::outbox},
};

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

pub fn insert(tx: &mut Tx<'_>, message: &NewMessage<'_>) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::insert_into(outbox::table).values(message).execute(c))?;
    Ok(())
}

/// The number of a user's messages of these kinds after `since` and up to `until`.
pub fn count_between(
    connection: &mut DbConnection,
    user_id: i64,
    kinds: &[&str],
    since: Timestamp,
    until: Timestamp,
) -> Result<i64, DbError> {
    let is_one = outbox::user_id.eq(user_id).and(outbox::kind.eq_any(kinds));
    let is_recent = outbox::created_at.gt(since).and(outbox::created_at.le(until));
    Ok(dispatch!(connection, |c| outbox::table.filter(is_one).filter(is_recent).count().get_result(c))?)
}

/// A waiting message: its id, its payload, and the seed of its token.
type Waiting = (i64, String, Option<Vec<u8>>);

/// Finds a user's message of this kind to this address that no worker has claimed yet. Locks it, so that none does.
pub fn find_waiting(tx: &mut Tx<'_>, user_id: i64, kind: &str, recipient: &str) -> Result<Option<Waiting>, DbError> {
    let of_user = outbox::user_id.eq(user_id).and(outbox::kind.eq(kind)).and(outbox::recipient.eq(recipient));
    let waiting = outbox::table.filter(of_user).filter(outbox::attempts.eq(0));
    let query = waiting.select((outbox::id, outbox::payload, outbox::seed)).limit(1);
    Ok(match tx.connection() {
        DbConnection::Sqlite(c) => query.get_result(c).optional()?,
        DbConnection::Postgres(c) => query.for_update().get_result(c).optional()?,
    })
}

/// Deletes a message that [`find_waiting`] has found.
pub fn delete_waiting(tx: &mut Tx<'_>, id: i64) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::delete(outbox::table.find(id)).execute(c))?;
    Ok(())
}

pub fn set_payload(tx: &mut Tx<'_>, id: i64, payload: &str) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::update(outbox::table.find(id)).set(outbox::payload.eq(payload)).execute(c))?;
    Ok(())
}
