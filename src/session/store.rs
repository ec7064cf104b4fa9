//! Sessions in the database, for actix-session.

use std::{collections::HashMap, time::Duration};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration as CookieDuration;
use anyhow::{Context, anyhow};
use tokio::time::timeout;

use super::{
    open::hash,
    principal::{OPENED, PRINCIPAL, Principal},
};
use crate::{
    clock::{Clock, Timestamp},
    config::SessionConfig,
    db::{Db, DbError},
    models::{
        sessions::{self, Session, TokenHash},
        users::User,
    },
};

/// A session's use is written down at most so often: each time would make every request a write.
const RENEW_EVERY: Duration = Duration::from_secs(60);

/// How long a request waits for that: a write that another process holds up must not hold up who only reads.
const RENEW_WITHIN: Duration = Duration::from_secs(1);

/// Keeps sessions in the table `sessions`.
///
/// The middleware has one lifetime for all; here each login has its own, so the `ttl` that it passes to `save` and
/// `update` is not used. `load` checks both ends of the session, that its user may still sign in, and moves the idle
/// end on; `update` never brings back what is gone.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database has none")]
pub struct DbSessionStore {
    db: Db,
    clock: Clock,
    config: SessionConfig,
}

impl DbSessionStore {
    /// A store on this database.
    #[must_use]
    pub fn new(db: Db, clock: Clock, config: SessionConfig) -> Self {
        Self { db, clock, config }
    }

    /// Moves the idle end on where that was not done in the last minute; whether it was done now.
    ///
    /// A database that is read-only or full must not sign everybody out: the session is still good, so a failed write
    /// is logged and the request goes on.
    async fn renew(&self, token: TokenHash, session: &mut Session, now: Timestamp) -> bool {
        let not_since = now.before(RENEW_EVERY);
        if session.last_seen_at > not_since {
            return false;
        }
        let idle_end = now.after(self.config.lifetime(session.stay_signed_in).idle).min(session.expires_at);
        let renew = move |connection: &mut _| sessions::renew(connection, &token, not_since, now, idle_end);
        let fault = match timeout(RENEW_WITHIN, self.db.write(renew)).await {
            Ok(Ok(())) => {
                session.idle_expires_at = idle_end;
                return true;
            }
            Ok(Err(fault)) => fault,
            Err(_) => DbError::Unavailable(format!("no answer in {RENEW_WITHIN:?}")),
        };
        tracing::warn!(%fault, "a session could not be renewed");
        false
    }

    async fn find(&self, token: TokenHash, now: Timestamp) -> Result<Option<(Session, User)>, DbError> {
        self.db.read(move |connection| sessions::find_live(connection, &token, now)).await
    }

    async fn update_state(&self, session_key: &SessionKey, state: String) -> Result<(), DbError> {
        let (token, now) = (hash(session_key), self.clock.now());
        self.db.write(move |connection| sessions::update_state(connection, &token, &state, now)).await
    }
}

impl SessionStore for DbSessionStore {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        let (token, now) = (hash(session_key), self.clock.now());
        let found = self.find(token, now).await.map_err(|fault| LoadError::Other(fault.into()))?;
        let Some((mut session, user)) = found else { return Ok(None) };
        let mut state = parse(&session.state).map_err(LoadError::Deserialization)?;

        let renewed = self.renew(token, &mut session, now).await;
        let principal = Principal::new(session, user, renewed);
        state.insert(PRINCIPAL.to_owned(), write(&principal).map_err(LoadError::Deserialization)?);
        Ok(Some(state))
    }

    /// Finishes what [`super::insert`] has begun: the row is there, and the browser gets its token.
    async fn save(&self, mut state: HashMap<String, String>, _: &CookieDuration) -> Result<SessionKey, SaveError> {
        let token = state.remove(OPENED).ok_or_else(|| anyhow!("a session that nobody opened is not kept"));
        let token = token.and_then(|token| parse_token(&token)).map_err(SaveError::Serialization)?;
        if !state.is_empty() {
            let state = write(&state).map_err(SaveError::Serialization)?;
            self.update_state(&token, state).await.map_err(|fault| SaveError::Other(fault.into()))?;
        }
        Ok(token)
    }

    async fn update(
        &self,
        session_key: SessionKey,
        mut state: HashMap<String, String>,
        _: &CookieDuration,
    ) -> Result<SessionKey, UpdateError> {
        state.remove(PRINCIPAL);
        let state = write(&state).map_err(UpdateError::Serialization)?;
        self.update_state(&session_key, state).await.map_err(|fault| UpdateError::Other(fault.into()))?;
        Ok(session_key)
    }

    async fn update_ttl(&self, session_key: &SessionKey, ttl: &CookieDuration) -> Result<(), anyhow::Error> {
        let (token, now) = (hash(session_key), self.clock.now());
        let idle_end = now.after(Duration::try_from(*ttl).unwrap_or_default());
        let update = move |connection: &mut _| sessions::update_idle_end(connection, &token, now, idle_end);
        self.db.write(update).await.map_err(|fault: DbError| fault.into())
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        let token = hash(session_key);
        let delete = move |connection: &mut _| sessions::delete(connection, &token);
        self.db.write(delete).await.map_err(|fault: DbError| fault.into())
    }
}

fn parse_token(text: &str) -> Result<SessionKey, anyhow::Error> {
    let token: String = serde_json::from_str(text).context("the token of a session")?;
    token.try_into().map_err(|_| anyhow!("the token of a session is too long"))
}

fn parse(state: &str) -> Result<HashMap<String, String>, anyhow::Error> {
    serde_json::from_str(state).context("the state of a session")
}

fn write(value: &impl serde::Serialize) -> Result<String, anyhow::Error> {
    serde_json::to_string(value).context("the state of a session")
}
