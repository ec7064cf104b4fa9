//! Deletes outdated rows and unused accounts.

use std::time::Duration;

use crate::{
    accounts::{limits::quota, profile::deletion::erase_inactive, second_factors},
    base::clock::Timestamp,
    credentials::{passkey_challenges, pending_logins, totp_seeds, trusted_browsers},
    db::{Db, DbError, Tx},
    users::{activity, attempts, audit},
};

/// Deletes audit events that are older than `keep`, failures that no longer count, and what has expired: at most `max`
/// rows of each table. Returns the number of deleted rows.
pub fn cleanup(tx: &mut Tx<'_>, keep: Duration, now: Timestamp, max: i64) -> Result<usize, DbError> {
    // The quotas of an account count rows of the audit, regardless of how briefly they are retained otherwise.
    Ok(audit::delete_before(tx, now.before(keep.max(quota::LONGEST)), max)?
        + attempts::delete_outdated(tx, now, max)?
        + passkey_challenges::delete_expired(tx, now, max)?
        + pending_logins::delete_expired(tx, now, max)?
        + totp_seeds::delete_unconfirmed(tx, now.before(second_factors::ENROLMENT_LIFETIME), max)?
        + trusted_browsers::delete_expired(tx, now, max)?)
}

/// Deletes accounts that have not been used for as long as `keep`, and returns their number. Accounts whose last use is
/// unknown, such as imported ones, count as used now: each transaction records that for up to `max` of them.
pub async fn delete_inactive(db: &Db, keep: Duration, now: Timestamp, max: i64) -> Result<usize, DbError> {
    while db.write(move |tx| activity::start_last_seen(tx, now, max)).await? > 0 {}
    let (mut deleted, before) = (0, now.before(keep));
    while db.write(move |tx| erase_inactive(tx, before, now)).await? {
        deleted += 1;
    }
    if deleted > 0 {
        tracing::info!(deleted, "deleted inactive accounts");
    }
    Ok(deleted)
}
