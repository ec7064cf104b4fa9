//! `/check_session`

use std::{cell::RefCell, sync::Arc};

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_TYPE, HeaderValue},
    web::Bytes,
};
use quick_cache::unsync::Cache;

use super::user::{SignedInBody, TokenHolderBody};
use crate::{
    credentials::sessions::Principal,
    http::{
        credential::Credential,
        error::ApiError,
        extract::current_user::{Account, Caller},
    },
};

/// The maximum number of bodies cached per thread. One for each cached session would more than double their memory.
const MAX_BODIES: usize = 1024;

thread_local! {
    /// The bodies for sessions that were checked recently, by the session's id. A body belongs to one principal in
    /// memory, which is loaded again after its user or session has changed.
    static BODIES: RefCell<Cache<i64, (Arc<Principal>, Bytes)>> = RefCell::new(Cache::new(MAX_BODIES));
}

/// Returns the user, with the session's expiry times or the API token.
pub(in crate::http) async fn check_session(user: Result<Caller<Account>, ApiError>) -> Result<HttpResponse, ApiError> {
    let user = user.map_err(|error| match error {
        ApiError::LoginRequired => ApiError::NotLoggedIn,
        error => error,
    })?;
    let body = match user.credential() {
        Credential::Session(principal) => body(principal),
        Credential::Token(principal) => return Ok(HttpResponse::Ok().json(TokenHolderBody::of(principal))),
    };
    let body = body.map_err(ApiError::internal)?;
    let json = HeaderValue::from_static("application/json");
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, json)).body(body))
}

fn body(principal: &Arc<Principal>) -> serde_json::Result<Bytes> {
    BODIES.with_borrow_mut(|bodies| {
        if let Some((_, body)) = bodies.get(&principal.session_id).filter(|(of, _)| Arc::ptr_eq(of, principal)) {
            return Ok(body.clone());
        }
        let body = Bytes::from(serde_json::to_vec(&SignedInBody::of(principal))?.into_boxed_slice());
        bodies.insert(principal.session_id, (principal.clone(), body.clone()));
        Ok(body)
    })
}
