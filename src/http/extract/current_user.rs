//! Extractors for the signed-in user.

use std::{
    future::{Ready, ready},
    ops::Deref,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};

use super::reauthentication::still_signed_in;
use crate::{clock::Timestamp, db::DbConnection, http::error::ApiError, models::users::Role, sessions::Principal};

/// The signed-in user. A request without a session is rejected before it reaches a handler with this argument.
#[derive(Clone, Debug)]
pub(in crate::http) struct CurrentUser(Arc<Principal>);

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
    /// Fails, and so rolls the transaction back, if the session has ended or the user is no longer an admin.
    ///
    /// Call it last in the transaction. The request may have waited since it was authenticated: for its body, for the
    /// writer, or for a row that the demotion itself has locked. A check before the write would miss the last case, and
    /// locking the admin's row first could deadlock with the webhook, which locks users after its own lock.
    pub(in crate::http) fn finalize(&self, connection: &mut DbConnection, now: Timestamp) -> Result<(), ApiError> {
        match still_signed_in(connection, self.session_id, now)?.role {
            Role::Admin => Ok(()),
            Role::User => Err(ApiError::Forbidden),
        }
    }
}

impl FromRequest for Admin {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let principal = request.extensions().get::<Arc<Principal>>().cloned();
        ready(match principal {
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
        let principal = request.extensions().get::<Arc<Principal>>().cloned();
        ready(principal.map(Self).ok_or(ApiError::LoginRequired))
    }
}
