//! Deletes old reads.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    db::{DbError, Tx},
    models::reads,
};

/// Deletes about `max` of the reads that are older than `keep`, and returns their number.
pub fn cleanup(tx: &mut Tx<'_>, keep: Duration, now: Timestamp, max: i64) -> Result<usize, DbError> {
    // Full days, so that the statistics of a day are either complete or deleted.
    let before = Timestamp::from_day(now.before(keep).day());
    reads::delete_before(tx, before, max)
}
