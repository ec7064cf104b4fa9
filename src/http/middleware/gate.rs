//! The gate: requires a session before a request is routed, even for paths that do not exist.

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
    web::Data,
};

use super::{session_cookie::LiveSession, session_store};
use crate::{
    http::{error::ApiError, extract::client::client, navigation, pages, paths, state::AppState},
    sessions::{self, LoadedSession, SessionCheck},
};

pub(in crate::http) async fn require_session(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match authorize(&request).await {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(ApiError::LoginRequired) => Ok(reject(request)),
        Err(error) => Ok(request.error_response(error)),
    }
}

async fn authorize(request: &ServiceRequest) -> Result<(), ApiError> {
    if let Some(error) = session_store::take_error() {
        return Err(error);
    }
    let is_signed_in = match session_store::take_session() {
        Some(loaded) => sign_in(request, loaded).await?,
        None => false,
    };
    match request.path() {
        path if is_signed_in && paths::is_respelled(path) => Err(ApiError::NotFound),
        path if is_signed_in || paths::is_open(path) => Ok(()),
        _ => Err(ApiError::LoginRequired),
    }
}

/// Checks that the session is still valid for this client, and if so, attaches the user to the request.
async fn sign_in(request: &ServiceRequest, loaded: LoadedSession) -> Result<bool, ApiError> {
    let Some(state) = request.app_data::<Data<AppState>>() else { return Ok(false) };
    let renewed = loaded.renewed;
    let (now, client) = (state.clock.now(), client(request.request()));
    match sessions::check(&state.db, state.config.session.protection, loaded, &client, now).await? {
        SessionCheck::Ended => Ok(false),
        SessionCheck::Valid(principal) => {
            let mut extensions = request.extensions_mut();
            extensions.insert(LiveSession::of(&principal, renewed, now));
            extensions.insert(principal);
            Ok(true)
        }
    }
}

/// Answers a program with 401, and redirects a browser that follows a link to the login page.
fn reject(request: ServiceRequest) -> ServiceResponse {
    let has_pages = request.app_data::<Data<AppState>>().is_some_and(|state| state.config.server.has_pages());
    match navigation::login_address(&request) {
        Some(address) => {
            request.into_response(HttpResponse::Found().insert_header((header::LOCATION, address)).finish())
        }
        // The user has already signed out in another window.
        None if has_pages && navigation::is_sign_out(&request) => request.into_response(pages::see_other("/login")),
        None => request.error_response(ApiError::LoginRequired),
    }
}
