//! The session store of actix-session on the database.

use std::{collections::HashMap, sync::Arc, time::Duration};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration as CookieDuration;
use anyhow::{Context, anyhow};
use tokio::time::timeout;

use super::{
    issue::{Ends, ISSUED_TOKEN, hash},
    principal::Principal,
};
use crate::{
    clock::{Clock, Timestamp},
    config::SessionConfig,
    db::{Cache, CacheTag, Db, DbError, Tx},
    models::{
        sessions::{self, Session, TokenHash},
        user_activity,
        users::User,
    },
};

/// The minimum time between two recorded uses of a session. Recording each use would make every request a write.
const RENEW_EVERY: Duration = Duration::from_secs(60);

/// The minimum number of renewals per idle time. If the interval were always a minute, a session with `SESSION_IDLE=1m`
/// would expire while in use.
const RENEWALS_PER_IDLE_TIME: u32 = 10;

/// How far ahead of this node's clock a session may be before the clock is assumed to have been set back.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);

/// How long a request waits for a renewal: a write that another process delays must not delay readers.
const RENEW_WITHIN: Duration = Duration::from_secs(1);

/// The session state for actix-session.
type State = HashMap<String, String>;

/// Stores sessions in the table `sessions`, and caches them in memory.
///
/// The middleware has a single lifetime for all sessions. Here, each login has its own, so the `ttl` passed to `save`
/// and `update` is not used. `find` checks both expiry times of the session and that its user may still sign in, and
/// extends the idle expiry; `update` never recreates a deleted session.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database handle does not implement it")]
pub struct DbSessionStore {
    db: Db,
    clock: Clock,
    config: SessionConfig,
    cache: Arc<Cache<TokenHash, CachedSession>>,
}

/// A session from the database or the cache, with its user.
#[derive(Clone, Debug)]
pub struct LoadedSession {
    pub principal: Arc<Principal>,
    /// Whether loading the session extended its idle expiry.
    pub renewed: bool,
    state: State,
}

/// A cached session row, with that of its user.
struct CachedSession {
    principal: Arc<Principal>,
    last_seen_at: Timestamp,
    /// Usually `None`: a hundred thousand empty maps would take noticeable memory.
    state: Option<Box<State>>,
}

impl DbSessionStore {
    /// Creates a store on this database.
    #[must_use]
    pub fn new(db: Db, clock: Clock, config: SessionConfig) -> Self {
        let cache = Arc::new(db.cache("sessions", config.cache));
        Self { db, clock, config, cache }
    }

    /// Finds the live session with this token.
    ///
    /// # Errors
    /// The database is unavailable, or the row cannot be deserialized.
    pub async fn find(&self, session_key: &SessionKey) -> Result<Option<LoadedSession>, LoadError> {
        let (token, now) = (hash(session_key), self.clock.now());
        let cached = self.cache.get(&token).filter(|cached| self.is_usable(cached, now));
        match cached {
            Some(cached) => Ok(Some(cached.load(false))),
            None => self.load_from_database(token, now).await,
        }
    }

    async fn load_from_database(&self, token: TokenHash, now: Timestamp) -> Result<Option<LoadedSession>, LoadError> {
        let read_at = self.cache.version();
        let find = move |connection: &mut _| sessions::find_live(connection, &token, now);
        let loaded = self.db.read(find).await.map_err(|error: DbError| LoadError::Other(error.into()))?;
        let Some((mut session, user)) = loaded else { return Ok(None) };
        let state = parse(&session.state).map_err(LoadError::Deserialization)?;

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

    /// Extends the idle expiry unless that was done recently, and returns whether it was done now. If the session was
    /// last used in the future, because the clock was set back, its expiry times are clamped to those of a session that
    /// starts now.
    ///
    /// A read-only or full database must not sign everyone out: the session is still valid, so a failed write is logged
    /// and the request continues.
    async fn renew(&self, token: TokenHash, session: &mut Session, now: Timestamp) -> bool {
        let not_since = now.before(self.renewal_interval(session.stay_signed_in));
        let ahead = now.after(CLOCK_TOLERANCE);
        let is_ahead = session.last_seen_at > ahead;
        if session.last_seen_at > not_since && !is_ahead {
            return false;
        }
        let renewed = self.renewed(session.clone(), is_ahead, now);
        let written = renewed.clone();
        let is_first_of_day = session.last_seen_at.day() != now.day();
        let renew = move |tx: &mut Tx<'_>| {
            if is_first_of_day {
                // Locked first, because deleting an account and changing its password lock the user before the
                // sessions.
                user_activity::update_last_seen(tx, written.user_id, now)?;
            }
            match is_ahead {
                true => sessions::clamp(tx, &token, ahead, now, &written),
                false => sessions::renew(tx, &token, not_since, now, written.idle_expires_at),
            }
        };
        let error = match timeout(RENEW_WITHIN, self.db.write(renew)).await {
            Ok(Ok(())) => {
                *session = renewed;
                return true;
            }
            Ok(Err(error)) => error,
            Err(_) => DbError::Unavailable(format!("no response within {RENEW_WITHIN:?}")),
        };
        tracing::warn!(%error, "failed to renew a session");
        false
    }

