//! Opening a session: its row is written in the transaction that lets somebody in, its token is given to the browser
//! afterwards.

use actix_session::{
    Session, SessionInsertError,
    storage::{SessionKey, generate_session_key},
};
use sha2::{Digest, Sha256};

use crate::{
    client::Client,
    clock::Timestamp,
    config::{Lifetime, SessionConfig},
    db::{DbConnection, DbError},
    models::{
        sessions::{self, NewSession, TokenHash},
        user_activity,
    },
};

/// What [`set_cookie`] puts in: the token of a session that is opened.
pub(super) const ISSUED_TOKEN: &str = "opened";

/// A user's live sessions. People have a few; a program that signs in for each request would fill the database.
const MAX_LIVE: i64 = 100;

/// A session that is in the database, and whose token no browser has yet.
#[expect(missing_debug_implementations, reason = "the token must not be shown")]
pub struct IssuedSession {
    token: SessionKey,
    /// When it ends.
    pub ends: Ends,
    /// Until when it may do what is sensitive.
    pub fresh_until: Timestamp,
    /// Which of the two lifetimes it has.
    pub stay_signed_in: bool,
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

/// Adds a session of this user, with a new token; if there are too many, the one that was idle longest ends. The
/// transaction has to have locked the user, or two logins at once could both take the last place.
///
/// # Errors
/// The database's own; the user may be gone.
pub fn issue(
    connection: &mut DbConnection,
    config: &SessionConfig,
    user_id: i64,
    stay_signed_in: bool,
    client: &Client,
    now: Timestamp,
) -> Result<IssuedSession, DbError> {
    // First: who deletes an account or changes its password locks the user before the sessions.
    user_activity::update_last_seen(connection, user_id, now)?;
    let token = generate_session_key();
    let ends = Ends::new(config.lifetime(stay_signed_in), now);
    let fresh_until = now.after(config.fresh);
    let session = NewSession {
        token_hash: &hash(&token),
        user_id,
        stay_signed_in,
        state: "{}",
        created_at: now,
        last_seen_at: now,
        idle_expires_at: ends.idle_expires_at,
        expires_at: ends.expires_at,
        fresh_until,
        ip: &client.ip.to_string(),
        user_agent: client.user_agent.as_deref(),
    };
    // Before the new one is there: on a clock that was set back it would seem to be the one idle longest.
    sessions::delete_idle_longest(connection, user_id, MAX_LIVE - 1, now)?;
    sessions::insert(connection, &session)?;
    Ok(IssuedSession { token, ends, fresh_until, stay_signed_in })
}

/// Gives the session to the browser, in place of the one that it came with, which ends.
///
/// # Errors
/// None in practice: a text can be written as JSON.
pub fn set_cookie(session: &Session, issued: IssuedSession) -> Result<(), SessionInsertError> {
    session.clear();
    session.renew();
    session.insert(ISSUED_TOKEN, String::from(issued.token))
}

/// The token has 380 random bits: unlike a password it needs no slow hash and no salt.
pub(super) fn hash(token: &SessionKey) -> TokenHash {
    Sha256::digest(token.as_ref().as_bytes()).into()
}
