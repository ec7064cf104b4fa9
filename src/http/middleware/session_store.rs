//! Adapts the session store to the session middleware. Errors and the loaded session are passed around the middleware
//! in a task-local, because it cannot carry them.
//!
//! The middleware turns a store's error into a bare `Err`, which leaves the stack without a request: it has no CORS
//! headers, so browsers hide the response, and an unavailable database looks like an internal error. So the error is
//! recorded, the middleware continues as if there were no session, and the layers around it respond with the recorded
//! error. The loaded session could be part of the session's state, but only as text that is serialized and parsed for
//! each request.

use std::{cell::RefCell, collections::HashMap};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError, generate_session_key};
use actix_web::cookie::time::Duration;

use crate::{
    db::DbError,
    http::error::ApiError,
    sessions::{DbSessionStore, LoadedSession},
};

#[derive(Default)]
struct RequestState {
    error: Option<ApiError>,
    session: Option<LoadedSession>,
}

tokio::task_local! {
    static REQUEST_STATE: RefCell<RequestState>;
}

/// Runs a request and returns the error that was recorded meanwhile, unless a layer has already taken it.
pub(in crate::http) async fn scope<T>(request: impl Future<Output = T>) -> (T, Option<ApiError>) {
    REQUEST_STATE
        .scope(RefCell::default(), async {
            let outcome = request.await;
            (outcome, take_error())
        })
        .await
}

/// Takes the error that was recorded for this request.
pub(in crate::http) fn take_error() -> Option<ApiError> {
    REQUEST_STATE.try_with(|state| state.borrow_mut().error.take()).ok().flatten()
}

/// Takes the session that was loaded for this request.
pub(in crate::http) fn take_session() -> Option<LoadedSession> {
    REQUEST_STATE.try_with(|state| state.borrow_mut().session.take()).ok().flatten()
}

fn record(error: &anyhow::Error) {
    let error = match error.downcast_ref::<DbError>() {
        Some(error) => ApiError::from(error.clone()),
        None => ApiError::Internal(format!("{error:#}")),
    };
    let _ = REQUEST_STATE.try_with(|state| state.borrow_mut().error = Some(error));
}

pub(in crate::http) struct SessionStoreAdapter(pub(in crate::http) DbSessionStore);

type State = HashMap<String, String>;

impl SessionStore for SessionStoreAdapter {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        match self.0.find(session_key).await {
            Ok(Some(session)) => {
                let state = session.state().clone();
                let _ = REQUEST_STATE.try_with(|state| state.borrow_mut().session = Some(session));
                Ok(Some(state))
            }
            Ok(None) => Ok(None),
            Err(LoadError::Other(error)) => {
                record(&error);
                Ok(None)
            }
            Err(LoadError::Deserialization(error)) => {
                tracing::warn!(cause = format!("{error:#}"), "unreadable session ignored");
                Ok(None)
            }
        }
    }

    async fn save(&self, state: State, ttl: &Duration) -> Result<SessionKey, SaveError> {
        match self.0.save(state, ttl).await {
            Err(SaveError::Other(error) | SaveError::Serialization(error)) => {
                record(&error);
                // The key belongs to no session, and the response that would set it is discarded.
                Ok(generate_session_key())
            }
            saved => saved,
        }
    }

    async fn update(&self, session_key: SessionKey, state: State, ttl: &Duration) -> Result<SessionKey, UpdateError> {
        match self.0.update(session_key, state, ttl).await {
            Err(UpdateError::Other(error) | UpdateError::Serialization(error)) => {
                record(&error);
                Ok(generate_session_key())
            }
            updated => updated,
        }
    }

    async fn update_ttl(&self, session_key: &SessionKey, ttl: &Duration) -> Result<(), anyhow::Error> {
        self.0.update_ttl(session_key, ttl).await.or_else(|error| {
            record(&error);
            Ok(())
        })
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        self.0.delete(session_key).await.or_else(|error| {
            record(&error);
            Ok(())
        })
    }
}
