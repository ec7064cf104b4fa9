//! The signed-in user and the session.

use std::{net::IpAddr, sync::Arc};

use super::{SessionState, user_agents::UserAgents};
use crate::{
    clock::Timestamp,
    config::SecondFactorPolicy,
    models::{
        sessions::Session,
        users::{Role, SecondFactor, User},
    },
};

/// The user and the session of a request. Without the unused capacity that strings and vectors have, because a hundred
/// thousand are cached.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The id of the session, which is not its token.
    pub session_id: i64,
    pub user_id: i64,
    /// As typed at registration.
    pub username: Box<str>,
    /// As typed at registration.
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
    /// Until when the session may perform sensitive actions.
    pub fresh_until: Timestamp,
    /// The address that last used the session, if known.
    pub ip: Option<IpAddr>,
    /// The user agent that last used the session, if known.
    pub user_agent: Option<Arc<str>>,
    /// When the session expires unless it is used.
    pub idle_expires_at: Timestamp,
    /// When the session expires even if it is used.
    pub expires_at: Timestamp,
    /// Which of the two lifetimes the session has.
    pub stay_signed_in: bool,
    /// When the session was last recorded as used.
    pub(super) last_seen_at: Timestamp,
    /// Usually `None`: a hundred thousand empty maps would take noticeable memory.
    pub(super) state: Option<Box<SessionState>>,
}

impl Principal {
    pub(super) fn new(session: &Session, user: User, state: SessionState, user_agents: &UserAgents) -> Self {
        Self {
            session_id: session.id,
            user_id: user.id,
            email_verified: user.is_email_verified(),
            second_factors: user.second_factors().into(),
            username: user.username.into(),
            pending_email: user.pending_email.map(Into::into),
            email: user.email.map(Into::into),
            role: user.role,
            user_created_at: user.created_at,
            user_updated_at: user.updated_at,
            subscribed_until: user.subscribed_until,
            fresh_until: session.fresh_until,
            ip: session.ip.as_ref().and_then(|ip| ip.parse().ok()),
            user_agent: session.user_agent.as_deref().map(|user_agent| user_agents.share(user_agent)),
            idle_expires_at: session.idle_expires_at,
            expires_at: session.expires_at,
            stay_signed_in: session.stay_signed_in,
            last_seen_at: session.last_seen_at,
            state: (!state.is_empty()).then(|| Box::new(state)),
        }
    }

    /// Returns whether the user's reads are not metered.
    #[must_use]
    pub fn is_subscribed(&self, now: Timestamp) -> bool {
        self.subscribed_until.is_some_and(|until| now < until)
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

    /// Returns whether the session may perform sensitive actions.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.fresh_until
    }
}
