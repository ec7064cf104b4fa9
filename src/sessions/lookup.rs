//! Looking up a session by its token, in the cache or in the database.

use std::{collections::HashMap, sync::Arc, time::Duration};

use serde_json::Value;

use super::{principal::Principal, token};
use crate::{
    clock::{Clock, Timestamp},
    config::SessionConfig,
    db::{Cache, CacheTag, Db, DbError},
    models::{
        sessions::{self, Session, TokenHash},
        users::User,
    },
};

/// Additional values of a session, which handlers may set.
pub type SessionState = HashMap<String, String>;

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
    cache: Arc<Cache<TokenHash, CachedSession>>,
}

/// A session from the database or the cache, with its user.
#[derive(Clone, Debug)]
pub struct LoadedSession {
    pub principal: Arc<Principal>,
    /// Whether loading the session extended its idle expiry.
    pub renewed: bool,
    state: SessionState,
}

/// A cached session row, with that of its user.
struct CachedSession {
    principal: Arc<Principal>,
    last_seen_at: Timestamp,
    /// Usually `None`: a hundred thousand empty maps would take noticeable memory.
    state: Option<Box<SessionState>>,
}

impl Sessions {
    #[must_use]
    pub fn new(db: Db, clock: Clock, config: SessionConfig) -> Self {
        let cache = Arc::new(db.cache("sessions", config.cache));
        Self { db, clock, config, cache }
    }

    /// Finds the live session with this token, and extends its idle expiry unless that was done recently.
    pub async fn find(&self, token: &str) -> Result<Option<LoadedSession>, DbError> {
        let (token, now) = (token::hash(token), self.clock.now());
        let cached = self.cache.get(&token).filter(|cached| self.is_usable(cached, now));
        match cached {
            Some(cached) => Ok(Some(cached.load(false))),
            None => self.load_from_database(token, now).await,
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
        let cached = CachedSession::new(session, user, state);
        let loaded = cached.load(renewed);
        // A renewed session has changed since it was read.
        if self.is_usable(&cached, now) {
            let tag = CacheTag::User(cached.principal.user_id);
            self.cache.insert(token, Arc::new(cached), tag, read_at);
        }
        Ok(Some(loaded))
    }

    /// Returns whether a cached session is still valid, and does not need to be renewed. If another node has extended
    /// the expiry, the database has the new one.
    fn is_usable(&self, cached: &CachedSession, now: Timestamp) -> bool {
        let principal = &cached.principal;
        !self.needs_renewal(cached.last_seen_at, principal.stay_signed_in, now)
            && now < principal.idle_expires_at
            && now < principal.expires_at
    }

    /// Replaces the state of a live session.
    pub async fn set_state(&self, token: &str, state: SessionState) -> Result<(), DbError> {
        let (token, state, now) = (token::hash(token), Value::from_iter(state).to_string(), self.clock.now());
        self.db.write(move |tx| sessions::update_state(tx, &token, &state, now)).await
    }

    /// Moves the idle expiry of a live session to `idle` from now, but not past its absolute expiry.
    pub async fn set_idle_time(&self, token: &str, idle: Duration) -> Result<(), DbError> {
        let (token, now) = (token::hash(token), self.clock.now());
        let idle_end = now.after(idle);
        self.db.write(move |tx| sessions::update_idle_end(tx, &token, now, idle_end)).await
    }

    /// Ends a session, if it exists.
    pub async fn end(&self, token: &str) -> Result<(), DbError> {
        let token = token::hash(token);
        self.db.write(move |tx| sessions::delete(tx, &token)).await
    }
}

impl LoadedSession {
    #[must_use]
    pub fn state(&self) -> &SessionState {
        &self.state
    }
}

impl CachedSession {
    fn new(session: Session, user: User, state: SessionState) -> Self {
        let last_seen_at = session.last_seen_at;
        let state = (!state.is_empty()).then(|| Box::new(state));
        Self { principal: Arc::new(Principal::new(session, user)), last_seen_at, state }
    }

    fn load(&self, renewed: bool) -> LoadedSession {
        LoadedSession {
            principal: self.principal.clone(),
            renewed,
            state: self.state.as_deref().cloned().unwrap_or_default(),
        }
    }
}
