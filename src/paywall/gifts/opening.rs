//! Opening gifts.

use super::{
    openings,
    table::{self, Gift},
};
use crate::{
    base::{clock::Timestamp, secrets},
    db::{Db, DbConnection, DbError, Tx},
    paywall::meter_id::MeterId,
    users,
};

/// Who opens a gift.
#[derive(Clone, Copy, Debug)]
pub struct Opener {
    /// A user, or an anonymous reader.
    id: MeterId,
    /// The anonymous reader that the user's browser was before.
    anonymous: Option<MeterId>,
}

impl Opener {
    #[must_use]
    pub fn user(user_id: i64, anonymous: Option<MeterId>) -> Self {
        Self { id: MeterId::of_user(user_id), anonymous }
    }

    #[must_use]
    pub fn reader(id: MeterId) -> Self {
        Self { id, anonymous: None }
    }

    fn ids(self) -> Vec<i64> {
        std::iter::once(self.id).chain(self.anonymous).map(MeterId::number).collect()
    }
}

/// What a link lets a reader do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Permission {
    /// The gift is spent, revoked or expired, or does not exist.
    None,
    /// To open the gift.
    Open,
    /// To open it again, which is free.
    OpenAgain,
}

impl Permission {
    fn of(connection: &mut DbConnection, gift: Option<&Gift>, openers: &[i64]) -> Result<Self, DbError> {
        Ok(match gift {
            None => Self::None,
            Some(gift) if openings::is_opened_by(connection, gift.id, openers)? => Self::OpenAgain,
            Some(gift) if gift.opened < gift.opens => Self::Open,
            Some(_) => Self::None,
        })
    }
}

/// Whether [`open`] would succeed now for this reader, or for a new one.
///
/// # Errors
/// The database is unavailable.
pub async fn may_open(
    db: &Db,
    token: &str,
    post_id: i64,
    reader: Option<MeterId>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let openers = reader.into_iter().map(MeterId::number).collect();
    Ok(permission(db, token, post_id, openers, now).await? != Permission::None)
}

/// Opens the gift of this post with this token, unless it is spent, revoked or expired; returns whether the post may be
/// read. Exactly as many readers succeed as the gift allows, however many try at once.
///
/// # Errors
/// The database is unavailable. The opening may have been counted.
pub async fn open(db: &Db, token: &str, post_id: i64, opener: Opener, now: Timestamp) -> Result<bool, DbError> {
    // Most requests with a widely shared link end here, without waiting for the writer.
    match permission(db, token, post_id, opener.ids(), now).await? {
        Permission::None => return Ok(false),
        Permission::OpenAgain => return Ok(true),
        Permission::Open => {}
    }
    let hash = secrets::digest(token);
    db.write(move |tx: &mut Tx<'_>| {
        // An account that is deleted at the same time must not leave behind what it has opened.
        if opener.id.is_user() && users::lock_by_id(tx, opener.id.number())?.is_none() {
            return Ok(false);
        }
        // The lock makes the decision exact: of two requests by one reader, the second finds the first.
        let gift = table::lock_by_token(tx, &hash, post_id, now)?;
        let permission = Permission::of(tx, gift.as_ref(), &opener.ids())?;
        if let (Permission::Open, Some(gift)) = (permission, gift) {
            table::count_open(tx, gift.id)?;
            openings::insert(tx, gift.id, opener.id.number(), now)?;
        }
        Ok(permission != Permission::None)
    })
    .await
}

/// The username of the giver.
///
/// # Errors
/// The database is unavailable.
pub async fn giver(db: &Db, token: &str, post_id: i64) -> Result<Option<String>, DbError> {
    let hash = secrets::digest(token);
    db.read(move |connection: &mut DbConnection| table::giver(connection, &hash, post_id)).await
}

async fn permission(
    db: &Db,
    token: &str,
    post_id: i64,
    openers: Vec<i64>,
    now: Timestamp,
) -> Result<Permission, DbError> {
    let hash = secrets::digest(token);
    let find = move |connection: &mut DbConnection| {
        let gift = table::find_by_token(connection, &hash, post_id, now)?;
        Permission::of(connection, gift.as_ref(), &openers)
    };
    db.read(find).await
}
