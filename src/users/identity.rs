//! The user on whose behalf a request is made, with a session or an API token, in the form in which it is cached. Boxed
//! strings and slices have no unused capacity, which matters for a hundred thousand entries.

use super::{Role, SecondFactor, User, is_subscribed};
use crate::{base::clock::Timestamp, config::SecondFactorPolicy};

#[derive(Clone, Debug)]
pub struct Identity {
    pub user_id: i64,
    /// In the original spelling.
    pub username: Box<str>,
    /// In the original spelling.
    pub email: Option<Box<str>>,
    pub email_verified: bool,
    /// The address that replaces `email` once it is verified.
    pub pending_email: Option<Box<str>>,
    /// The second factors that are enrolled.
    pub second_factors: Box<[SecondFactor]>,
    pub role: Role,
    pub user_created_at: Timestamp,
    /// When the user last changed the account.
    pub user_updated_at: Option<Timestamp>,
    /// Until when the user's reads are not metered.
    pub subscribed_until: Option<Timestamp>,
}

impl Identity {
    /// Returns whether the user's reads are not metered.
    #[must_use]
    pub fn is_subscribed(&self, now: Timestamp) -> bool {
        is_subscribed(self.subscribed_until, now)
    }

    /// Returns whether the user must have a second factor and has none.
    #[must_use]
    pub fn lacks_second_factor(&self, policy: SecondFactorPolicy) -> bool {
        let must_have = match policy {
            SecondFactorPolicy::Off => false,
            SecondFactorPolicy::Admins => self.role == Role::Admin,
            SecondFactorPolicy::All => true,
        };
        must_have && self.second_factors.is_empty()
    }
}

impl From<User> for Identity {
    fn from(user: User) -> Self {
        Self {
            user_id: user.id,
            email_verified: user.is_email_verified(),
            second_factors: user.second_factors().into(),
            username: user.username.into(),
            email: user.email.map(Into::into),
            pending_email: user.pending_email.map(Into::into),
            role: user.role,
            user_created_at: user.created_at,
            user_updated_at: user.updated_at,
            subscribed_until: user.subscribed_until,
        }
    }
}
