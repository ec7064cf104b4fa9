//! The table `audit`: security events of accounts. Rows are never changed, only added and, after a time, deleted.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::Serialize;

pub use super::event::Event;
use crate::{
    base::{client::Client, clock::Timestamp},
    db::{
        DbConnection, DbError, Tx, dispatch,
        macros::{delete_batch, nth_last},
        schema::audit,
    },
};

#[derive(Clone, Debug, Serialize, Queryable, Selectable)]
#[diesel(table_name = audit)]
pub struct Entry {
    pub at: Timestamp,
    pub event: Event,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

pub fn insert(tx: &mut Tx<'_>, user_id: i64, event: Event, client: &Client, now: Timestamp) -> Result<(), DbError> {
    insert_of_many(tx, &[user_id], event, client, now)
}

/// Records the same event for each of these users, once, however often they are listed.
pub fn insert_of_many(
    tx: &mut Tx<'_>,
    user_ids: &[i64],
    event: Event,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    let ip = client.ip.to_string();
    let row = |user_id: &i64| {
        (
            audit::user_id.eq(*user_id),
            audit::event.eq(event),
            audit::at.eq(now),
            audit::ip.eq(ip.as_str()),
            audit::user_agent.eq(client.user_agent.as_deref()),
            audit::actor_id.eq(client.actor.as_ref().and_then(|actor| actor.user_id)),
            audit::actor.eq(client.actor.as_ref().map(|actor| actor.name.as_str())),
        )
    };
    let rows: Vec<_> = user_ids.iter().collect::<BTreeSet<_>>().into_iter().map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    dispatch!(tx.connection(), |c| diesel::insert_into(audit::table).values(rows).execute(c))?;
    Ok(())
}

/// Records that an account was deleted, with nothing of it but its id. `operator` is `None` if the user deleted it.
pub fn insert_deleted(tx: &mut Tx<'_>, user_id: i64, operator: Option<&Client>, now: Timestamp) -> Result<(), DbError> {
    let actor = operator.and_then(|operator| operator.actor.as_ref());
    let row = (
        audit::deleted_user_id.eq(user_id),
        audit::actor_id.eq(actor.and_then(|actor| actor.user_id)),
        audit::actor.eq(actor.map(|actor| actor.name.as_str())),
        audit::event.eq(Event::Deleted),
        audit::at.eq(now),
        audit::ip.eq(operator.map(|operator| operator.ip.to_string())),
        audit::user_agent.eq(operator.and_then(|operator| operator.user_agent.as_deref())),
    );
    dispatch!(tx.connection(), |c| diesel::insert_into(audit::table).values(row).execute(c))?;
    Ok(())
}

/// The last `limit` events of a user with ids below `before`, newest first, each with its id.
pub fn page(
    connection: &mut DbConnection,
    user_id: i64,
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, Entry)>, DbError> {
    let found = dispatch!(connection, |c| audit::table
        .filter(audit::user_id.eq(user_id))
        .filter(audit::id.lt(before))
        .order(audit::id.desc())
        .limit(limit)
        .select((audit::id, Entry::as_select()))
        .load(c));
    Ok(found?)
}

/// The last `max` events of a user, newest first.
pub fn list(connection: &mut DbConnection, user_id: i64, max: i64) -> Result<Vec<Entry>, DbError> {
    Ok(page(connection, user_id, i64::MAX, max)?.into_iter().map(|(_, entry)| entry).collect())
}

/// The time of the user's `nth` last event of these kinds after `since` and up to `until`; `None` if there are fewer.
pub fn nth_last(
    connection: &mut DbConnection,
    user_id: i64,
    events: &[Event],
    nth: i64,
    since: Timestamp,
    until: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    nth_last!(connection, audit.at, audit::user_id.eq(user_id).and(audit::event.eq_any(events)), nth, since, until)
}

/// Whether a user has had this event at a time or later.
pub fn has_since(connection: &mut DbConnection, user_id: i64, event: Event, since: Timestamp) -> Result<bool, DbError> {
    let is_one = audit::user_id.eq(user_id).and(audit::event.eq(event)).and(audit::at.ge(since)).assume_not_null();
    let found = diesel::dsl::exists(audit::table.filter(is_one));
    Ok(dispatch!(connection, |c| diesel::select(found).get_result(c))?)
}

/// Deletes up to `max` events before `before` and returns their number.
pub fn delete_before(tx: &mut Tx<'_>, before: Timestamp, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, audit.id: i64, audit::at.lt(before), max)
}
