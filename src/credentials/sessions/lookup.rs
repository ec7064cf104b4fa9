//! Looking up a session by its token, in the cache or in the database.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use super::{
    BEARER_PREFIX, TokenHash, is_bearer_token,
    principal::{Principal, SessionState},
    user_agents::UserAgents,
};
use crate::{
    base::{
        clock::{Clock, Timestamp},
        secrets,
    },
    config::SessionConfig,
    credentials::{sessions, token_text},
    db::{Cache, CacheTag, Db, DbError},
};

/// The table `sessions`, cached in memory.
///
/// A session is found only if neither of its expiry times has passed and its user may still sign in. Nothing recreates
/// a deleted session.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database handle does not implement it")]
pub struct Sessions {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) config: SessionConfig,
    cache: Arc<Cache<TokenHash, Principal>>,
    user_agents: UserAgents,
}

/// A session from the database or the cache, with its user.
#[derive(Clone, Debug)]
pub struct LoadedSession {
    pub principal: Arc<Principal>,
    /// Whether loading the session extended its idle expiry.
    pub renewed: bool,
}

impl Sessions {
    #[must_use]
    pub fn new(db: Db, clock: Clock, config: SessionConfig) -> Self {
        let cache = Arc::new(db.cache("sessions", config.cache));
        Self { db, clock, config, cache, user_agents: UserAgents::new() }
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Finds the live session with this token of a cookie, and extends its idle expiry unless that was done recently.
    pub async fn find(&self, token: &str, now: Timestamp) -> Result<Option<LoadedSession>, DbError> {
        if is_bearer_token(token) { Ok(None) } else { self.find_hashed(secrets::digest(token), now).await }
    }

    /// As [`Self::find`], with the token of an app.
    pub async fn find_bearer(&self, text: &str, now: Timestamp) -> Result<Option<LoadedSession>, DbError> {
        match token_text::parse(BEARER_PREFIX, text) {
            Some(hash) => self.find_hashed(hash, now).await,
            None => Ok(None),
        }
    }

    async fn find_hashed(&self, token: TokenHash, now: Timestamp) -> Result<Option<LoadedSession>, DbError> {
        match self.cache.get(&token).filter(|principal| self.is_usable(principal, now)) {
            Some(principal) => Ok(Some(LoadedSession { principal, renewed: false })),
            // Boxed, so that the future of every request does not reserve space for this one, which rarely runs.
            None => Box::pin(self.load_from_database(token, now)).await,
        }
    }

    async fn load_from_database(&self, token: TokenHash, now: Timestamp) -> Result<Option<LoadedSession>, DbError> {
        let read_at = self.cache.version();
        let find = move |connection: &mut _| sessions::find_live(connection, &token, now);
        let Some((mut session, user)) = self.db.read::<_, DbError, _>(find).await? else { return Ok(None) };
        let state = match serde_json::from_str(&session.state) {
            Ok(state) => state,
            Err(cause) => {
                tracing::warn!(%cause, "unreadable session ignored");
                return Ok(None);
            }
        };

        let renewed = self.renew(token, &mut session, now).await;
        let principal = Arc::new(Principal::new(&session, user, state, &self.user_agents));
        // A renewed session has changed since it was read.
        if self.is_usable(&principal, now) {
            self.cache.insert(token, principal.clone(), CacheTag::User(principal.user_id), read_at);
        }
        Ok(Some(LoadedSession { principal, renewed }))
    }

    /// Returns whether a cached session is still valid, and does not need to be renewed. If another node has extended
    /// the expiry, the database has the new one.
    fn is_usable(&self, principal: &Principal, now: Timestamp) -> bool {
        !self.needs_renewal(principal.last_seen_at, principal.stay_signed_in, now)
            && now < principal.idle_expires_at
            && now < principal.expires_at
    }

    /// Replaces the state of a live session.
    pub async fn set_state(&self, token: &str, state: SessionState) -> Result<(), DbError> {
        let (token, state, now) = (secrets::digest(token), Value::from_iter(state).to_string(), self.clock.now());
        self.db.write(move |tx| sessions::update_state(tx, &token, &state, now)).await
    }

    /// Moves the idle expiry of a live session to `idle` from now, but not past its absolute expiry.
    pub async fn set_idle_time(&self, token: &str, idle: Duration) -> Result<(), DbError> {
        let (token, now) = (secrets::digest(token), self.clock.now());
        let idle_end = now.after(idle);
        self.db.write(move |tx| sessions::update_idle_end(tx, &token, now, idle_end)).await
    }

    /// Ends a session, if it exists.
    pub async fn end(&self, token: &str) -> Result<(), DbError> {
        let token = secrets::digest(token);
        self.db.write(move |tx| sessions::delete(tx, &token)).await
    }
}

impl LoadedSession {
    #[must_use]
    pub fn state(&self) -> SessionState {
        self.principal.state.as_deref().cloned().unwrap_or_default()
    }
}
