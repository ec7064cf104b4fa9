//! Sessions that are used, and change by it.

use diesel::{dsl::case_when, prelude::*, sql_types::BigInt};

use super::{Session, TokenHash};
use crate::{
    client::Client,
    clock::Timestamp,
    db::{self, CacheTag, DbConnection, DbError, dispatch, schema::sessions},
};

/// Runs a statement that changes at most one session, and notes whose that was.
macro_rules! change_one {
    ($connection:expr, $statement:expr) => {{
        let changed: Option<i64> =
            dispatch!($connection, |c| $statement.returning(sessions::user_id).get_result(c).optional())?;
        changed.into_iter().for_each(|user_id| db::invalidate(CacheTag::User(user_id)));
        Ok(())
    }};
}
pub(super) use change_one;

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
pub fn clamp(
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
