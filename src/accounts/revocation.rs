//! Which links of notices stop working when one of them is used.

use super::Email;
use crate::{
    clock::Timestamp,
    db::{DbError, Tx},
    models::one_time_tokens::{self, Grant, Purpose},
};

/// The link of a notice that has not been used.
struct Unused {
    id: i64,
    /// The key of the address that it restores; `None` for notices of earlier versions.
    address: Option<String>,
    created_at: Timestamp,
}

/// Revokes the links that could take back what the used one has restored: those of later notices about the same
/// address, and those for addresses that the account had only later. An address that it had earlier keeps its links: if
/// two people use their links against each other, the first owner wins.
pub(super) fn revoke_later(
    tx: &mut Tx<'_>,
    user_id: i64,
    used: &Grant,
    restored: Option<&Email>,
) -> Result<(), DbError> {
    let restored = restored.map(|email| email.key.clone());
    let unused: Vec<_> = one_time_tokens::list(tx, user_id, Purpose::Secure)?.into_iter().map(Unused::from).collect();
    let first_use = |address: &Option<String>| {
        unused.iter().filter(|link| &link.address == address).map(|link| link.created_at).min()
    };
    let restored_since = first_use(&restored).map_or(used.created_at, |first| first.min(used.created_at));
    let is_revoked = |link: &&Unused| {
        let is_comparable = restored.is_some() && link.address.is_some() && link.address != restored;
        match first_use(&link.address) {
            Some(first) if is_comparable => first > restored_since,
            _ => link.created_at >= used.created_at,
        }
    };
    let revoked: Vec<_> = unused.iter().filter(is_revoked).map(|link| link.id).collect();
    one_time_tokens::delete(tx, &revoked)
}

impl From<(i64, Option<String>, Timestamp)> for Unused {
    fn from((id, payload, created_at): (i64, Option<String>, Timestamp)) -> Self {
        let address = payload.and_then(|text| Email::parse(&text).ok()).map(|email| email.key);
        Self { id, address, created_at }
    }
}
