//! Adds up the statistics of reads, and deletes old reads, refusals and meters of anonymous readers.

use super::{counting::batches, meters, pages, reads, statistics::refusals};
use crate::{
    base::clock::Timestamp,
    daily_counts,
    db::{Db, DbError, Tx},
};

/// The number of rows that one transaction looks at, so that other writes do not wait long.
const BATCH: i64 = 2000;

/// The number of batches of reads that one transaction adds up.
const BATCHES: i64 = 1000;

/// The number of days that pages are kept after their last read, because a request may find one before midnight and be
/// charged after it.
const PAGES_KEEP_DAYS: i64 = 1;

/// Adds up the statistics of reads, deletes reads and refusals of the days before that of `before`, pages that only
/// these reads refer to, and meters of no user whose period started then, and returns the number of deleted rows. Scans
/// all reads, but only if one of these days may have some, which is about once a day.
///
/// # Errors
/// The database is unavailable. The next call starts again.
pub async fn cleanup(db: &Db, before: Timestamp) -> Result<usize, DbError> {
    let day = before.day();
    while db.write(move |tx| batches::add_up(tx, BATCHES)).await? > 0 {}
    let mut deleted = 0;
    loop {
        match db.write(move |tx| refusals::delete_before(tx, day, BATCH)).await? {
            0 => break,
            refusals => deleted += refusals,
        }
    }
    if db.read(move |connection| daily_counts::have_reads_before(connection, day)).await? {
        deleted += delete_reads(db, day).await?;
    }
    // After the reads, so that `/reads` never lists a read whose page is gone.
    loop {
        match db.write(move |tx| pages::delete_unused(tx, day - PAGES_KEEP_DAYS, BATCH)).await? {
            0 => return Ok(deleted),
            pages => deleted += pages,
        }
    }
}

async fn delete_reads(db: &Db, day: i64) -> Result<usize, DbError> {
    let mut deleted = 0;
    let mut next = Some(i64::MIN);
    while let Some(after) = next {
        let delete = move |tx: &mut Tx<'_>| reads::delete_before(tx, Timestamp::from_day(day), after, BATCH);
        let (reads, last) = db.write::<_, DbError, _>(delete).await?;
        deleted += reads;
        next = last;
    }
    let mut next = Some(i64::MIN);
    while let Some(after) = next {
        let delete = move |tx: &mut Tx<'_>| meters::delete_before(tx, Timestamp::from_day(day), after, BATCH);
        let (meters, last) = db.write::<_, DbError, _>(delete).await?;
        deleted += meters;
        next = last;
    }
    db.write(move |tx| daily_counts::set_reads_deleted(tx, day)).await?;
    Ok(deleted)
}
