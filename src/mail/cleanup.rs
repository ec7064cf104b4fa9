//! Deleting what is no longer needed.

use std::time::Duration;

use super::{email_codes, one_time_tokens, outbox, sign_in};
use crate::{
    base::clock::Timestamp,
    db::{DbError, Tx},
};

/// How long messages that are sent, or that cannot be sent, stay in the outbox; and how long expired links of notices
/// show which address an account had earlier, which decides between the links that are left.
const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Deletes up to `max` outdated rows of each kind, and returns how many it deleted.
pub fn cleanup(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    Ok(outbox::delete_before(tx, now.before(KEPT), max)?
        + one_time_tokens::delete_expired(tx, now.before(KEPT), max)?
        + email_codes::delete_before(tx, now.before(sign_in::GUESSES_WINDOW), max)?)
}
