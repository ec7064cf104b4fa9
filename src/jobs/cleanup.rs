//! Deletes rows that are over or too old to matter. Nothing depends on it but the size of the tables.

use std::time::Duration;

use crate::{
    accounts::account,
    clock::Timestamp,
    config::RetentionConfig,
    db::{Db, DbConnection, DbError},
    models::{reads, sessions, stripe_events, user_activity},
};

/// Rows of each table in one transaction: few enough that other writes need not wait for long.
const BATCH: i64 = 1000;

/// How long Stripe's events are known again: it sends one for days, and by hand for a month. One that came later still
/// would change nothing: it would be older than what is known.
const EVENTS_KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Deletes sessions that are over, what is older than `keep` says, failures that count no more and Stripe's events that will
/// not come again; how many rows those were.
///
/// # Errors
/// The database cannot serve.
pub async fn cleanup(db: &Db, now: Timestamp, keep: RetentionConfig) -> Result<usize, DbError> {
    let audit_before = now.before(keep.audit);
    // Whole days, so that the statistics of a day are complete or gone.
    let reads_before = Timestamp::from_day(now.before(keep.reads).day());
    let mut deleted = 0;
    loop {
        let batch = move |connection: &mut DbConnection| {
            let over = sessions::delete_expired(connection, now, BATCH)?;
            let events = stripe_events::delete_before(connection, now.before(EVENTS_KEPT), BATCH)?;
            let reads = reads::delete_before(connection, reads_before, BATCH)?;
            Ok::<_, DbError>(over + events + reads + account::cleanup(connection, audit_before, now, BATCH)?)
        };
        match db.write(batch).await? {
            0 => break,
            batch => deleted += batch,
        }
    }
    match keep.inactive_accounts {
        Some(keep) => Ok(deleted + delete_inactive(db, now, keep).await?),
        None => Ok(deleted),
    }
}

/// Deletes accounts that were not used for so long. Those whose last use is not known, because they were imported or are
/// older than its noting, are counted from now.
async fn delete_inactive(db: &Db, now: Timestamp, keep: Duration) -> Result<usize, DbError> {
    while db.write(move |connection| user_activity::start_last_seen(connection, now, BATCH)).await? > 0 {}
    let (mut deleted, before) = (0, now.before(keep));
    while db.write(move |connection| account::erase_inactive(connection, before, now)).await? {
        deleted += 1;
    }
    if deleted > 0 {
        tracing::info!(deleted, "deleted inactive accounts");
    }
    Ok(deleted)
}
