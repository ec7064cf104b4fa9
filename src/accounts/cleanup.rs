//! Deleting what is no longer needed.

use super::throttle;
use crate::{
    clock::Timestamp,
    db::{DbError, Tx},
    models::{audit, failed_passwords, registrations},
};

/// Deletes up to `max` outdated rows of each kind, and returns how many it deleted.
pub fn cleanup(tx: &mut Tx<'_>, audit_before: Timestamp, now: Timestamp, max: i64) -> Result<usize, DbError> {
    let before = now.before(throttle::LONGEST);
    // The quotas of an account count rows of the audit, regardless of how briefly they are retained otherwise.
    Ok(audit::delete_before(tx, audit_before.min(before), max)?
        + failed_passwords::delete_before(tx, before, max)?
        + registrations::delete_before(tx, before, max)?)
}
