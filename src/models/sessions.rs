//! The table `sessions`.

use diesel::{dsl::case_when, prelude::*, sql_types::BigInt};

use super::users::User;
use crate::{
    client::Client,
    clock::Timestamp,
    db::{
        self, Change, DbConnection, DbError, dispatch,
        schema::{sessions, users},
    },
};

/// SHA-256 of a session's token.
pub type TokenHash = [u8; 32];

/// A row, but for the token's hash.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    /// Tells it from others; not the token.
    pub id: i64,
    /// Whose it is.
    pub user_id: i64,
    /// Which of the two lifetimes it has.
    pub stay_signed_in: bool,
    /// What else is kept in it, a JSON object of texts.
    pub state: String,
    /// The login.
    pub created_at: Timestamp,
    /// The last request that was noted, at most once a minute.
    pub last_seen_at: Timestamp,
    /// When it ends unless it is used.
    pub idle_expires_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// Until when it may do what is sensitive.
    pub fresh_until: Timestamp,
    /// Where it was last seen, where that is known.
    pub ip: Option<String>,
    /// The program that it was last seen with, where that is known.
    pub user_agent: Option<String>,
}

/// A session to be.
#[derive(Insertable)]
#[diesel(table_name = sessions)]
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct NewSession<'a> {
    /// SHA-256 of its token.
    pub token_hash: &'a [u8],
    /// Whose it is.
    pub user_id: i64,
    /// Which of the two lifetimes it has.
    pub stay_signed_in: bool,
    /// What else is kept in it, a JSON object of texts.
    pub state: &'a str,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub last_seen_at: Timestamp,
    /// When it ends unless it is used.
    pub idle_expires_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// Until when it may do what is sensitive.
    pub fresh_until: Timestamp,
    /// Where the login came from.
    pub ip: &'a str,
    /// The program that the login came from.
    pub user_agent: Option<&'a str>,
}

/// Adds a session.
///
/// # Errors
/// The database's own; the user may be gone.
pub fn insert(connection: &mut DbConnection, session: &NewSession<'_>) -> Result<(), DbError> {
    dispatch!(connection, |c| diesel::insert_into(sessions::table).values(session).execute(c))?;
    Ok(())
}

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

/// The sessions of a user, those that are over and not deleted yet too, the one that was used last first.
///
/// # Errors
/// The database's own.
pub fn list(connection: &mut DbConnection, user_id: i64) -> Result<Vec<Session>, DbError> {
    let found = dispatch!(connection, |c| sessions::table
        .filter(sessions::user_id.eq(user_id))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .select(Session::as_select())
        .load(c));
    Ok(found?)
}

/// Runs a statement that changes at most one session, and notes whose that was.
macro_rules! change_one {
    ($connection:expr, $statement:expr) => {{
        let changed: Option<i64> =
            dispatch!($connection, |c| $statement.returning(sessions::user_id).get_result(c).optional())?;
        changed.into_iter().for_each(|user_id| db::note(Change::User(user_id)));
        Ok(())
    }};
}

/// Notes that a session was used, unless that was done since `not_since`; of many requests at once one does it.
///
/// # Errors
/// The database's own.
pub fn renew(
    connection: &mut DbConnection,
    token: &TokenHash,
    not_since: Timestamp,
    now: Timestamp,
    idle_expires_at: Timestamp,
) -> Result<(), DbError> {
    change_one!(
        connection,
        diesel::update(sessions::table)
            .filter(sessions::token_hash.eq(token.as_slice()))
            .filter(sessions::last_seen_at.le(not_since))
            .set((sessions::last_seen_at.eq(now), sessions::idle_expires_at.eq(idle_expires_at)))
    )
}

/// Lets a session that was seen later than `ahead` be seen now, and end and be fresh no later than is said: the clock was
/// set back.
///
/// # Errors
/// The database's own.
pub fn bring_back(
    connection: &mut DbConnection,
    token: &TokenHash,
    ahead: Timestamp,
    now: Timestamp,
    session: &Session,
) -> Result<(), DbError> {
    change_one!(
        connection,
        diesel::update(sessions::table)
            .filter(sessions::token_hash.eq(token.as_slice()))
            .filter(sessions::last_seen_at.gt(ahead))
            .set((
                sessions::last_seen_at.eq(now),
                sessions::idle_expires_at.eq(session.idle_expires_at),
                sessions::expires_at.eq(session.expires_at),
                // It may have stopped being fresh since it was looked up.
                sessions::fresh_until.eq(case_when(
                    sessions::fresh_until.lt(session.fresh_until),
                    sessions::fresh_until
                )
                .otherwise(session.fresh_until.into_sql::<BigInt>())),
            ))
    )
}

