//! Deletes expired and outdated rows. This only limits the size of the tables; nothing else depends on it.

use std::time::Duration;

use crate::{
    accounts,
    clock::Timestamp,
    config::RetentionConfig,
    db::{Db, DbError, Tx},
    models::{reads, sessions, stripe_events, user_activity},
};

/// The maximum number of rows of each table per transaction, so that other writes do not wait long.
const BATCH: i64 = 1000;

/// How long processed Stripe events are remembered. Stripe retries an event for days, and allows resending it manually
/// for a month. An event repeated even later would change nothing, because it would be older than the known facts.
const EVENTS_KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Deletes expired sessions, rows older than `keep` allows, failures that no longer count, and Stripe events that will
/// not be repeated. Returns the number of deleted rows.
/// The database cannot serve.
pub async fn cleanup(db: &Db, now: Timestamp, keep: RetentionConfig) -> Result<usize, DbError> {
    let audit_before = now.before(keep.audit);
    // Full days, so that the statistics of a day are either complete or deleted.
    let reads_before = Timestamp::from_day(now.before(keep.reads).day());
    let mut deleted = 0;
    loop {
        let batch = move |tx: &mut Tx<'_>| {
            let expired = sessions::delete_expired(tx, now, BATCH)?;
            let events = stripe_events::delete_before(tx, now.before(EVENTS_KEPT), BATCH)?;
            let reads = reads::delete_before(tx, reads_before, BATCH)?;
            Ok::<_, DbError>(expired + events + reads + accounts::cleanup(tx, audit_before, now, BATCH)?)
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

/// Deletes accounts that have not been used for this long. Accounts without a recorded last use, because they were
/// imported or are older than this feature, count as used now.
async fn delete_inactive(db: &Db, now: Timestamp, keep: Duration) -> Result<usize, DbError> {
    while db.write(move |tx| user_activity::start_last_seen(tx, now, BATCH)).await? > 0 {}
    let (mut deleted, before) = (0, now.before(keep));
    while db.write(move |tx| accounts::erase_inactive(tx, before, now)).await? {
        deleted += 1;
    }
    if deleted > 0 {
        tracing::info!(deleted, "deleted inactive accounts");
    }
    Ok(deleted)
}
