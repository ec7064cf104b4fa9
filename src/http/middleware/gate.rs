//! The gate: requires a session or an API token before a request is routed, even for paths that do not exist.

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
    web::Data,
};

use crate::{
    config::SecondFactorPolicy,
    credentials::sessions::{self, LoadedSession, SessionCheck},
    http::{
        access::Access,
        admin as console,
        context::RequestContext,
        credential::{Bearer, Credential},
        error::ApiError,
        extract::body,
        gift_reading, navigation, pages, paths,
        state::AppState,
    },
};

pub(in crate::http) async fn require_credential(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match authorize(&request).await.and_then(|()| body::check(&request)) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(ApiError::LoginRequired) => Ok(reject(request)),
        Err(ApiError::SecondFactorRequiredByPolicy) => Ok(send_to_enrolment(request)),
        Err(error) => Ok(request.error_response(error)),
    }
}

async fn authorize(request: &ServiceRequest) -> Result<(), ApiError> {
    let state = request.app_data::<Data<AppState>>();
    let (Some(state), Some(context)) = (state, RequestContext::of(request)) else {
        return Err(ApiError::LoginRequired);
    };
    let access = context.access;
    if let Some(credential) = authenticate(request, state, &context).await? {
        let policy = state.config.password.second_factor;
        let lacks_factor = policy != SecondFactorPolicy::Off && credential.user().lacks_second_factor(policy);
        context.set_credential(credential);
        if lacks_factor && !access.is_open_for_enrolment() {
            return Err(ApiError::SecondFactorRequiredByPolicy);
        }
        return if paths::is_respelled(request.path()) { Err(ApiError::NotFound) } else { Ok(()) };
    }
    if access.is_open() || is_open_to_readers(request, state, &context).await? || has_gift(request, state).await? {
        return Ok(());
    }
    Err(ApiError::LoginRequired)
}

/// Whether this request needs no session because the operator allows reading without one, or because the post is free.
/// Decided here rather than by the handler, so that a response does not reveal whether any other post exists.
async fn is_open_to_readers(
    request: &ServiceRequest,
    state: &AppState,
    context: &RequestContext,
) -> Result<bool, ApiError> {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return Ok(false);
    }
    let meter = &state.config.meter;
    match context.access {
        Access::Excerpts if meter.has_public_excerpts => return Ok(true),
        Access::Readers => return Ok(meter.anonymous_limit > 0),
        _ => {}
    }
    match paths::post_id(request.path()) {
        Some(id) => Ok(state.posts.is_free(id, context.received_at).await?),
        None => Ok(false),
    }
}

/// Whether this request reads a post with a gift link that lets this reader read it.
async fn has_gift(request: &ServiceRequest, state: &AppState) -> Result<bool, ApiError> {
    if [Method::GET, Method::HEAD].contains(request.method()) {
        // Boxed, so that the future of every request does not reserve space for it.
        Box::pin(gift_reading::may_open(request.request(), state)).await
    } else {
        Ok(false)
    }
}

/// The credential of this request, if it has one. A token in the header that is invalid is an error, and not a request
/// without a credential: it never falls back to the cookie.
async fn authenticate(
    request: &ServiceRequest,
    state: &AppState,
    context: &RequestContext,
) -> Result<Option<Credential>, ApiError> {
    Ok(match &context.bearer {
        Bearer::Absent => check_session(request, state, context).await?,
        // Boxed, so that the future of every request does not reserve space for it.
        Bearer::Token(token) if sessions::is_bearer_token(token) => {
            Some(Box::pin(check_session_token(request, state, context, token)).await?)
        }
        Bearer::Token(token) => Some(Box::pin(check_token(state, Some(token))).await?),
        Bearer::Malformed => Some(Box::pin(check_token(state, None)).await?),
    })
}

/// The session, if there is one and it is still valid for this client.
async fn check_session(
    request: &ServiceRequest,
    state: &AppState,
    context: &RequestContext,
) -> Result<Option<Credential>, ApiError> {
    let Some(loaded) = context.session.take_loaded()? else { return Ok(None) };
    let renewed = loaded.renewed;
    let credential = check_client(request, state, context, loaded).await?;
    if credential.is_some() {
        context.session.set_renewed(renewed);
    }
    Ok(credential)
}

/// The session of an app that sends no cookie.
async fn check_session_token(
    request: &ServiceRequest,
    state: &AppState,
    context: &RequestContext,
    token: &str,
) -> Result<Credential, ApiError> {
    let found = state.sessions.find_bearer(token, context.received_at).await?.ok_or(ApiError::InvalidSessionToken)?;
    check_client(request, state, context, found).await?.ok_or(ApiError::InvalidSessionToken)
}

/// The session, unless it must end because of where the request comes from.
async fn check_client(
    request: &ServiceRequest,
    state: &AppState,
    context: &RequestContext,
    loaded: LoadedSession,
) -> Result<Option<Credential>, ApiError> {
    let (now, client) = (context.received_at, context.client(request.request()));
    match sessions::check(&state.db, state.config.session.protection, loaded, client, now).await? {
        SessionCheck::Ended => Ok(None),
        SessionCheck::Valid(principal) => Ok(Some(Credential::Session(principal))),
    }
}

async fn check_token(state: &AppState, token: Option<&str>) -> Result<Credential, ApiError> {
    let found = match token {
        Some(token) => state.tokens.find(token).await?,
        None => None,
    };
    if let Some(metrics) = &state.requests {
        metrics.count_api_token(found.is_some());
    }
    found.map(Credential::Token).ok_or(ApiError::InvalidApiToken)
}

/// Answers a program with 403, and redirects a browser that follows a link to the page for enrolment.
fn send_to_enrolment(request: ServiceRequest) -> ServiceResponse {
    let has_pages = request.app_data::<Data<AppState>>().is_some_and(|state| state.config.server.has_pages());
    if has_pages && navigation::is_navigation(request.request()) {
        let response = HttpResponse::Found().insert_header((header::LOCATION, paths::SECOND_FACTOR_SETTINGS)).finish();
        return request.into_response(response);
    }
    request.error_response(ApiError::SecondFactorRequiredByPolicy)
}

/// Answers a program with 401, and redirects a browser that follows a link to the login page.
fn reject(request: ServiceRequest) -> ServiceResponse {
    let has_pages = request.app_data::<Data<AppState>>().is_some_and(|state| state.config.server.has_pages());
    match navigation::login_address(request.request()) {
        Some(address) => {
            request.into_response(HttpResponse::Found().insert_header((header::LOCATION, address)).finish())
        }
        // The session has ended since the page with the form was loaded. Forms of the console are sent to their own pages.
        None if console::shows_pages(request.request()) => {
            let login = navigation::login_then(Some(request.path()));
            request.into_response(pages::see_other(&login))
        }
        None if has_pages && navigation::is_form(&request) => match request.path() {
            "/logout" => request.into_response(pages::see_other("/login")),
            paths::ACCOUNT | paths::TOKEN_SETTINGS | paths::SECOND_FACTOR_SETTINGS | paths::DEMO_CHECKOUT => {
                let login = navigation::login_then(Some(request.path()));
                request.into_response(pages::see_other(&login))
            }
            _ => request.error_response(ApiError::LoginRequired),
        },
        None => request.error_response(ApiError::LoginRequired),
    }
}
