//! Finding sessions.

use diesel::prelude::*;

use crate::{
    base::clock::Timestamp,
    credentials::sessions::{Session, TokenHash},
    db::{
        DbConnection, DbError, dispatch,
        schema::{sessions, users},
    },
    users::User,
};

/// The session with this token and its user, if it has not expired and the user is active.
pub fn find_live(
    connection: &mut DbConnection,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<(Session, User)>, DbError> {
    let found = dispatch!(connection, |c| sessions::table
        .inner_join(users::table)
        .filter(sessions::token_hash.eq(token.as_slice()))
        .filter(sessions::idle_expires_at.gt(now))
        .filter(sessions::expires_at.gt(now))
        .filter(users::is_active)
        .select((Session::as_select(), User::as_select()))
        .get_result(c)
        .optional());
    Ok(found?)
}

/// The user of the session with this id, if it has not expired and the user is active.
pub fn find_live_user(connection: &mut DbConnection, id: i64, now: Timestamp) -> Result<Option<User>, DbError> {
    let found = dispatch!(connection, |c| sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(id))
        .filter(sessions::idle_expires_at.gt(now))
        .filter(sessions::expires_at.gt(now))
        .filter(users::is_active)
        .select(User::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// The trusted browser that opened a session of a user, if one did.
pub fn find_trusted_browser(connection: &mut DbConnection, user_id: i64, id: i64) -> Result<Option<i64>, DbError> {
    let found: Option<Option<i64>> = dispatch!(connection, |c| sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::id.eq(id))
        .select(sessions::trusted_browser_id)
        .get_result(c)
        .optional())?;
    Ok(found.flatten())
}

pub fn count_live(connection: &mut DbConnection, now: Timestamp) -> Result<i64, DbError> {
    // The idle expiry is never later than the absolute one, and disabled users have no sessions.
    let live = sessions::idle_expires_at.gt(now);
    Ok(dispatch!(connection, |c| sessions::table.filter(live).count().get_result(c))?)
}

/// The live sessions of a user, most recently used first.
pub fn list_live(connection: &mut DbConnection, user_id: i64, now: Timestamp) -> Result<Vec<Session>, DbError> {
    let found = dispatch!(connection, |c| sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::idle_expires_at.gt(now))
        .filter(sessions::expires_at.gt(now))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .select(Session::as_select())
        .load(c));
    Ok(found?)
}

/// The last `limit` sessions of a user with ids below `before`, newest first, including expired ones not deleted yet.
pub fn page(connection: &mut DbConnection, user_id: i64, before: i64, limit: i64) -> Result<Vec<Session>, DbError> {
    // Not ordered by last use as in `list_live`, because that order may change between two pages.
    let found = dispatch!(connection, |c| sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::id.lt(before))
        .order(sessions::id.desc())
        .limit(limit)
        .select(Session::as_select())
        .load(c));
    Ok(found?)
}

/// The next `max` live sessions of all users with ids above `id`, each with the username.
pub fn list_live_of_all(
    connection: &mut DbConnection,
    id: i64,
    now: Timestamp,
    max: i64,
) -> Result<Vec<(Session, String)>, DbError> {
    let found = dispatch!(connection, |c| sessions::table
        .inner_join(users::table)
        .filter(sessions::id.gt(id))
        .filter(sessions::idle_expires_at.gt(now))
        .filter(sessions::expires_at.gt(now))
        .order(sessions::id)
        .limit(max)
        .select((Session::as_select(), users::username))
        .load(c));
    Ok(found?)
}

/// The highest session id, if there are sessions.
pub fn last_id(connection: &mut DbConnection) -> Result<Option<i64>, DbError> {
    Ok(dispatch!(connection, |c| sessions::table.select(diesel::dsl::max(sessions::id)).get_result(c))?)
}
