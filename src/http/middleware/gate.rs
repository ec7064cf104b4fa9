//! The gate: checks the credentials of each request before it is routed, paths that do not exist included.

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

/// See the module.
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

/// Whether the session may go on from where this request comes.
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

/// A program is told 401; a person who follows a link is shown where to sign in.
fn reject(request: ServiceRequest) -> ServiceResponse {
    let has_pages = request.app_data::<Data<AppState>>().is_some_and(|state| state.config.server.has_pages());
    match navigation::login_address(&request) {
        Some(address) => {
            request.into_response(HttpResponse::Found().insert_header((header::LOCATION, address)).finish())
        }
        // Signed out already, in another window.
        None if has_pages && navigation::is_sign_out(&request) => request.into_response(pages::see_other("/login")),
        None => request.error_response(ApiError::LoginRequired),
    }
}
