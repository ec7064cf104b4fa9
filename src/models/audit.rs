//! The table `audit`: what happened to an account. Rows are added and, when they are old, deleted; never changed.

use diesel::prelude::*;
use serde::Serialize;

pub use super::event::Event;
use crate::{
    client::Client,
    clock::Timestamp,
    db::{DbConnection, DbError, dispatch, schema::audit},
};

/// A row.
#[derive(Clone, Debug, Serialize, Queryable, Selectable)]
#[diesel(table_name = audit)]
pub struct Entry {
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
    /// From where, where that is known.
    pub ip: Option<String>,
    /// With which program, where that is known.
    pub user_agent: Option<String>,
}

/// Notes what happened to a user's account.
///
/// # Errors
/// The database's own; the user may be gone.
pub fn insert(
    connection: &mut DbConnection,
    user_id: i64,
    event: Event,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    let row = (
        audit::user_id.eq(user_id),
        audit::event.eq(event),
        audit::at.eq(now),
        audit::ip.eq(client.ip.to_string()),
        audit::user_agent.eq(client.user_agent.as_deref()),
    );
    dispatch!(connection, |c| diesel::insert_into(audit::table).values(row).execute(c))?;
    Ok(())
}

/// Notes that the same happened to the accounts of many users.
///
/// # Errors
/// The database's own; a user may be gone.
pub fn insert_of_many(
    connection: &mut DbConnection,
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
        )
    };
    let rows: Vec<_> = user_ids.iter().map(row).collect();
    dispatch!(connection, |c| diesel::insert_into(audit::table).values(rows).execute(c))?;
    Ok(())
}

/// Notes that an account was deleted, and not whose it was; by whom, unless it was the owner.
///
/// # Errors
/// The database's own.
pub fn insert_deleted(connection: &mut DbConnection, operator: Option<&Client>, now: Timestamp) -> Result<(), DbError> {
    let row = (
        audit::event.eq(Event::Deleted),
        audit::at.eq(now),
        audit::ip.eq(operator.map(|operator| operator.ip.to_string())),
        audit::user_agent.eq(operator.and_then(|operator| operator.user_agent.as_deref())),
    );
    dispatch!(connection, |c| diesel::insert_into(audit::table).values(row).execute(c))?;
    Ok(())
}

/// The last `limit` events of a user's account before the one with the id `before`, newest first, each with its id.
///
/// # Errors
/// The database's own.
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

/// The last `max` events of a user's account, newest first.
///
/// # Errors
/// The database's own.
pub fn list(connection: &mut DbConnection, user_id: i64, max: i64) -> Result<Vec<Entry>, DbError> {
    Ok(page(connection, user_id, i64::MAX, max)?.into_iter().map(|(_, entry)| entry).collect())
}

/// When the `nth` last of such events of a user's account after `since` and up to `until` happened, if there were so many.
///
/// # Errors
/// The database's own.
pub fn nth_last(
    connection: &mut DbConnection,
    user_id: i64,
    events: &[Event],
    nth: i64,
    since: Timestamp,
    until: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let found = dispatch!(connection, |c| audit::table
        .filter(audit::user_id.eq(user_id))
        .filter(audit::event.eq_any(events))
        .filter(audit::at.gt(since))
        .filter(audit::at.le(until))
        .order(audit::at.desc())
        .offset(nth - 1)
        .limit(1)
        .select(audit::at)
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Deletes up to `max` events before `before`; how many those were.
///
/// # Errors
/// The database's own.
pub fn delete_before(connection: &mut DbConnection, before: Timestamp, max: i64) -> Result<usize, DbError> {
    dispatch!(connection, |c| {
        let ids: Vec<i64> = audit::table.filter(audit::at.lt(before)).limit(max).select(audit::id).load(c)?;
        Ok(diesel::delete(audit::table).filter(audit::id.eq_any(ids)).execute(c)?)
    })
}
