//! Who is signed in: what a session says of its user and of itself.

use std::net::IpAddr;

use actix_session::{Session, SessionGetError};
use serde::{Deserialize, Serialize};

use crate::{
    clock::{self, Timestamp},
    models::{
        sessions,
        users::{Role, User},
    },
};

/// What [`hand_over`] puts in: the token of a session that is opened.
pub(super) const OPENED: &str = "opened";
/// What the store puts in for a live session, a [`Principal`].
pub(super) const PRINCIPAL: &str = "principal";

/// Who is signed in, and until when.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// When the user registered, Unix milliseconds.
    #[serde(with = "clock::millis")]
    pub user_created_at: Timestamp,
    /// When the user last changed something, Unix milliseconds.
    pub user_updated_at: Option<i64>,
    /// Until when the user's reads are not metered, Unix milliseconds.
    pub subscribed_until: Option<i64>,
    /// Until when the session may do what is sensitive.
    #[serde(with = "clock::millis")]
    pub fresh_until: Timestamp,
    /// Where the session was last seen, where that is known.
    pub ip: Option<IpAddr>,
    /// The program that it was last seen with, where that is known.
    pub user_agent: Option<String>,
    /// When the session ends unless it is used.
    #[serde(with = "clock::millis")]
    pub idle_expires_at: Timestamp,
    /// When the session ends in any case.
    #[serde(with = "clock::millis")]
    pub expires_at: Timestamp,
    /// Which of the two lifetimes it has.
    pub stay_signed_in: bool,
    /// Whether this request moved its idle end.
    pub renewed: bool,
}

impl Principal {
    pub(super) fn new(session: sessions::Session, user: User, renewed: bool) -> Self {
        Self {
            session_id: session.id,
            user_id: user.id,
            username: user.username,
            email: user.email,
            role: user.role,
            user_created_at: user.created_at,
            user_updated_at: user.updated_at.map(Timestamp::millis),
            subscribed_until: user.subscribed_until.map(Timestamp::millis),
            fresh_until: session.fresh_until,
            ip: session.ip.and_then(|ip| ip.parse().ok()),
            user_agent: session.user_agent,
            idle_expires_at: session.idle_expires_at,
            expires_at: session.expires_at,
            stay_signed_in: session.stay_signed_in,
            renewed,
        }
    }

    /// Whether the user's reads are not metered.
    #[must_use]
    pub fn is_subscribed(&self, now: Timestamp) -> bool {
        self.subscribed_until.is_some_and(|until| now.millis() < until)
    }

    /// Whether the session may do what is sensitive.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.fresh_until
    }
}

/// Who is signed in, if anybody.
///
/// # Errors
/// None in practice: the store has written it for this request.
pub fn principal(session: &Session) -> Result<Option<Principal>, SessionGetError> {
    session.get(PRINCIPAL)
}
