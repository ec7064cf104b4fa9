//! Creating gifts.

use std::time::Duration;

use super::table::{self, Gift, NewGift};
use crate::{
    base::{
        clock::Timestamp,
        secrets::{self, LinkKeys},
    },
    db::{DbError, Tx},
    users::{Role, identity::Identity},
};

/// The maximum number of gifts that a subscriber creates in the length of one period of the meter.
const MAX_PER_PERIOD: i64 = 5;

/// The maximum number of readers who may open one gift.
pub const MAX_OPENS: i64 = 100;

/// A gift to be created.
#[derive(Clone, Copy, Debug)]
pub struct GiftRequest {
    pub post_id: i64,
    pub opens: i64,
    /// `None` if it does not expire.
    pub expires_at: Option<Timestamp>,
}

/// How many gifts a user may create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiftQuota {
    Unlimited,
    Limited {
        /// Gifts count for this long after they were created.
        period: Duration,
    },
}

impl GiftQuota {
    /// `None` for users who have to subscribe first. `allows_admin` is `false` for an admin's API token without that
    /// scope.
    #[must_use]
    pub fn of(user: &Identity, allows_admin: bool, period: Duration, now: Timestamp) -> Option<Self> {
        match user.role {
            Role::Admin if allows_admin => Some(Self::Unlimited),
            _ => user.is_subscribed(now).then_some(Self::Limited { period }),
        }
    }
}

/// Why no gift was created.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GiftError {
    #[error("the user has created too many gifts in this period")]
    LimitReached,
    /// The post or the user has just been deleted.
    #[error("the post does not exist")]
    NoSuchPost,
    #[error(transparent)]
    Db(DbError),
}

impl From<DbError> for GiftError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::MissingReference(_) => Self::NoSuchPost,
            error => Self::Db(error),
        }
    }
}

/// Creates a gift, and returns it with its token. The user must be locked, so that simultaneous requests do not exceed
/// the quota.
pub fn create(
    tx: &mut Tx<'_>,
    keys: &LinkKeys,
    user_id: i64,
    quota: GiftQuota,
    request: GiftRequest,
    now: Timestamp,
) -> Result<(Gift, String), GiftError> {
    if let GiftQuota::Limited { period } = quota
        && table::count_between(tx, user_id, now.before(period), now.latest_plausible())? >= MAX_PER_PERIOD
    {
        return Err(GiftError::LimitReached);
    }
    let seed: [u8; 32] = secrets::random_bytes().map_err(DbError::from)?;
    let (token, GiftRequest { post_id, opens, expires_at }) = (keys.token(&seed), request);
    let hash = secrets::digest(&token);
    let gift = NewGift { user_id, post_id, seed: &seed, token_hash: &hash, opens, created_at: now, expires_at };
    Ok((table::insert(tx, &gift)?, token))
}