/// Notes where a session was seen; it is fresh no longer than until `fresh_until`.
///
/// # Errors
/// The database's own.
pub fn update_client(
    connection: &mut DbConnection,
    id: i64,
    client: &Client,
    fresh_until: Timestamp,
) -> Result<(), DbError> {
    change_one!(
        connection,
        diesel::update(sessions::table).filter(sessions::id.eq(id)).set((
            sessions::ip.eq(client.ip.to_string()),
            sessions::user_agent.eq(client.user_agent.as_deref()),
            sessions::fresh_until.eq(case_when(sessions::fresh_until.lt(fresh_until), sessions::fresh_until)
                .otherwise(fresh_until.into_sql::<BigInt>())),
        ))
    )
}

/// Changes what a live session keeps; does nothing where there is none.
///
/// # Errors
/// The database's own.
pub fn update_state(
    connection: &mut DbConnection,
    token: &TokenHash,
    state: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    change_one!(
        connection,
        diesel::update(sessions::table)
            .filter(sessions::token_hash.eq(token.as_slice()))
            .filter(sessions::idle_expires_at.gt(now))
            .filter(sessions::expires_at.gt(now))
            .set(sessions::state.eq(state))
    )
}

/// Moves the idle end of a live session, but not past its absolute end.
///
/// # Errors
/// The database's own.
pub fn update_idle_end(
    connection: &mut DbConnection,
    token: &TokenHash,
    now: Timestamp,
    idle_expires_at: Timestamp,
) -> Result<(), DbError> {
    change_one!(
        connection,
        diesel::update(sessions::table)
            .filter(sessions::token_hash.eq(token.as_slice()))
            .filter(sessions::idle_expires_at.gt(now))
            .filter(sessions::expires_at.gt(now))
            .set(
                sessions::idle_expires_at.eq(case_when(sessions::expires_at.lt(idle_expires_at), sessions::expires_at)
                    .otherwise(idle_expires_at.into_sql::<BigInt>()))
            )
    )
}

/// Ends a session.
///
/// # Errors
/// The database's own.
pub fn delete(connection: &mut DbConnection, token: &TokenHash) -> Result<(), DbError> {
    change_one!(connection, diesel::delete(sessions::table).filter(sessions::token_hash.eq(token.as_slice())))
}

/// Ends a session of a user; whether there was one.
///
/// # Errors
/// The database's own.
pub fn delete_own(connection: &mut DbConnection, user_id: i64, id: i64) -> Result<bool, DbError> {
    db::note(Change::User(user_id));
    let deleted = dispatch!(connection, |c| diesel::delete(sessions::table)
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::id.eq(id))
        .execute(c))?;
    Ok(deleted == 1)
}

/// Ends all sessions of a user but `kept`; how many those were.
///
/// # Errors
/// The database's own.
pub fn delete_others(connection: &mut DbConnection, user_id: i64, kept: i64) -> Result<usize, DbError> {
    db::note(Change::User(user_id));
    let deleted = dispatch!(connection, |c| diesel::delete(sessions::table)
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::id.ne(kept))
        .execute(c))?;
    Ok(deleted)
}

/// Ends all sessions of a user; how many those were.
///
/// # Errors
/// The database's own.
pub fn delete_all(connection: &mut DbConnection, user_id: i64) -> Result<usize, DbError> {
    db::note(Change::User(user_id));
    let of_user = sessions::user_id.eq(user_id);
    Ok(dispatch!(connection, |c| diesel::delete(sessions::table).filter(of_user).execute(c))?)
}

/// Deletes up to `most` sessions that are over; how many those were.
///
/// # Errors
/// The database's own.
pub fn delete_expired(connection: &mut DbConnection, now: Timestamp, most: i64) -> Result<usize, DbError> {
    // The idle end is never the later one.
    let over = sessions::idle_expires_at.le(now);
    dispatch!(connection, |c| {
        let ids: Vec<i64> = sessions::table.filter(over).limit(most).select(sessions::id).load(c)?;
        Ok(diesel::delete(sessions::table).filter(sessions::id.eq_any(ids)).execute(c)?)
    })
}
