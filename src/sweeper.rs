//! Deletes rows that are over or too old to matter. Nothing depends on it but the size of the tables.

use std::time::Duration;

use crate::{
    auth::accounts,
    clock::Timestamp,
    db::{Db, DbConnection, DbError},
    models::{sessions, stripe_events},
};

/// Rows of each table in one transaction: few enough that other writes need not wait for long.
const BATCH: i64 = 1000;

/// How long Stripe's events are known again: it sends one for days, and by hand for a month. One that came later still
/// would change nothing: it would be older than what is known.
const EVENTS_KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Deletes sessions that are over, events older than `audit_keep`, failures that count no more and Stripe's events that
/// will not come again; how many those were.
///
/// # Errors
/// The database cannot serve.
pub async fn sweep(db: &Db, now: Timestamp, audit_keep: Duration) -> Result<usize, DbError> {
    let audit_before = now.before(audit_keep);
    let mut swept = 0;
    loop {
        let batch = move |connection: &mut DbConnection| {
            let over = sessions::delete_expired(connection, now, BATCH)?;
            let events = stripe_events::delete_before(connection, now.before(EVENTS_KEPT), BATCH)?;
            Ok::<_, DbError>(over + events + accounts::sweep(connection, audit_before, now, BATCH)?)
        };
        match db.write(batch).await? {
            0 => return Ok(swept),
            batch => swept += batch,
        }
    }
}
