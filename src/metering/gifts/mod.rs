//! Gift links, with which subscribers let others read a post. Such a read is charged to nobody's meter.

mod creating;
mod keys;
mod opening;

pub use self::{
    creating::{GiftError, GiftQuota, GiftRequest, MAX_OPENS, create},
    keys::GiftKeys,
    opening::{Opener, may_open, open},
};
pub use crate::models::gifts::delete_ended as cleanup;
use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, Tx},
    models::{
        gift_opens,
        gifts::{self, Gift},
    },
};

/// The gifts of a user that are neither revoked nor expired, newest first, each with its token. The token is `None` if
/// the key that it was made with is no longer configured.
pub fn list(
    connection: &mut DbConnection,
    keys: &GiftKeys,
    user_id: i64,
    now: Timestamp,
) -> Result<Vec<(Gift, Option<String>)>, DbError> {
    let found = gifts::list_live(connection, user_id, now)?;
    Ok(found.into_iter().map(|(gift, secret)| (gift, keys.token_of(&secret))).collect())
}

/// The gift with this id, if [`list`] would return it.
pub fn find(
    connection: &mut DbConnection,
    keys: &GiftKeys,
    user_id: i64,
    id: i64,
    now: Timestamp,
) -> Result<Option<(Gift, Option<String>)>, DbError> {
    let found = gifts::find_live(connection, user_id, id, now)?;
    Ok(found.map(|(gift, secret)| (gift, keys.token_of(&secret))))
}

/// Revokes one of the user's gifts, or all of them; returns their number. Deletes the records of who opened them,
/// because the links no longer work.
pub fn revoke(tx: &mut Tx<'_>, user_id: i64, id: Option<i64>, now: Timestamp) -> Result<usize, DbError> {
    let revoked = gifts::revoke(tx, user_id, id, now)?;
    gift_opens::delete_of_revoked(tx, user_id)?;
    Ok(revoked)
}
