//! Deletes expired sessions.

use crate::{
    clock::Timestamp,
    db::{DbError, Tx},
    models::sessions,
};

/// Deletes up to `max` expired sessions, and returns their number. Until then they are rejected anyway.
pub fn cleanup(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    sessions::delete_expired(tx, now, max)
}
