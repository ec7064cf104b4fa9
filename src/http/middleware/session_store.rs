//! The session store as the session middleware gets it. What that has no way for is carried around it, beside the
//! request: who is signed in, and errors.
//!
//! It would answer errors with a bare `Err`, which leaves the stack without a request: no CORS headers, so that a
//! browser hides the answer, and no way to tell a database that is away from a fault of ours. So a fault is noted, the
//! middleware goes on as if nobody were signed in, and the layers around it answer with what was noted. Who is signed in
//! could be put into the session's state, but only as text, to be written and read for each request.

use std::{cell::RefCell, collections::HashMap};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError, generate_session_key};
use actix_web::cookie::time::Duration;

use crate::{
    db::DbError,
    http::error::ApiError,
    sessions::{DbSessionStore, LoadedSession},
};

/// What is carried.
#[derive(Default)]
struct RequestState {
    error: Option<ApiError>,
    session: Option<LoadedSession>,
}

tokio::task_local! {
    static REQUEST_STATE: RefCell<RequestState>;
}

/// Runs a request, and tells the fault that was noted while it ran and not taken.
pub(in crate::http) async fn scope<T>(request: impl Future<Output = T>) -> (T, Option<ApiError>) {
    REQUEST_STATE
        .scope(RefCell::default(), async {
            let outcome = request.await;
            (outcome, take_error())
        })
        .await
}

/// The fault that was noted for this request.
pub(in crate::http) fn take_error() -> Option<ApiError> {
    REQUEST_STATE.try_with(|state| state.borrow_mut().error.take()).ok().flatten()
}

/// The session that this request came with.
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

/// See the module.
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
                tracing::warn!(cause = format!("{error:#}"), "a session that cannot be read is taken for none");
                Ok(None)
            }
        }
    }

    async fn save(&self, state: State, ttl: &Duration) -> Result<SessionKey, SaveError> {
        match self.0.save(state, ttl).await {
            Err(SaveError::Other(error) | SaveError::Serialization(error)) => {
                record(&error);
                // It opens nothing, and the answer that would carry it is thrown away.
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
