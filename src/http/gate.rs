//! The gate: checks the credentials of each request before it is routed, paths that do not exist included.

use std::rc::Rc;

use actix_session::SessionExt;
use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
    web::Data,
};

use super::{error::ApiError, navigation, paths, session_cookie::LiveSession, state::AppState, store_fault};
use crate::session::{self, Principal};

/// See the module.
pub(super) async fn gate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match admit(&request) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(ApiError::LoginRequired) => Ok(refuse(request)),
        Err(error) => Ok(request.error_response(error)),
    }
}

fn admit(request: &ServiceRequest) -> Result<(), ApiError> {
    if let Some(fault) = store_fault::take() {
        return Err(fault);
    }
    let principal = session::principal(&request.get_session());
    match principal.map_err(|fault| ApiError::Internal(fault.to_string()))? {
        Some(principal) => {
            sign_in(request, principal);
            if paths::is_respelled(request.path()) { Err(ApiError::NotFound) } else { Ok(()) }
        }
        None if paths::is_open(request.path()) => Ok(()),
        None => Err(ApiError::LoginRequired),
    }
}

fn sign_in(request: &ServiceRequest, principal: Principal) {
    let now = request.app_data::<Data<AppState>>().map_or(principal.created_at, |state| state.clock.now());
    let mut extensions = request.extensions_mut();
    extensions.insert(LiveSession::of(&principal, now));
    extensions.insert(Rc::new(principal));
}

/// A program is told 401; a person who follows a link is shown where to sign in.
fn refuse(request: ServiceRequest) -> ServiceResponse {
    match navigation::login_address(&request) {
        Some(address) => {
            request.into_response(HttpResponse::Found().insert_header((header::LOCATION, address)).finish())
        }
        None => request.error_response(ApiError::LoginRequired),
    }
}
