//! Ending the sessions of all users.

use std::collections::BTreeSet;

use crate::{
    client::Client,
    clock::Timestamp,
    db::{DbConnection, DbError},
    models::{
        audit::{self, Event},
        sessions,
    },
};

/// Ends up to `max` of the sessions with ids up to `last`, and records it in the audit of each of their users; how many
/// those were. Called until it is 0, it ends all that were there: those that are opened meanwhile have greater ids.
///
/// # Errors
/// The database cannot serve.
pub fn revoke_up_to(
    connection: &mut DbConnection,
    last: i64,
    max: i64,
    operator: &Client,
    now: Timestamp,
) -> Result<usize, DbError> {
    let of = sessions::delete_up_to(connection, last, max)?;
    let users: Vec<i64> = of.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    if !users.is_empty() {
        audit::insert_of_many(connection, &users, Event::Revoked, operator, now)?;
    }
    Ok(of.len())
}
