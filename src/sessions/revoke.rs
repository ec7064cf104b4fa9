//! Ending the sessions of all users.

use std::collections::BTreeSet;

use crate::{
    client::Client,
    clock::Timestamp,
    db::{DbError, Tx},
    models::{
        audit::{self, Event},
        sessions,
    },
};

/// Ends up to `max` of the sessions with ids up to `last`, and records this in the audit of each affected user. Returns
/// the number of ended sessions.
///
/// Calling this until it returns 0 ends all sessions that existed at the start: sessions opened meanwhile have greater
/// ids.
pub fn revoke_up_to(tx: &mut Tx<'_>, last: i64, max: i64, operator: &Client, now: Timestamp) -> Result<usize, DbError> {
    let user_ids = sessions::delete_up_to(tx, last, max)?;
    let users: Vec<i64> = user_ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    if !users.is_empty() {
        audit::insert_of_many(tx, &users, Event::Revoked, operator, now)?;
    }
    Ok(user_ids.len())
}