    /// The minimum time between two renewals.
    fn renewal_interval(&self, stay_signed_in: bool) -> Duration {
        RENEW_EVERY.min(self.config.lifetime(stay_signed_in).idle / RENEWALS_PER_IDLE_TIME)
    }

    /// Returns whether a cached session is still valid, and does not need to be renewed. If another node has extended
    /// the expiry, the database has the new one.
    fn is_usable(&self, cached: &CachedSession, now: Timestamp) -> bool {
        let (principal, last_seen_at) = (&cached.principal, cached.last_seen_at);
        let is_renewed = last_seen_at > now.before(self.renewal_interval(principal.stay_signed_in));
        let is_ahead = last_seen_at > now.after(CLOCK_TOLERANCE);
        is_renewed && !is_ahead && now < principal.idle_expires_at && now < principal.expires_at
    }

    /// Returns the session as it is after a renewal.
    fn renewed(&self, mut session: Session, is_ahead: bool, now: Timestamp) -> Session {
        let ends = Ends::new(self.config.lifetime(session.stay_signed_in), now);
        if is_ahead {
            session.expires_at = session.expires_at.min(ends.expires_at);
            session.fresh_until = session.fresh_until.min(now.after(self.config.fresh));
        }
        session.idle_expires_at = ends.idle_expires_at.min(session.expires_at);
        session
    }

    async fn update_state(&self, session_key: &SessionKey, state: String) -> Result<(), DbError> {
        let (token, now) = (hash(session_key), self.clock.now());
        self.db.write(move |tx| sessions::update_state(tx, &token, &state, now)).await
    }
}

impl LoadedSession {
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }
}

impl CachedSession {
    fn new(session: Session, user: User, state: State) -> Self {
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

impl SessionStore for DbSessionStore {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        Ok(self.find(session_key).await?.map(|loaded| loaded.state))
    }

    /// Completes what [`super::issue`] started: the row already exists, and the browser receives its token.
    async fn save(&self, mut state: State, _: &CookieDuration) -> Result<SessionKey, SaveError> {
        let token = state.remove(ISSUED_TOKEN).ok_or_else(|| anyhow!("cannot save a session that was not issued"));
        let token = token.and_then(|token| parse_token(&token)).map_err(SaveError::Serialization)?;
        if !state.is_empty() {
            let state = write(&state).map_err(SaveError::Serialization)?;
            self.update_state(&token, state).await.map_err(|error| SaveError::Other(error.into()))?;
        }
        Ok(token)
    }

    async fn update(
        &self,
        session_key: SessionKey,
        state: State,
        _: &CookieDuration,
    ) -> Result<SessionKey, UpdateError> {
        let state = write(&state).map_err(UpdateError::Serialization)?;
        self.update_state(&session_key, state).await.map_err(|error| UpdateError::Other(error.into()))?;
        Ok(session_key)
    }

    async fn update_ttl(&self, session_key: &SessionKey, ttl: &CookieDuration) -> Result<(), anyhow::Error> {
        let (token, now) = (hash(session_key), self.clock.now());
        let idle_end = now.after(Duration::try_from(*ttl).unwrap_or_default());
        let update = move |tx: &mut Tx<'_>| sessions::update_idle_end(tx, &token, now, idle_end);
        self.db.write(update).await.map_err(|error: DbError| error.into())
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        let token = hash(session_key);
        let delete = move |tx: &mut Tx<'_>| sessions::delete(tx, &token);
        self.db.write(delete).await.map_err(|error: DbError| error.into())
    }
}

fn parse_token(text: &str) -> Result<SessionKey, anyhow::Error> {
    let token: String = serde_json::from_str(text).context("invalid session token")?;
    token.try_into().map_err(|_| anyhow!("the session token is too long"))
}

fn parse(state: &str) -> Result<State, anyhow::Error> {
    serde_json::from_str(state).context("invalid session state")
}

fn write(value: &impl serde::Serialize) -> Result<String, anyhow::Error> {
    serde_json::to_string(value).context("failed to serialize a session")
}
