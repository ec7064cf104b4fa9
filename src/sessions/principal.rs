//! Who is signed in: what a session says of its user and of itself.

use std::net::IpAddr;

use crate::{
    cached_json::CachedJson,
    clock::Timestamp,
    models::{
        sessions,
        users::{Role, User},
    },
};

/// Who is signed in, and until when.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The session's id, which is not its token.
    pub session_id: i64,
    /// The user's id.
    pub user_id: i64,
    /// As typed at registration.
    pub username: String,
    /// As typed at registration.
    pub email: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// When the user registered.
    pub user_created_at: Timestamp,
    /// When the user last changed something.
    pub user_updated_at: Option<Timestamp>,
    /// Until when the user's reads are not metered.
    pub subscribed_until: Option<Timestamp>,
    /// Until when the session may do what is sensitive.
    pub fresh_until: Timestamp,
    /// Where the session was last seen, where that is known.
    pub ip: Option<IpAddr>,
    /// The program that it was last seen with, where that is known.
    pub user_agent: Option<String>,
    /// When the session ends unless it is used.
    pub idle_expires_at: Timestamp,
    /// When the session ends in any case.
    pub expires_at: Timestamp,
    /// Which of the two lifetimes it has.
    pub stay_signed_in: bool,
    /// What `/check_session` shows.
    pub shown: CachedJson,
}

impl Principal {
    pub(super) fn new(session: sessions::Session, user: User) -> Self {
        Self {
            session_id: session.id,
            user_id: user.id,
            username: user.username,
            email: user.email,
            role: user.role,
            user_created_at: user.created_at,
            user_updated_at: user.updated_at,
            subscribed_until: user.subscribed_until,
            fresh_until: session.fresh_until,
            ip: session.ip.and_then(|ip| ip.parse().ok()),
            user_agent: session.user_agent,
            idle_expires_at: session.idle_expires_at,
            expires_at: session.expires_at,
            stay_signed_in: session.stay_signed_in,
            shown: CachedJson::default(),
        }
    }

    /// Whether the user's reads are not metered.
    #[must_use]
    pub fn is_subscribed(&self, now: Timestamp) -> bool {
        self.subscribed_until.is_some_and(|until| now < until)
    }

    /// Whether the session may do what is sensitive.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.fresh_until
    }
}
