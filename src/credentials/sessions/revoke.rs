//! Ending sessions.

use crate::{
    base::{client::Client, clock::Timestamp},
    credentials::{sessions, trusted_browsers},
    db::{DbError, Tx},
    users::audit::{self, Event},
};

/// Logs a user out of one session.
pub fn log_out(tx: &mut Tx<'_>, user_id: i64, session_id: i64, client: &Client, now: Timestamp) -> Result<(), DbError> {
    if sessions::delete_own(tx, user_id, session_id)? {
        audit::insert(tx, user_id, Event::SignedOut, client, now)?;
    }
    Ok(())
}

/// Ends one session of a user, or all, on behalf of an operator, and the trust in their browsers. Returns the number of
/// ended sessions.
pub fn revoke(
    tx: &mut Tx<'_>,
    user_id: i64,
    session_id: Option<i64>,
    operator: &Client,
    now: Timestamp,
) -> Result<usize, DbError> {
    let ended = match session_id {
        Some(id) => usize::from(end_with_trust(tx, user_id, id)?),
        None => {
            trusted_browsers::delete_others(tx, user_id, None)?;
            sessions::delete_all(tx, user_id)?
        }
    };
    if ended > 0 {
        audit::insert(tx, user_id, Event::Revoked, operator, now)?;
    }
    Ok(ended)
}

/// Ends a session of a user, and the trust in its browser. Returns whether it existed.
pub fn end_with_trust(tx: &mut Tx<'_>, user_id: i64, session_id: i64) -> Result<bool, DbError> {
    if let Some(browser) = sessions::find_trusted_browser(tx, user_id, session_id)? {
        trusted_browsers::delete(tx, user_id, browser)?;
    }
    sessions::delete_own(tx, user_id, session_id)
}

/// Ends all sessions of a user except `except`, and the trust in their browsers. Returns the number of ended sessions.
pub fn end_others_with_trust(tx: &mut Tx<'_>, user_id: i64, except: i64) -> Result<usize, DbError> {
    let own = sessions::find_trusted_browser(tx, user_id, except)?;
    trusted_browsers::delete_others(tx, user_id, own)?;
    sessions::delete_others(tx, user_id, except)
}

/// Ends all sessions of a user whose password was changed or whose account is deleted.
pub fn delete_of_user(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    sessions::delete_all(tx, user_id).map(drop)
}

/// Ends up to `max` of the sessions with ids up to `last`, but not `except`, and records this in the audit of each affected
/// user. Returns the number of ended sessions.
///
/// Calling this until it returns 0 ends all sessions that existed at the start: sessions opened meanwhile have greater
/// ids.
pub fn revoke_up_to(
    tx: &mut Tx<'_>,
    last: i64,
    except: Option<i64>,
    max: i64,
    operator: &Client,
    now: Timestamp,
) -> Result<usize, DbError> {
    let user_ids = sessions::delete_up_to(tx, last, except, max)?;
    audit::insert_of_many(tx, &user_ids, Event::Revoked, operator, now)?;
    Ok(user_ids.len())
}

/// Deletes up to `max` expired sessions, and returns their number. Until then they are rejected anyway.
pub fn cleanup(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    sessions::delete_expired(tx, now, max)
}
