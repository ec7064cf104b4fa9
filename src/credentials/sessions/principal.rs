//! The signed-in user and the session.

use std::{collections::HashMap, net::IpAddr, ops::Deref, sync::Arc};

use super::{Session, user_agents::UserAgents};
use crate::{
    base::clock::Timestamp,
    users::{User, identity::Identity},
};

/// Additional values of a session, which handlers may set.
pub type SessionState = HashMap<String, String>;

/// The user and the session of a request.
#[derive(Clone, Debug)]
pub struct Principal {
    pub user: Identity,
    /// The id of the session, which is not its token.
    pub session_id: i64,
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
            user: user.into(),
            session_id: session.id,
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

    /// Returns whether the session may perform sensitive actions.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.fresh_until
    }
}

/// Most callers ask about the user.
impl Deref for Principal {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.user
    }
}
