//! The table `gifts`: links with which posts are given away.

use diesel::prelude::*;
use serde::Serialize;

use crate::{
    base::clock::Timestamp,
    db::{
        DbConnection, DbError, Tx, dispatch,
        macros::delete_batch,
        schema::{gifts, users},
    },
};

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// A gift as its giver sees it, except for the link.
#[derive(Clone, Debug, Serialize, Queryable, Selectable)]
#[diesel(table_name = gifts)]
pub struct Gift {
    pub id: i64,
    pub post_id: i64,
    pub opens: i64,
    pub opened: i64,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

/// The seed of the token of a gift, and the hash that the token is checked with.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = gifts)]
#[expect(missing_debug_implementations, reason = "the seed must not be shown")]
pub struct GiftSecret {
    pub seed: Vec<u8>,
    pub token_hash: Vec<u8>,
}

#[derive(Insertable)]
#[diesel(table_name = gifts)]
#[expect(missing_debug_implementations, reason = "the seed must not be shown")]
pub struct NewGift<'a> {
    pub user_id: i64,
    pub post_id: i64,
    pub seed: &'a [u8],
    pub token_hash: &'a [u8],
    pub opens: i64,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

/// The username of the giver of the gift with this token.
pub fn giver(connection: &mut DbConnection, hash: &TokenHash, post_id: i64) -> Result<Option<String>, DbError> {
    let found = dispatch!(connection, |c| gifts::table
        .inner_join(users::table.on(users::id.eq(gifts::user_id)))
        .filter(gifts::token_hash.eq(hash.as_slice()).and(gifts::post_id.eq(post_id)))
        .select(users::username)
        .get_result(c)
        .optional());
    Ok(found?)
}

/// A gift that is neither revoked nor expired, of a user whose account is not disabled.
macro_rules! is_live {
    ($now:expr) => {
        gifts::revoked_at
            .is_null()
            .and(gifts::expires_at.is_null().or(gifts::expires_at.gt($now)))
            .and(gifts::user_id.eq_any(users::table.filter(users::is_active).select(users::id)))
    };
}

/// The live gift of this post with this token. It may be spent.
macro_rules! with_token {
    ($token:expr, $post_id:expr, $now:expr) => {
        gifts::table
            .filter(gifts::token_hash.eq($token.as_slice()))
            .filter(gifts::post_id.eq($post_id))
            .filter(is_live!($now))
            .select(Gift::as_select())
    };
}

/// # Errors
/// [`DbError::MissingReference`] if the user or the post does not exist.
pub fn insert(tx: &mut Tx<'_>, gift: &NewGift<'_>) -> Result<Gift, DbError> {
    Ok(dispatch!(tx.connection(), |c| diesel::insert_into(gifts::table)
        .values(gift)
        .returning(Gift::as_returning())
        .get_result(c))?)
}

/// The live gifts of a user, newest first.
pub fn list_live(
    connection: &mut DbConnection,
    user_id: i64,
    now: Timestamp,
) -> Result<Vec<(Gift, GiftSecret)>, DbError> {
    Ok(dispatch!(connection, |c| gifts::table
        .filter(gifts::user_id.eq(user_id))
        .filter(is_live!(now))
        .order(gifts::id.desc())
        .select((Gift::as_select(), GiftSecret::as_select()))
        .load(c))?)
}

/// A live gift of a user.
pub fn find_live(
    connection: &mut DbConnection,
    user_id: i64,
    id: i64,
    now: Timestamp,
) -> Result<Option<(Gift, GiftSecret)>, DbError> {
    let found = dispatch!(connection, |c| gifts::table
        .filter(gifts::user_id.eq(user_id))
        .filter(gifts::id.eq(id))
        .filter(is_live!(now))
        .select((Gift::as_select(), GiftSecret::as_select()))
        .get_result(c)
        .optional());
    Ok(found?)
}

/// The last `limit` gifts of a user with ids below `before`, newest first, whatever their state.
pub fn page(connection: &mut DbConnection, user_id: i64, before: i64, limit: i64) -> Result<Vec<Gift>, DbError> {
    Ok(dispatch!(connection, |c| gifts::table
        .filter(gifts::user_id.eq(user_id))
        .filter(gifts::id.lt(before))
        .order(gifts::id.desc())
        .limit(limit)
        .select(Gift::as_select())
        .load(c))?)
}

/// The number of gifts that a user has created after `since` and up to `until`, revoked ones included.
pub fn count_between(
    connection: &mut DbConnection,
    user_id: i64,
    since: Timestamp,
    until: Timestamp,
) -> Result<i64, DbError> {
    let is_recent = gifts::created_at.gt(since).and(gifts::created_at.le(until));
    let recent = gifts::table.filter(gifts::user_id.eq(user_id)).filter(is_recent);
    Ok(dispatch!(connection, |c| recent.count().get_result(c))?)
}

/// The live gift of this post with this token. It may be spent.
pub fn find_by_token(
    connection: &mut DbConnection,
    token: &TokenHash,
    post_id: i64,
    now: Timestamp,
) -> Result<Option<Gift>, DbError> {
    Ok(dispatch!(connection, |c| with_token!(token, post_id, now).get_result(c).optional())?)
}

/// Like [`find_by_token`], and locks the gift until the transaction ends.
pub fn lock_by_token(
    tx: &mut Tx<'_>,
    token: &TokenHash,
    post_id: i64,
    now: Timestamp,
) -> Result<Option<Gift>, DbError> {
    let found = match tx.connection() {
        // No lock is needed: this runs in the single writer's transaction.
        DbConnection::Sqlite(c) => with_token!(token, post_id, now).get_result(c).optional(),
        DbConnection::Postgres(c) => with_token!(token, post_id, now).for_no_key_update().get_result(c).optional(),
    };
    Ok(found?)
}

/// Counts one more opening of a gift that is locked.
pub fn count_open(tx: &mut Tx<'_>, id: i64) -> Result<(), DbError> {
    let counted = diesel::update(gifts::table.find(id)).set(gifts::opened.eq(gifts::opened + 1));
    dispatch!(tx.connection(), |c| counted.execute(c))?;
    Ok(())
}

/// Revokes a live gift of a user, or all of them; returns their number.
pub fn revoke(tx: &mut Tx<'_>, user_id: i64, id: Option<i64>, now: Timestamp) -> Result<usize, DbError> {
    let (own, revoked) = (gifts::user_id.eq(user_id).and(is_live!(now)), gifts::revoked_at.eq(now));
    Ok(match id {
        Some(id) => {
            let one = own.and(gifts::id.eq(id));
            dispatch!(tx.connection(), |c| diesel::update(gifts::table.filter(one)).set(revoked).execute(c))?
        }
        None => dispatch!(tx.connection(), |c| diesel::update(gifts::table.filter(own)).set(revoked).execute(c))?,
    })
}

/// Deletes up to `max` gifts that have been revoked or have expired, and that were created before `before`; returns
/// their number.
pub fn delete_ended(tx: &mut Tx<'_>, before: Timestamp, now: Timestamp, max: i64) -> Result<usize, DbError> {
    let has_ended = gifts::revoked_at.is_not_null().or(gifts::expires_at.le(now));
    delete_batch!(tx, gifts.id: i64, gifts::created_at.lt(before).and(has_ended), max)
}
