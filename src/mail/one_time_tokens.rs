//! The table `one_time_tokens`: the tokens in the links of messages. Each works once.

use diesel::{dsl::max, prelude::*};
use strum::IntoStaticStr;

use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError, Tx, dispatch, macros::delete_batch, schema::one_time_tokens},
};

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(const_into_str)]
pub enum Purpose {
    #[strum(serialize = "verify")]
    VerifyEmail,
    #[strum(serialize = "reset")]
    ResetPassword,
    /// "This wasn't me". Each notice has its own.
    #[strum(serialize = "secure")]
    Secure,
}

/// What a token stands for.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = one_time_tokens)]
pub struct Grant {
    pub user_id: i64,
    pub payload: Option<String>,
    pub created_at: Timestamp,
}

/// Adds a token. Those to verify an address or reset the password replace the user's earlier ones.
pub fn add(
    tx: &mut Tx<'_>,
    purpose: Purpose,
    hash: &TokenHash,
    grant: &Grant,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    if purpose != Purpose::Secure {
        delete_of_user(tx, grant.user_id, &[purpose])?;
    }
    let row = (
        one_time_tokens::kind.eq(purpose.into_str()),
        one_time_tokens::hash.eq(hash.as_slice()),
        one_time_tokens::user_id.eq(grant.user_id),
        one_time_tokens::payload.eq(grant.payload.as_deref()),
        one_time_tokens::created_at.eq(grant.created_at),
        one_time_tokens::expires_at.eq(expires_at),
    );
    dispatch!(tx.connection(), |c| diesel::insert_into(one_time_tokens::table).values(row).execute(c))?;
    Ok(())
}

/// A token that matches the hash and the purpose and has not expired.
macro_rules! is_valid {
    ($purpose:expr, $hash:expr, $now:expr) => {
        one_time_tokens::hash
            .eq($hash.as_slice())
            .and(one_time_tokens::kind.eq($purpose.into_str()))
            .and(one_time_tokens::expires_at.gt($now))
    };
}

/// Finds a valid token without using it up.
pub fn find(
    connection: &mut DbConnection,
    purpose: Purpose,
    hash: &TokenHash,
    now: Timestamp,
) -> Result<Option<Grant>, DbError> {
    let found = dispatch!(connection, |c| one_time_tokens::table
        .filter(is_valid!(purpose, hash, now))
        .select(Grant::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Uses up a valid token. Of several that try at the same time, one receives the grant.
pub fn consume(tx: &mut Tx<'_>, purpose: Purpose, hash: &TokenHash, now: Timestamp) -> Result<Option<Grant>, DbError> {
    let consumed = dispatch!(tx.connection(), |c| diesel::delete(one_time_tokens::table)
        .filter(is_valid!(purpose, hash, now))
        .returning(Grant::as_returning())
        .get_result(c)
        .optional());
    Ok(consumed?)
}

/// Whether a token with this hash has been neither used nor replaced.
pub fn exists(connection: &mut DbConnection, hash: &[u8]) -> Result<bool, DbError> {
    let found = diesel::dsl::exists(one_time_tokens::table.filter(one_time_tokens::hash.eq(hash)));
    Ok(dispatch!(connection, |c| diesel::select(found).get_result(c))?)
}

pub fn delete_of_user(tx: &mut Tx<'_>, user_id: i64, purposes: &[Purpose]) -> Result<(), DbError> {
    let kinds: Vec<_> = purposes.iter().map(|purpose| purpose.into_str()).collect();
    let is_one = one_time_tokens::user_id.eq(user_id).and(one_time_tokens::kind.eq_any(kinds));
    dispatch!(tx.connection(), |c| diesel::delete(one_time_tokens::table).filter(is_one).execute(c))?;
    Ok(())
}

/// When the user's latest token for this purpose was created.
pub fn latest(connection: &mut DbConnection, user_id: i64, purpose: Purpose) -> Result<Option<Timestamp>, DbError> {
    let of_user = one_time_tokens::user_id.eq(user_id).and(one_time_tokens::kind.eq(purpose.into_str()));
    let latest = one_time_tokens::table.filter(of_user).select(max(one_time_tokens::created_at));
    Ok(dispatch!(connection, |c| latest.get_result(c))?)
}

/// The ids, payloads and creation times of a user's tokens for this purpose, including expired ones.
pub fn list(
    connection: &mut DbConnection,
    user_id: i64,
    purpose: Purpose,
) -> Result<Vec<(i64, Option<String>, Timestamp)>, DbError> {
    let of_user = one_time_tokens::user_id.eq(user_id).and(one_time_tokens::kind.eq(purpose.into_str()));
    let columns = (one_time_tokens::id, one_time_tokens::payload, one_time_tokens::created_at);
    Ok(dispatch!(connection, |c| one_time_tokens::table.filter(of_user).select(columns).load(c))?)
}

pub fn delete(tx: &mut Tx<'_>, ids: &[i64]) -> Result<(), DbError> {
    let listed = one_time_tokens::table.filter(one_time_tokens::id.eq_any(ids));
    dispatch!(tx.connection(), |c| diesel::delete(listed).execute(c))?;
    Ok(())
}

/// Deletes up to `max` expired tokens and returns their number.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, one_time_tokens.id: i64, one_time_tokens::expires_at.le(now), max)
}
