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

use super::error::ApiError;
use crate::{
    db::DbError,
    session::{DbSessionStore, Found},
};

/// What is carried.
#[derive(Default)]
struct Noted {
    fault: Option<ApiError>,
    found: Option<Found>,
}

tokio::task_local! {
    static NOTED: RefCell<Noted>;
}

/// Runs a request, and tells the fault that was noted while it ran and not taken.
pub(super) async fn watch<T>(request: impl Future<Output = T>) -> (T, Option<ApiError>) {
    NOTED
        .scope(RefCell::default(), async {
            let outcome = request.await;
            (outcome, take_fault())
        })
        .await
}

/// The fault that was noted for this request.
pub(super) fn take_fault() -> Option<ApiError> {
    NOTED.try_with(|noted| noted.borrow_mut().fault.take()).ok().flatten()
}

/// The session that this request came with.
pub(super) fn take_found() -> Option<Found> {
    NOTED.try_with(|noted| noted.borrow_mut().found.take()).ok().flatten()
}

fn note(fault: &anyhow::Error) {
    let error = match fault.downcast_ref::<DbError>() {
        Some(fault) => ApiError::from(fault.clone()),
        None => ApiError::Internal(format!("{fault:#}")),
    };
    let _ = NOTED.try_with(|noted| noted.borrow_mut().fault = Some(error));
}

/// See the module.
pub(super) struct Noting(pub(super) DbSessionStore);

type State = HashMap<String, String>;

impl SessionStore for Noting {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        match self.0.find(session_key).await {
            Ok(Some(found)) => {
                let state = found.state().clone();
                let _ = NOTED.try_with(|noted| noted.borrow_mut().found = Some(found));
                Ok(Some(state))
            }
            Ok(None) => Ok(None),
            Err(LoadError::Other(fault)) => {
                note(&fault);
                Ok(None)
            }
            Err(LoadError::Deserialization(fault)) => {
                tracing::warn!(cause = format!("{fault:#}"), "a session that cannot be read is taken for none");
                Ok(None)
            }
        }
    }

    async fn save(&self, state: State, ttl: &Duration) -> Result<SessionKey, SaveError> {
        match self.0.save(state, ttl).await {
            Err(SaveError::Other(fault) | SaveError::Serialization(fault)) => {
                note(&fault);
                // It opens nothing, and the answer that would carry it is thrown away.
                Ok(generate_session_key())
            }
            saved => saved,
        }
    }

    async fn update(&self, session_key: SessionKey, state: State, ttl: &Duration) -> Result<SessionKey, UpdateError> {
        match self.0.update(session_key, state, ttl).await {
            Err(UpdateError::Other(fault) | UpdateError::Serialization(fault)) => {
                note(&fault);
                Ok(generate_session_key())
            }
            updated => updated,
        }
    }

    async fn update_ttl(&self, session_key: &SessionKey, ttl: &Duration) -> Result<(), anyhow::Error> {
        self.0.update_ttl(session_key, ttl).await.or_else(|fault| {
            note(&fault);
            Ok(())
        })
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        self.0.delete(session_key).await.or_else(|fault| {
            note(&fault);
            Ok(())
        })
    }
}
