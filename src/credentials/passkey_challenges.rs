//! The table `passkey_challenges`: challenges that browsers have to sign, each of which works once.

use diesel::prelude::*;
use strum::IntoStaticStr;

use crate::{
    base::clock::Timestamp,
    db::{DbError, Tx, dispatch, macros::delete_batch, schema::passkey_challenges},
};

/// SHA-256 of a challenge.
pub type ChallengeHash = [u8; 32];

/// What a challenge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Ceremony {
    Registration,
    SecondFactor,
    /// A login without a username.
    Login,
}

#[derive(Insertable)]
#[diesel(table_name = passkey_challenges)]
struct NewChallenge<'a> {
    kind: &'static str,
    hash: &'a [u8],
    user_id: Option<i64>,
    owner: &'a str,
    expires_at: Timestamp,
}

/// Adds a challenge. Of each owner, the `max` latest ones remain.
pub fn insert(
    tx: &mut Tx<'_>,
    ceremony: Ceremony,
    hash: &ChallengeHash,
    user_id: Option<i64>,
    owner: &str,
    expires_at: Timestamp,
    max: i64,
) -> Result<(), DbError> {
    let all = diesel::alias!(passkey_challenges as all_challenges);
    let surplus = all
        .filter(all.field(passkey_challenges::owner).eq(owner))
        .order(all.field(passkey_challenges::id).desc())
        .offset(max - 1)
        .select(all.field(passkey_challenges::id));
    let row = NewChallenge { kind: ceremony.into_str(), hash: hash.as_slice(), user_id, owner, expires_at };
    dispatch!(tx.connection(), |c| {
        diesel::delete(passkey_challenges::table).filter(passkey_challenges::id.eq_any(surplus)).execute(c)?;
        diesel::insert_into(passkey_challenges::table).values(&row).execute(c)
    })?;
    Ok(())
}

/// Uses up a challenge; returns its owner if it was issued for this ceremony. Of several that try at the same time, one
/// succeeds.
pub fn consume(
    tx: &mut Tx<'_>,
    ceremony: Ceremony,
    hash: &ChallengeHash,
    now: Timestamp,
) -> Result<Option<String>, DbError> {
    let is_live = passkey_challenges::hash
        .eq(hash.as_slice())
        .and(passkey_challenges::kind.eq(ceremony.into_str()))
        .and(passkey_challenges::expires_at.gt(now));
    Ok(dispatch!(tx.connection(), |c| diesel::delete(passkey_challenges::table)
        .filter(is_live)
        .returning(passkey_challenges::owner)
        .get_result(c)
        .optional())?)
}

/// Deletes up to `max` expired challenges and returns their number.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, passkey_challenges.id: i64, passkey_challenges::expires_at.le(now), max)
}
