//! Sessions that are looked for.

use diesel::prelude::*;

use super::{Session, TokenHash};
use crate::{
    clock::Timestamp,
    db::{
        DbConnection, DbError, dispatch,
        schema::{sessions, users},
    },
    models::users::User,
};

/// The session with this token and its user, where neither of its ends has come and the user may sign in.
///
/// # Errors
/// The database's own.
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

/// The user of the session with this id, where neither of its ends has come and the user may sign in.
///
/// # Errors
/// The database's own.
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

/// How many sessions are live.
///
/// # Errors
/// The database's own.
pub fn count_live(connection: &mut DbConnection, now: Timestamp) -> Result<i64, DbError> {
    // The idle end is never the later one, and those of a disabled user are gone.
    let live = sessions::idle_expires_at.gt(now);
    Ok(dispatch!(connection, |c| sessions::table.filter(live).count().get_result(c))?)
}

/// The live sessions of a user, the one that was used last first.
///
/// # Errors
/// The database's own.
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

/// The last `limit` sessions of a user before the one with the id `before`, expired ones that are not deleted yet
/// included, the one that was opened last first.
///
/// # Errors
/// The database's own.
pub fn page(connection: &mut DbConnection, user_id: i64, before: i64, limit: i64) -> Result<Vec<Session>, DbError> {
    // Not in the order of use as `list_live`, which changes between two pages.
    let found = dispatch!(connection, |c| sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::id.lt(before))
        .order(sessions::id.desc())
        .limit(limit)
        .select(Session::as_select())
        .load(c));
    Ok(found?)
}

/// The next `max` live sessions of all users after an id, each with the user's name.
///
/// # Errors
/// The database's own.
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

/// The id of the session that was opened last, unless there is none.
///
/// # Errors
/// The database's own.
pub fn last_id(connection: &mut DbConnection) -> Result<Option<i64>, DbError> {
    Ok(dispatch!(connection, |c| sessions::table.select(diesel::dsl::max(sessions::id)).get_result(c))?)
}
