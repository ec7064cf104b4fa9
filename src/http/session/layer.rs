//! The layer around actix-session, which selects the session cookie, and sets it if actix-session did not.

use std::{rc::Rc, time::Duration};

use actix_web::{
    Error, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderValue},
    middleware::Next,
    web::Data,
};

use super::{
    request_session::CookieState,
    selection::{self, is_named},
    set_cookie::{set_cookie, with_max_age},
    store,
};
use crate::http::{
    context::RequestContext,
    credential::{Bearer, Credential},
    navigation::is_navigation,
    paths,
    state::AppState,
};

pub(in crate::http) async fn with_session(
    mut request: ServiceRequest,
    context: Rc<RequestContext>,
    state: Data<AppState>,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if context.access.is_public() || context.bearer != Bearer::Absent {
        // The response does not depend on the cookie: it is the same for everyone, or a token in the header takes its
        // place, even if it is invalid. Without a cookie, no session is looked up, renewed or cleared.
        request.headers_mut().remove(header::COOKIE);
    } else {
        selection::select(&mut request, &context.session, &state);
    }
    let mut response = store::scope(context.clone(), next.call(request)).await?.map_into_boxed_body();
    if let Some(error) = context.session.take_error() {
        return Ok(response.error_response(error));
    }
    set_cookies(&mut response, &state, &context);
    Ok(response)
}

fn set_cookies(response: &mut ServiceResponse, state: &AppState, context: &RequestContext) {
    let session = &context.session;
    let name = state.config.cookie.name();
    let is_set = response.headers().get_all(header::SET_COOKIE).any(|cookie| is_named(cookie.as_bytes(), name));
    if is_set {
        if let Some(max_age) = session.max_age() {
            set_max_age(response.headers_mut(), name, max_age);
        }
    } else if let Some(cookie) = renew_or_clear(response, state, context) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    let extra = session.take_extra_cookies();
    if !extra.is_empty() && response.request().path() == paths::FORWARD_AUTH {
        // nginx can pass on only one cookie. The other one clears an ended session, which the next response does as
        // well.
        response.headers_mut().remove(header::SET_COOKIE);
    }
    for (_, cookie) in extra {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Replaces the cookie of actix-session, which ends with the browser, by one that lasts for `max_age`.
fn set_max_age(headers: &mut HeaderMap, name: &str, max_age: Duration) {
    let cookies: Vec<HeaderValue> = headers.remove(header::SET_COOKIE).collect();
    for cookie in cookies {
        let lasting = if is_named(cookie.as_bytes(), name) { with_max_age(&cookie, max_age) } else { None };
        headers.append(header::SET_COOKIE, lasting.unwrap_or(cookie));
    }
}

/// The cookie for a response on which actix-session has set none: if the session continues, the browser may need a new
/// `Max-Age` or a new signature; if it has ended, the cookie may be removed.
fn renew_or_clear(response: &ServiceResponse, state: &AppState, context: &RequestContext) -> Option<HeaderValue> {
    let CookieState::Present { needs_resigning } = context.session.cookie() else { return None };
    let (config, name) = (&state.config.cookie, state.config.cookie.name());
    match context.credential() {
        Some(Credential::Session(principal))
            if needs_resigning || (context.session.is_renewed() && principal.stay_signed_in) =>
        {
            let remaining = state.clock.now().until(principal.idle_expires_at);
            let max_age = principal.stay_signed_in.then_some(remaining);
            set_cookie(config, name, response.request().cookie(name)?.value(), max_age)
        }
        // After an error of the server, the session may still be valid.
        None if !response.status().is_server_error() && may_clear(response.request()) => {
            set_cookie(config, name, "", Some(Duration::ZERO))
        }
        _ => None,
    }
}

/// Whether the response may remove the cookie of an ended session. The calls of a script run side by side: the response
/// to one that was sent with the old cookie may arrive after the response that has set the cookie of a new session, and
/// would sign the user out. Only requests that rarely run at the same time as a login may clear it; without them,
/// browsers would keep the cookie.
fn may_clear(request: &HttpRequest) -> bool {
    let clearing = ["/check_session", "/check_sessions", "/logout", paths::FORWARD_AUTH];
    clearing.contains(&request.path()) || is_navigation(request)
}
