//! Deletes expired and outdated rows. This only limits the size of the tables; nothing else depends on it.

use crate::{
    accounts, billing,
    clock::Timestamp,
    config::RetentionConfig,
    db::{Db, DbError, Tx},
    metering, sessions,
};

/// The maximum number of rows of each table per transaction, so that other writes do not wait long.
const BATCH: i64 = 1000;

/// Deletes what the modules no longer need and what is older than `keep` allows. Returns the number of deleted rows.
pub async fn cleanup(db: &Db, now: Timestamp, keep: RetentionConfig) -> Result<usize, DbError> {
    let mut deleted = 0;
    loop {
        let batch = move |tx: &mut Tx<'_>| {
            Ok::<_, DbError>(
                sessions::cleanup(tx, now, BATCH)?
                    + billing::cleanup(tx, now, BATCH)?
                    + metering::cleanup(tx, keep.reads, now, BATCH)?
                    + accounts::cleanup(tx, keep.audit, now, BATCH)?,
            )
        };
        match db.write(batch).await? {
            0 => break,
            batch => deleted += batch,
        }
    }
    match keep.inactive_accounts {
        Some(keep) => Ok(deleted + accounts::delete_inactive(db, keep, now, BATCH).await?),
        None => Ok(deleted),
    }
}
