//! Gift links, with which subscribers let others read a post. Such a read is charged to nobody's meter.

mod creating;
mod opening;
pub mod openings;
pub mod table;

pub use self::table::delete_ended as cleanup;
use self::table::{Gift, GiftSecret};
pub use self::{
    creating::{GiftError, GiftQuota, GiftRequest, MAX_OPENS, create},
    opening::{Opener, giver, may_open, open},
};
use crate::{
    base::{
        clock::Timestamp,
        secrets::{self, LinkKeys},
    },
    config::SecretKey,
    db::{DbConnection, DbError, Tx},
};

/// The gifts of a user that are neither revoked nor expired, newest first, each with its token. The token is `None` if
/// the key that it was made with is no longer configured.
pub fn list(
    connection: &mut DbConnection,
    keys: &LinkKeys,
    user_id: i64,
    now: Timestamp,
) -> Result<Vec<(Gift, Option<String>)>, DbError> {
    let found = table::list_live(connection, user_id, now)?;
    Ok(found.into_iter().map(|(gift, secret)| (gift, token(keys, &secret))).collect())
}

/// The gift with this id, if [`list`] would return it.
pub fn find(
    connection: &mut DbConnection,
    keys: &LinkKeys,
    user_id: i64,
    id: i64,
    now: Timestamp,
) -> Result<Option<(Gift, Option<String>)>, DbError> {
    let found = table::find_live(connection, user_id, id, now)?;
    Ok(found.map(|(gift, secret)| (gift, token(keys, &secret))))
}

/// Revokes one of the user's gifts, or all of them; returns their number. Deletes the records of who opened them,
/// because the links no longer work.
pub fn revoke(tx: &mut Tx<'_>, user_id: i64, id: Option<i64>, now: Timestamp) -> Result<usize, DbError> {
    let revoked = table::revoke(tx, user_id, id, now)?;
    openings::delete_of_revoked(tx, user_id)?;
    Ok(revoked)
}

/// The keys of the tokens in gift links.
#[must_use]
pub fn link_keys(secret: &SecretKey, old: Option<&SecretKey>) -> LinkKeys {
    const PURPOSE: &str = "gift";
    LinkKeys::new(secret.derive(PURPOSE), old.map(|old| old.derive(PURPOSE)))
}

/// The token of a gift; `None` if the key that it was made with is no longer configured.
fn token(keys: &LinkKeys, gift: &GiftSecret) -> Option<String> {
    let tokens = keys.candidates(&gift.seed);
    tokens.into_iter().find(|token| secrets::digest(token).as_slice() == gift.token_hash)
}
