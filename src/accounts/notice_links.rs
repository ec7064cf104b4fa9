//! Which links of notices stop working when one of them is used.

use crate::{
    base::{clock::Timestamp, email::Email},
    db::{DbError, Tx},
    mail::one_time_tokens::{self, Grant, Purpose},
};

/// The link of a notice that has not been used.
struct Unused {
    id: i64,
    /// The key of the address that it restores.
    address: String,
    created_at: Timestamp,
}

/// Revokes the links that could take back what the used one has restored: those of later notices about the same
/// address, and those for addresses that the account had only later. An address that it had earlier keeps its links: if
/// two people use their links against each other, the first owner wins.
pub(super) fn revoke_later(tx: &mut Tx<'_>, user_id: i64, used: &Grant, restored: &Email) -> Result<(), DbError> {
    let unused = one_time_tokens::list(tx, user_id, Purpose::Secure)?;
    let unused: Vec<_> = unused.into_iter().filter_map(Unused::from_row).collect();
    let first_use =
        |address: &str| unused.iter().filter(|link| link.address == address).map(|link| link.created_at).min();
    let restored_since = first_use(&restored.key).map_or(used.created_at, |first| first.min(used.created_at));
    let is_revoked = |link: &&Unused| match first_use(&link.address) {
        Some(first) if link.address != restored.key => first > restored_since,
        _ => link.created_at >= used.created_at,
    };
    let revoked: Vec<_> = unused.iter().filter(is_revoked).map(|link| link.id).collect();
    one_time_tokens::delete(tx, &revoked)
}

impl Unused {
    /// `None` for a link without a valid address, which does not work.
    fn from_row((id, payload, created_at): (i64, Option<String>, Timestamp)) -> Option<Self> {
        let address = Email::parse(&payload?).ok()?.key;
        Some(Self { id, address, created_at })
    }
}
