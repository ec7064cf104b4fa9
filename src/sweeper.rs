//! Deletes rows that are over or too old to matter. Nothing depends on it but the size of the tables.

use std::time::Duration;

use crate::{
    auth::accounts,
    clock::Timestamp,
    db::{Db, DbConnection, DbError},
    models::sessions,
};

/// Rows of each table in one transaction: few enough that other writes need not wait for long.
const BATCH: i64 = 1000;

/// Deletes sessions that are over, events older than `audit_keep`, and failures that count no more; how many those were.
///
/// # Errors
/// The database cannot serve.
pub async fn sweep(db: &Db, now: Timestamp, audit_keep: Duration) -> Result<usize, DbError> {
    let audit_before = now.before(audit_keep);
    let mut swept = 0;
    loop {
        let batch = move |connection: &mut DbConnection| {
            let over = sessions::delete_expired(connection, now, BATCH)?;
            Ok::<_, DbError>(over + accounts::sweep(connection, audit_before, now, BATCH)?)
        };
        match db.write(batch).await? {
            0 => return Ok(swept),
            batch => swept += batch,
        }
    }
}
