//! Sessions in the database, for actix-session.

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
    db::{Cache, CacheTag, Db, DbConnection, DbError},
    models::{
        sessions::{self, Session, TokenHash},
        user_activity,
        users::User,
    },
};

/// A session's use is written down at most so often: each time would make every request a write.
const RENEW_EVERY: Duration = Duration::from_secs(60);

/// And at least this often in its idle time. With a minute whatever the setting, a session of `SESSION_IDLE=1m` would
/// end while it is in use.
const RENEWALS_PER_IDLE_TIME: u32 = 10;

/// How far a session may be ahead of this node's clock before that clock counts as set back.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);

/// How long a request waits for that: a write that another process holds up must not hold up who only reads.
const RENEW_WITHIN: Duration = Duration::from_secs(1);

/// What else a session keeps.
type State = HashMap<String, String>;

/// Keeps sessions in the table `sessions`, and copies of them in memory.
///
/// The middleware has one lifetime for all; here each login has its own, so the `ttl` that it passes to `save` and
/// `update` is not used. `find` checks both ends of the session, that its user may still sign in, and moves the idle
/// end on; `update` never brings back what is gone.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database has none")]
pub struct DbSessionStore {
    db: Db,
    clock: Clock,
    config: SessionConfig,
    cache: Arc<Cache<TokenHash, CachedSession>>,
}

/// A session that was found, with its user.
#[derive(Clone, Debug)]
pub struct LoadedSession {
    /// Who is signed in by it.
    pub principal: Arc<Principal>,
    /// Whether this moved its idle end.
    pub renewed: bool,
    state: State,
}

/// A copy of a session's row, and of its user's.
struct CachedSession {
    principal: Arc<Principal>,
    last_seen_at: Timestamp,
    /// Mostly there is none, and a hundred thousand empty maps have their size, too.
    state: Option<Box<State>>,
}

impl DbSessionStore {
    /// A store on this database.
    #[must_use]
    pub fn new(db: Db, clock: Clock, config: SessionConfig) -> Self {
        let cache = Arc::new(db.cache("sessions", config.cache));
        Self { db, clock, config, cache }
    }

    /// The live session with this token.
    ///
    /// # Errors
    /// The database cannot serve, or the row is no session.
    pub async fn find(&self, session_key: &SessionKey) -> Result<Option<LoadedSession>, LoadError> {
        let (token, now) = (hash(session_key), self.clock.now());
        let copy = self.cache.get(&token).filter(|cached| self.is_usable(cached, now));
        match copy {
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
        // What was renewed has changed since it was read.
        if self.is_usable(&cached, now) {
            let tag = CacheTag::User(cached.principal.user_id);
            self.cache.insert(token, Arc::new(cached), tag, read_at);
        }
        Ok(Some(loaded))
    }

    /// Moves the idle end on unless that was done lately; whether it was done now. One that was used later than now,
    /// before the clock was set back, gets the ends of one that begins now, where its own are later.
    ///
    /// A database that is read-only or full must not sign everybody out: the session is still good, so a failed write
    /// is logged and the request goes on.
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
        let renew = move |connection: &mut DbConnection| {
            if is_first_of_day {
                // First: who deletes an account or changes its password locks the user before the sessions.
                user_activity::update_last_seen(connection, written.user_id, now)?;
            }
            match is_ahead {
                true => sessions::clamp(connection, &token, ahead, now, &written),
                false => sessions::renew(connection, &token, not_since, now, written.idle_expires_at),
            }
        };
        let error = match timeout(RENEW_WITHIN, self.db.write(renew)).await {
            Ok(Ok(())) => {
                *session = renewed;
                return true;
            }
            Ok(Err(error)) => error,
            Err(_) => DbError::Unavailable(format!("no answer in {RENEW_WITHIN:?}")),
        };
        tracing::warn!(%error, "a session could not be renewed");
        false
    }

    /// How long after a renewal the next use is written down.
    fn renewal_interval(&self, stay_signed_in: bool) -> Duration {
        RENEW_EVERY.min(self.config.lifetime(stay_signed_in).idle / RENEWALS_PER_IDLE_TIME)
    }

    /// Whether a cached session has not ended, as far as is known, and need not be renewed either. An end that was moved
    /// on by another node is found in the database.
    fn is_usable(&self, cached: &CachedSession, now: Timestamp) -> bool {
        let (principal, last_seen_at) = (&cached.principal, cached.last_seen_at);
        let is_renewed = last_seen_at > now.before(self.renewal_interval(principal.stay_signed_in));
        let is_ahead = last_seen_at > now.after(CLOCK_TOLERANCE);
        is_renewed && !is_ahead && now < principal.idle_expires_at && now < principal.expires_at
    }

    /// What a session is once it is renewed.
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
        self.db.write(move |connection| sessions::update_state(connection, &token, &state, now)).await
    }
}

impl LoadedSession {
    /// What else the session keeps.
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

    /// Finishes what [`super::insert`] has begun: the row is there, and the browser gets its token.
    async fn save(&self, mut state: State, _: &CookieDuration) -> Result<SessionKey, SaveError> {
        let token = state.remove(ISSUED_TOKEN).ok_or_else(|| anyhow!("a session that nobody opened is not kept"));
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
        let update = move |connection: &mut _| sessions::update_idle_end(connection, &token, now, idle_end);
        self.db.write(update).await.map_err(|error: DbError| error.into())
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        let token = hash(session_key);
        let delete = move |connection: &mut _| sessions::delete(connection, &token);
        self.db.write(delete).await.map_err(|error: DbError| error.into())
    }
}

fn parse_token(text: &str) -> Result<SessionKey, anyhow::Error> {
    let token: String = serde_json::from_str(text).context("the token of a session")?;
    token.try_into().map_err(|_| anyhow!("the token of a session is too long"))
}

fn parse(state: &str) -> Result<State, anyhow::Error> {
    serde_json::from_str(state).context("the state of a session")
}

fn write(value: &impl serde::Serialize) -> Result<String, anyhow::Error> {
    serde_json::to_string(value).context("the state of a session")
}
