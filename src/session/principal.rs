//! The one typed door to what a session holds: nobody else knows its keys.

use std::collections::HashMap;

use actix_session::{Session, SessionGetError, SessionInsertError};
use serde::{Deserialize, Serialize};

use crate::{
    clock::{self, Timestamp},
    config::Lifetime,
    models::{
        sessions,
        users::{Role, User},
    },
};

/// What a handler puts in to sign somebody in, a [`Login`].
pub(super) const LOGIN: &str = "login";
/// What the store puts in for a live session, a [`Principal`].
pub(super) const PRINCIPAL: &str = "principal";

/// Who signs in, and for how long.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Login {
    pub(super) user_id: i64,
    pub(super) stay_signed_in: bool,
    #[serde(with = "clock::millis")]
    pub(super) at: Timestamp,
}

/// The two ends of a session, of which the idle one is never the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// When it ends unless it is used.
    pub idle_expires_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

impl Ends {
    /// The ends of a session that begins at `start`.
    #[must_use]
    pub fn new(lifetime: Lifetime, start: Timestamp) -> Self {
        let expires_at = start.after(lifetime.max);
        Self { idle_expires_at: start.after(lifetime.idle).min(expires_at), expires_at }
    }
}

/// Who is signed in, and until when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Principal {
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
    /// The login.
    #[serde(with = "clock::millis")]
    pub created_at: Timestamp,
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
    pub(super) fn new(session: &sessions::Session, user: User, renewed: bool) -> Self {
        Self {
            user_id: user.id,
            username: user.username,
            email: user.email,
            role: user.role,
            user_created_at: user.created_at,
            user_updated_at: user.updated_at.map(Timestamp::millis),
            created_at: session.created_at,
            idle_expires_at: session.idle_expires_at,
            expires_at: session.expires_at,
            stay_signed_in: session.stay_signed_in,
            renewed,
        }
    }
}

/// Signs a user in: the session that the browser came with ends, and a new one with a new token begins.
///
/// # Errors
/// None in practice: numbers and truth values can be written as JSON.
pub fn open(session: &Session, user_id: i64, stay_signed_in: bool, at: Timestamp) -> Result<(), SessionInsertError> {
    session.clear();
    session.renew();
    session.insert(LOGIN, Login { user_id, stay_signed_in, at })
}

/// Who is signed in, if anybody.
///
/// # Errors
/// None in practice: the store has written it for this request.
pub fn principal(session: &Session) -> Result<Option<Principal>, SessionGetError> {
    session.get(PRINCIPAL)
}

/// A session's state as actix-session has it, parted into what has columns of its own and the rest.
pub(super) fn split(mut state: HashMap<String, String>) -> (Option<String>, HashMap<String, String>) {
    state.remove(PRINCIPAL);
    (state.remove(LOGIN), state)
}
