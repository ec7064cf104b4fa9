//! The table `api_tokens`: tokens for scripts and servers.

use diesel::prelude::*;
use serde::Serialize;

use super::scopes::Scopes;
use crate::{
    base::clock::Timestamp,
    db::{
        CacheTag, DbConnection, DbError, Tx, dispatch,
        macros::delete_batch,
        schema::{api_tokens, users},
    },
    users::User,
};

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// What users see of a token.
#[derive(Clone, Debug, Serialize, Queryable, Selectable)]
#[diesel(table_name = api_tokens)]
pub struct ApiToken {
    pub id: i64,
    pub name: String,
    pub scopes: Scopes,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// Approximate: not every request is recorded.
    pub last_used_at: Option<Timestamp>,
}

#[derive(Insertable)]
#[diesel(table_name = api_tokens)]
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct NewApiToken<'a> {
    pub user_id: i64,
    pub token_hash: &'a [u8],
    pub name: &'a str,
    pub scopes: Scopes,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

/// A token that has not expired.
macro_rules! is_live {
    ($now:expr) => {
        api_tokens::expires_at.is_null().or(api_tokens::expires_at.gt($now))
    };
}

pub fn insert(tx: &mut Tx<'_>, token: &NewApiToken<'_>) -> Result<ApiToken, DbError> {
    Ok(dispatch!(tx.connection(), |c| diesel::insert_into(api_tokens::table)
        .values(token)
        .returning(ApiToken::as_returning())
        .get_result(c))?)
}

/// The token and its user, if it has not expired and the user is active.
pub fn find_live(
    connection: &mut DbConnection,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<(ApiToken, User)>, DbError> {
    let found = dispatch!(connection, |c| api_tokens::table
        .inner_join(users::table)
        .filter(api_tokens::token_hash.eq(token.as_slice()))
        .filter(is_live!(now))
        .filter(users::is_active)
        .select((ApiToken::as_select(), User::as_select()))
        .get_result(c)
        .optional());
    Ok(found?)
}

/// The user of the token with this id, if it has not expired and the user is active.
pub fn find_live_user(connection: &mut DbConnection, id: i64, now: Timestamp) -> Result<Option<User>, DbError> {
    let found = dispatch!(connection, |c| api_tokens::table
        .inner_join(users::table)
        .filter(api_tokens::id.eq(id))
        .filter(is_live!(now))
        .filter(users::is_active)
        .select(User::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// The tokens of a user, including expired ones not deleted yet.
pub fn list(connection: &mut DbConnection, user_id: i64) -> Result<Vec<ApiToken>, DbError> {
    let own = api_tokens::table.filter(api_tokens::user_id.eq(user_id)).order(api_tokens::id);
    Ok(dispatch!(connection, |c| own.select(ApiToken::as_select()).load(c))?)
}

/// The tokens of a user that have not expired, newest first.
pub fn list_live(connection: &mut DbConnection, user_id: i64, now: Timestamp) -> Result<Vec<ApiToken>, DbError> {
    Ok(dispatch!(connection, |c| api_tokens::table
        .filter(api_tokens::user_id.eq(user_id))
        .filter(is_live!(now))
        .order(api_tokens::id.desc())
        .select(ApiToken::as_select())
        .load(c))?)
}

pub fn count_live(connection: &mut DbConnection, user_id: i64, now: Timestamp) -> Result<i64, DbError> {
    let live = api_tokens::table.filter(api_tokens::user_id.eq(user_id)).filter(is_live!(now));
    Ok(dispatch!(connection, |c| live.count().get_result(c))?)
}

/// Records that a token was used, unless a use between `not_since` and `ahead` is recorded already. A time after
/// `ahead` was written before a clock rollback and is overwritten. Of concurrent requests only one writes.
pub fn record_use(
    tx: &mut Tx<'_>,
    id: i64,
    not_since: Timestamp,
    ahead: Timestamp,
    now: Timestamp,
) -> Result<(), DbError> {
    let is_due = api_tokens::last_used_at
        .is_null()
        .or(api_tokens::last_used_at.le(not_since))
        .or(api_tokens::last_used_at.gt(ahead));
    dispatch!(tx.connection(), |c| diesel::update(api_tokens::table.filter(api_tokens::id.eq(id)).filter(is_due))
        .set(api_tokens::last_used_at.eq(now))
        .execute(c))?;
    Ok(())
}

/// Deletes a token of a user; returns whether it existed.
pub fn delete(tx: &mut Tx<'_>, user_id: i64, id: i64) -> Result<bool, DbError> {
    tx.invalidate(CacheTag::User(user_id));
    let own = api_tokens::user_id.eq(user_id).and(api_tokens::id.eq(id));
    let deleted = dispatch!(tx.connection(), |c| diesel::delete(api_tokens::table).filter(own).execute(c))?;
    Ok(deleted == 1)
}

/// Deletes all tokens of a user, and returns their number.
pub fn delete_of_user(tx: &mut Tx<'_>, user_id: i64) -> Result<usize, DbError> {
    tx.invalidate(CacheTag::User(user_id));
    let own = api_tokens::user_id.eq(user_id);
    Ok(dispatch!(tx.connection(), |c| diesel::delete(api_tokens::table).filter(own).execute(c))?)
}

/// The highest token id, if there are tokens.
pub fn last_id(connection: &mut DbConnection) -> Result<Option<i64>, DbError> {
    Ok(dispatch!(connection, |c| api_tokens::table.select(diesel::dsl::max(api_tokens::id)).get_result(c))?)
}

/// Deletes up to `max` tokens with ids up to `last`, of all users, but not `except`; returns the user of each token.
pub fn delete_up_to(tx: &mut Tx<'_>, last: i64, except: Option<i64>, max: i64) -> Result<Vec<i64>, DbError> {
    // No token has the id 0.
    let is_deleted = api_tokens::id.le(last).and(api_tokens::id.ne(except.unwrap_or_default()));
    let user_ids: Vec<i64> = dispatch!(tx.connection(), |c| {
        let old = api_tokens::table.filter(is_deleted).order(api_tokens::id).limit(max);
        let ids: Vec<i64> = old.select(api_tokens::id).load(c)?;
        diesel::delete(api_tokens::table).filter(api_tokens::id.eq_any(ids)).returning(api_tokens::user_id).load(c)
    })?;
    user_ids.iter().for_each(|user_id| tx.invalidate(CacheTag::User(*user_id)));
    Ok(user_ids)
}

/// Deletes up to `max` expired tokens and returns their number.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, api_tokens.id: i64, api_tokens::expires_at.le(now), max)
}
