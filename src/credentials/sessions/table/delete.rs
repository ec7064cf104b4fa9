//! Ending sessions.

use diesel::prelude::*;

use super::{TokenHash, change::change_one};
use crate::{
    base::clock::Timestamp,
    db::{CacheTag, DbError, Tx, dispatch, macros::delete_batch, schema::sessions},
};

pub fn delete(tx: &mut Tx<'_>, token: &TokenHash) -> Result<(), DbError> {
    change_one!(tx, diesel::delete(sessions::table).filter(sessions::token_hash.eq(token.as_slice())))
}

/// Ends a session of a user; returns whether it existed.
pub fn delete_own(tx: &mut Tx<'_>, user_id: i64, id: i64) -> Result<bool, DbError> {
    tx.invalidate(CacheTag::User(user_id));
    let deleted = dispatch!(tx.connection(), |c| diesel::delete(sessions::table)
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::id.eq(id))
        .execute(c))?;
    Ok(deleted == 1)
}

/// Ends all sessions of a user except `except`, and returns their number.
pub fn delete_others(tx: &mut Tx<'_>, user_id: i64, except: i64) -> Result<usize, DbError> {
    tx.invalidate(CacheTag::User(user_id));
    let deleted = dispatch!(tx.connection(), |c| diesel::delete(sessions::table)
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::id.ne(except))
        .execute(c))?;
    Ok(deleted)
}

/// Ends all sessions of a user, and returns their number.
pub fn delete_all(tx: &mut Tx<'_>, user_id: i64) -> Result<usize, DbError> {
    tx.invalidate(CacheTag::User(user_id));
    let of_user = sessions::user_id.eq(user_id);
    Ok(dispatch!(tx.connection(), |c| diesel::delete(sessions::table).filter(of_user).execute(c))?)
}

/// Ends the live sessions of a user except the `except` most recently used ones. Unless the user is locked, a
/// concurrent login may open another session.
pub fn delete_idle_longest(tx: &mut Tx<'_>, user_id: i64, except: i64, now: Timestamp) -> Result<(), DbError> {
    let live = diesel::alias!(sessions as live);
    let surplus = live
        .filter(live.field(sessions::user_id).eq(user_id))
        .filter(live.field(sessions::idle_expires_at).gt(now))
        .filter(live.field(sessions::expires_at).gt(now))
        .order((live.field(sessions::last_seen_at).desc(), live.field(sessions::id).desc()))
        .offset(except)
        .select(live.field(sessions::id));
    let deleted = dispatch!(tx.connection(), |c| diesel::delete(sessions::table)
        .filter(sessions::id.eq_any(surplus))
        .execute(c))?;
    if deleted > 0 {
        tx.invalidate(CacheTag::User(user_id));
    }
    Ok(())
}

/// Deletes up to `max` expired sessions, and returns their number.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    // The idle expiry is never later than the absolute one.
    delete_batch!(tx, sessions.id: i64, sessions::idle_expires_at.le(now), max)
}

/// Ends up to `max` sessions with ids up to `last`, of all users, but not `except`; returns the user of each session.
pub fn delete_up_to(tx: &mut Tx<'_>, last: i64, except: Option<i64>, max: i64) -> Result<Vec<i64>, DbError> {
    // No session has the id 0.
    let is_ended = sessions::id.le(last).and(sessions::id.ne(except.unwrap_or_default()));
    let user_ids: Vec<i64> = dispatch!(tx.connection(), |c| {
        let old = sessions::table.filter(is_ended).order(sessions::id).limit(max);
        let ids: Vec<i64> = old.select(sessions::id).load(c)?;
        diesel::delete(sessions::table).filter(sessions::id.eq_any(ids)).returning(sessions::user_id).load(c)
    })?;
    user_ids.iter().for_each(|user_id| tx.invalidate(CacheTag::User(*user_id)));
    Ok(user_ids)
}
