//! Issuing sessions: the row is inserted in the transaction that signs the user in; the browser receives the token
//! afterwards.

use super::{BEARER_PREFIX, NewSession};
use crate::{
    base::{client::Client, clock::Timestamp, secrets},
    config::{Lifetime, SessionConfig},
    credentials::{sessions, token_text},
    db::{DbError, Tx},
    users::activity,
};

/// The maximum number of live sessions per user. People have a few; a program that signs in for each request would fill
/// the database.
const MAX_LIVE: i64 = 100;

/// How the client sends the token of its session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// In a cookie, which the server signs.
    #[default]
    Cookie,
    /// In the header `Authorization`, from an app that is not a browser.
    Bearer,
}

/// The kind of session that a client has asked for.
#[derive(Clone, Copy, Debug)]
pub struct SessionKind {
    /// Which of the two lifetimes the session has.
    pub stay_signed_in: bool,
    pub transport: Transport,
}

/// A session that is in the database, but whose token has not been sent to a browser or app yet.
#[expect(missing_debug_implementations, reason = "the token must not be shown")]
pub struct IssuedSession {
    pub token: String,
    /// When the session expires.
    pub expiry: Expiry,
    /// Until when the session may perform sensitive actions.
    pub fresh_until: Timestamp,
    pub kind: SessionKind,
}

/// The two expiry times of a session; the idle one is never later than the absolute one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// When the session expires unless it is used.
    pub idle_expires_at: Timestamp,
    /// When the session expires even if it is used.
    pub expires_at: Timestamp,
}

impl Expiry {
    /// The expiry times of a session that starts at `start`.
    #[must_use]
    pub fn new(lifetime: Lifetime, start: Timestamp) -> Self {
        let expires_at = start.after(lifetime.max);
        Self { idle_expires_at: start.after(lifetime.idle).min(expires_at), expires_at }
    }
}

/// Adds a session for this user, with a new token. If the user has too many, the one that has been idle for the longest
/// time ends.
///
/// The transaction must have locked the user; otherwise, two simultaneous logins could exceed the limit.
pub fn issue(
    tx: &mut Tx<'_>,
    config: &SessionConfig,
    user_id: i64,
    kind: SessionKind,
    trusted_browser_id: Option<i64>,
    client: &Client,
    now: Timestamp,
) -> Result<IssuedSession, DbError> {
    // Locked first, because deleting an account and changing its password lock the user before the sessions.
    activity::update_last_seen(tx, user_id, now)?;
    let token = match kind.transport {
        Transport::Cookie => secrets::random_token(),
        Transport::Bearer => token_text::generate(BEARER_PREFIX).into_text(),
    };
    let expiry = Expiry::new(config.lifetime(kind.stay_signed_in), now);
    let fresh_until = now.after(config.fresh);
    let session = NewSession {
        token_hash: &secrets::digest(&token),
        user_id,
        stay_signed_in: kind.stay_signed_in,
        state: "{}",
        created_at: now,
        last_seen_at: now,
        idle_expires_at: expiry.idle_expires_at,
        expires_at: expiry.expires_at,
        fresh_until,
        ip: &client.ip.to_string(),
        user_agent: client.user_agent.as_deref(),
        trusted_browser_id,
    };
    // Before the insert: if the clock was set back, the new session would appear to have been idle for the longest
    // time.
    sessions::delete_idle_longest(tx, user_id, MAX_LIVE - 1, now)?;
    sessions::insert(tx, &session)?;
    Ok(IssuedSession { token, expiry, fresh_until, kind })
}
