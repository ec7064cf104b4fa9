//! Updating sessions.

use diesel::{dsl::case_when, prelude::*, sql_types::BigInt};

use crate::{
    base::{client::Client, clock::Timestamp},
    credentials::sessions::{Session, TokenHash},
    db::{CacheTag, DbError, Tx, dispatch, schema::sessions},
};

/// Runs a statement that changes at most one session, and invalidates the caches of its user.
macro_rules! change_one {
    ($tx:expr, $statement:expr) => {{
        let changed: Option<i64> =
            dispatch!($tx.connection(), |c| $statement.returning(sessions::user_id).get_result(c).optional())?;
        changed.into_iter().for_each(|user_id| $tx.invalidate(CacheTag::User(user_id)));
        Ok(())
    }};
}
pub(super) use change_one;

/// Records that a session was used, unless that was recorded after `not_since`. Of concurrent requests only one writes.
pub fn renew(
    tx: &mut Tx<'_>,
    token: &TokenHash,
    not_since: Timestamp,
    now: Timestamp,
    idle_expires_at: Timestamp,
) -> Result<(), DbError> {
    change_one!(
        tx,
        diesel::update(sessions::table)
            .filter(sessions::token_hash.eq(token.as_slice()))
            .filter(sessions::last_seen_at.le(not_since))
            .set((sessions::last_seen_at.eq(now), sessions::idle_expires_at.eq(idle_expires_at)))
    )
}

/// Clamps a session: if it was last seen after `ahead`, it counts as seen now, and expires and stays fresh no later
/// than `session` does.
pub fn clamp_to_now(
    tx: &mut Tx<'_>,
    token: &TokenHash,
    ahead: Timestamp,
    now: Timestamp,
    session: &Session,
) -> Result<(), DbError> {
    change_one!(
        tx,
        diesel::update(sessions::table)
            .filter(sessions::token_hash.eq(token.as_slice()))
            .filter(sessions::last_seen_at.gt(ahead))
            .set((
                sessions::last_seen_at.eq(now),
                sessions::idle_expires_at.eq(session.idle_expires_at),
                sessions::expires_at.eq(session.expires_at),
                // It may have lost its freshness since it was loaded.
                sessions::fresh_until.eq(case_when(
                    sessions::fresh_until.lt(session.fresh_until),
                    sessions::fresh_until
                )
                .otherwise(session.fresh_until.into_sql::<BigInt>())),
            ))
    )
}

/// Records the client that a session was last used from, and limits its freshness to `fresh_until`.
pub fn update_client(tx: &mut Tx<'_>, id: i64, client: &Client, fresh_until: Timestamp) -> Result<(), DbError> {
    change_one!(
        tx,
        diesel::update(sessions::table).filter(sessions::id.eq(id)).set((
            sessions::ip.eq(client.ip.to_string()),
            sessions::user_agent.eq(client.user_agent.as_deref()),
            sessions::fresh_until.eq(case_when(sessions::fresh_until.lt(fresh_until), sessions::fresh_until)
                .otherwise(fresh_until.into_sql::<BigInt>())),
        ))
    )
}

/// Sets the state of a live session; does nothing if the session has expired or does not exist.
pub fn update_state(tx: &mut Tx<'_>, token: &TokenHash, state: &str, now: Timestamp) -> Result<(), DbError> {
    change_one!(
        tx,
        diesel::update(sessions::table)
            .filter(sessions::token_hash.eq(token.as_slice()))
            .filter(sessions::idle_expires_at.gt(now))
            .filter(sessions::expires_at.gt(now))
            .set(sessions::state.eq(state))
    )
}

/// Moves the idle expiry of a live session, but not past its absolute expiry.
pub fn update_idle_end(
    tx: &mut Tx<'_>,
    token: &TokenHash,
    now: Timestamp,
    idle_expires_at: Timestamp,
) -> Result<(), DbError> {
    change_one!(
        tx,
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
