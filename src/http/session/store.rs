//! The session store of actix-session.

use std::rc::Rc;

use actix_session::{
    SessionExt,
    storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError, generate_session_key},
};
use actix_web::{HttpRequest, cookie::time::Duration};
use tokio::task::futures::TaskLocalFuture;

use crate::{
    credentials::sessions::{IssuedSession, SessionState, Sessions},
    http::{context::RequestContext, error::ApiError, state::AppState},
};

/// The key under which [`start`] passes the token of an issued session to [`DbSessionStore::save`]. It is part of the
/// state because actix-session saves nothing if the state is empty.
const ISSUED_TOKEN: &str = "issued_token";

tokio::task_local! {
    /// A [`SessionStore`] is called with a token only, and what it may return is text that is serialized and parsed for
    /// each request, or an error that leaves the stack without a request. Such a response has no CORS headers, so
    /// browsers hide it, and an unavailable database looks like an internal error. So the store leaves the session or
    /// the error in the request's [`RequestContext`], and actix-session continues.
    static REQUEST: Rc<RequestContext>;
}

/// Runs a request; the store leaves what it finds in its context.
pub(super) fn scope<F: Future>(context: Rc<RequestContext>, request: F) -> TaskLocalFuture<Rc<RequestContext>, F> {
    REQUEST.scope(context, request)
}

/// Passes an issued session to the browser. The session that the request came with ends.
pub(in crate::http) fn start(request: &HttpRequest, state: &AppState, issued: IssuedSession) -> Result<(), ApiError> {
    if let Some(context) = RequestContext::of(request).filter(|_| issued.kind.stay_signed_in) {
        context.session.set_max_age(state.config.session.remembered.idle);
    }
    let session = request.get_session();
    session.clear();
    session.renew();
    session.insert(ISSUED_TOKEN, issued.token).map_err(ApiError::internal)
}

/// Connects actix-session to [`Sessions`].
///
/// actix-session has one lifetime for all sessions. Here, each login has its own, so the `ttl` passed to `save` and
/// `update` is not used.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database handle does not implement it")]
pub struct DbSessionStore(Sessions);

impl DbSessionStore {
    #[must_use]
    pub fn new(sessions: Sessions) -> Self {
        Self(sessions)
    }

    /// Completes what [`crate::credentials::sessions::issue`] started: the row already exists, and the browser receives its token.
    async fn save_issued(&self, mut state: SessionState) -> Result<SessionKey, ApiError> {
        let token = state.remove(ISSUED_TOKEN).and_then(|token| serde_json::from_str::<String>(&token).ok());
        let token = token.and_then(|token| SessionKey::try_from(token).ok());
        let token = token.ok_or_else(|| ApiError::Internal("cannot save a session that was not issued".to_owned()))?;
        if !state.is_empty() {
            self.0.set_state(token.as_ref(), state).await?;
        }
        Ok(token)
    }
}

/// Writes are boxed, so that the future of every request does not reserve space for them.
impl SessionStore for DbSessionStore {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<SessionState>, LoadError> {
        let now = REQUEST.try_with(|request| request.received_at).unwrap_or_else(|_| self.0.now());
        let found = defer(self.0.find(session_key.as_ref(), now).await).map_err(LoadError::Other)?.flatten();
        Ok(found.map(|session| {
            let state = session.state();
            let _ = REQUEST.try_with(|request| request.session.set_loaded(session));
            state
        }))
    }

    async fn save(&self, state: SessionState, _: &Duration) -> Result<SessionKey, SaveError> {
        let saved = defer(Box::pin(self.save_issued(state)).await).map_err(SaveError::Other)?;
        // After an error, the key belongs to no session, and the response that would set it is discarded.
        Ok(saved.unwrap_or_else(generate_session_key))
    }

    async fn update(
        &self,
        session_key: SessionKey,
        state: SessionState,
        _: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        defer(Box::pin(self.0.set_state(session_key.as_ref(), state)).await).map_err(UpdateError::Other)?;
        Ok(session_key)
    }

    async fn update_ttl(&self, session_key: &SessionKey, ttl: &Duration) -> Result<(), anyhow::Error> {
        let idle = (*ttl).try_into().unwrap_or_default();
        defer(Box::pin(self.0.set_idle_time(session_key.as_ref(), idle)).await).map(drop)
    }

    /// Never returns an error: the use case has been committed, and an error would replace its response, which sets the
    /// new session's cookie. Use cases that end a session have already deleted it; one that a new login replaces lives
    /// on until it expires.
    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        if let Err(error) = Box::pin(self.0.end(session_key.as_ref())).await {
            tracing::warn!(%error, "failed to delete the previous session of a browser");
        }
        Ok(())
    }
}

/// Leaves an error in the request and returns `None`. Outside of a request, returns the error.
fn defer<T>(result: Result<T, impl Into<ApiError>>) -> Result<Option<T>, anyhow::Error> {
    match (result, REQUEST.try_with(Rc::clone)) {
        (Ok(value), _) => Ok(Some(value)),
        (Err(error), Ok(request)) => {
            request.session.set_error(error.into());
            Ok(None)
        }
        (Err(error), Err(_)) => Err(error.into().into()),
    }
}
