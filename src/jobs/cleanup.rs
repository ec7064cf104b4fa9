//! Deletes expired and outdated rows and inactive accounts, and adds up the statistics of reads.

use std::time::Duration;

use super::Job;
use crate::{
    accounts,
    base::clock::{Clock, Timestamp},
    billing,
    config::RetentionConfig,
    credentials::{api_tokens, sessions},
    daily_counts::last_refusals,
    db::{Db, DbError, Tx},
    mail, paywall,
};

const INTERVAL: Duration = Duration::from_secs(10 * 60);

/// The maximum number of rows of each table per transaction, so that other writes do not wait long.
const BATCH: i64 = 1000;

#[must_use]
pub fn job(db: Db, clock: Clock, keep: RetentionConfig) -> Job {
    Job::new("cleanup", INTERVAL, move || {
        let (db, now) = (db.clone(), clock.now());
        async move {
            let deleted = cleanup(&db, now, keep).await?;
            if deleted > 0 {
                tracing::info!(deleted, "deleted expired rows");
            }
            Ok(())
        }
    })
}

/// Deletes what the modules no longer need and what is older than `keep` allows. Returns the number of deleted rows.
pub async fn cleanup(db: &Db, now: Timestamp, keep: RetentionConfig) -> Result<usize, DbError> {
    let mut deleted = 0;
    loop {
        let batch = move |tx: &mut Tx<'_>| {
            Ok::<_, DbError>(
                sessions::cleanup(tx, now, BATCH)?
                    + api_tokens::cleanup(tx, now, BATCH)?
                    + billing::cleanup(tx, now, BATCH)?
                    + last_refusals::cleanup(tx, now, BATCH)?
                    + mail::cleanup(tx, now, BATCH)?
                    + paywall::gifts::cleanup(tx, now.before(keep.reads), now, BATCH)?
                    + accounts::cleanup(tx, keep.audit, now, BATCH)?,
            )
        };
        match db.write(batch).await? {
            0 => break,
            batch => deleted += batch,
        }
    }
    if let Some(keep) = keep.inactive_accounts {
        deleted += accounts::delete_inactive(db, keep, now, BATCH).await?;
    }
    // Last, because it takes longest.
    Ok(deleted + paywall::cleanup(db, now.before(keep.reads)).await?)
}
