//! Deletes sessions that are over. They are refused without it; this only keeps the table small.

use crate::{
    clock::Clock,
    db::{Db, DbError},
    models::sessions,
};

/// Rows in one transaction: few enough that other writes need not wait for long.
const BATCH: i64 = 1000;

/// Deletes all sessions that are over; how many those were.
///
/// # Errors
/// The database cannot serve.
pub async fn sweep(db: &Db, clock: &Clock) -> Result<usize, DbError> {
    let now = clock.now();
    let mut swept = 0;
    loop {
        let batch = db.write(move |connection| sessions::delete_expired(connection, now, BATCH)).await?;
        swept += batch;
        if batch == 0 {
            return Ok(swept);
        }
    }
}
