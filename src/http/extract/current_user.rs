//! Extractors for the signed-in user.

use std::{
    future::{Ready, ready},
    ops::Deref,
    sync::Arc,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use crate::{
    clock::Timestamp,
    db::{Db, DbError, Tx},
    http::{error::ApiError, session::RequestSession},
    models::{sessions, users::Role},
    sessions::Principal,
};

/// The signed-in user. A request without a session is rejected before it reaches a handler with this argument.
#[derive(Clone, Debug)]
pub(in crate::http) struct CurrentUser(pub(in crate::http) Arc<Principal>);

impl Deref for CurrentUser {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

/// A signed-in admin. Requests by anyone else are rejected before they reach a handler with this argument.
#[derive(Clone, Debug)]
pub(in crate::http) struct Admin {
    session_id: i64,
}

impl Admin {
    /// Runs a use case in a transaction, which is rolled back if the session has ended or the user is no longer an
    /// admin.
    ///
    /// That is checked last. The request may have waited since it was authenticated: for its body, for the writer, or
    /// for a row that the demotion itself has locked. A check before the write would miss the last case, and locking
    /// the admin's row first could deadlock with the webhook, which locks users after its own lock.
    pub(in crate::http) async fn write<T: Send + 'static>(
        self,
        db: &Db,
        now: Timestamp,
        action: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let write = move |tx: &mut Tx<'_>| {
            let done = action(tx)?;
            match sessions::find_live_user(tx, self.session_id, now)?.map(|user| user.role) {
                Some(Role::Admin) => Ok(done),
                Some(Role::User) => Err(ApiError::Forbidden),
                None => Err(ApiError::LoginRequired),
            }
        };
        db.write(write).await
    }
}

impl FromRequest for Admin {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match principal(request) {
            Some(principal) if principal.role == Role::Admin => Ok(Self { session_id: principal.session_id }),
            Some(_) => Err(ApiError::Forbidden),
            None => Err(ApiError::LoginRequired),
        })
    }
}

impl FromRequest for CurrentUser {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(principal(request).map(Self).ok_or(ApiError::LoginRequired))
    }
}

fn principal(request: &HttpRequest) -> Option<Arc<Principal>> {
    RequestSession::of(request)?.principal().cloned()
}
