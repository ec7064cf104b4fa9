//! What the session middleware cannot do with its cookie: give each login its own `Max-Age`, renew the cookie, and
//! remove one whose session has ended.

use std::time::Duration;

use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    cookie::{Cookie, SameSite, time::Duration as CookieDuration},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderValue},
    middleware::Next,
    web::Data,
};

use super::{
    cookie_selection::{self, CookieState, is_named},
    session_store,
};
use crate::{
    clock::Timestamp,
    config::CookieConfig,
    http::{paths, state::AppState},
    sessions::Principal,
};

/// Set by a login with "stay signed in": the cookie's `Max-Age`.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct CookieMaxAge(pub(in crate::http) Duration);

/// Set by a handler that sends another cookie. It is added after the session cookie, which clients look for first.
#[derive(Clone, Debug)]
pub(in crate::http) struct ExtraCookie(pub(in crate::http) HeaderValue);

/// Set by the gate if the cookie belongs to a live session.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct LiveSession {
    /// `None` for a cookie that lasts until the browser is closed.
    max_age: Option<Duration>,
    /// Whether the session's expiry has been extended, so that the browser needs a new `Max-Age`.
    is_renewed: bool,
}

impl LiveSession {
    pub(in crate::http) fn of(principal: &Principal, renewed: bool, now: Timestamp) -> Self {
        let max_age = principal.stay_signed_in.then(|| now.until(principal.idle_expires_at));
        Self { max_age, is_renewed: renewed && principal.stay_signed_in }
    }
}

/// Also responds with the error that the session store recorded, if any.
pub(in crate::http) async fn session_cookie(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if paths::is_public(request.path()) {
        // The response does not depend on the session. Without a cookie, no session is looked up, renewed or cleared.
        request.headers_mut().remove(header::COOKIE);
    }
    let state = request.app_data::<Data<AppState>>().cloned();
    let cookie_state = state.as_ref().map_or(CookieState::Absent, |state| cookie_selection::find(&mut request, state));
    let (response, error) = session_store::scope(next.call(request)).await;
    let mut response = response?.map_into_boxed_body();
    if let Some(error) = error {
        return Ok(response.error_response(error));
    }
    if let Some(state) = state {
        set_cookies(&mut response, &state.config.cookie, cookie_state);
    }
    Ok(response)
}

fn set_cookies(response: &mut ServiceResponse, config: &CookieConfig, cookie_state: CookieState) {
    let max_age = response.request().extensions().get::<CookieMaxAge>().copied();
    let live = response.request().extensions().get::<LiveSession>().copied();
    let extra = response.request().extensions().get::<ExtraCookie>().cloned();
    let is_error = response.status().is_server_error();
    let is_set =
        response.headers().get_all(header::SET_COOKIE).any(|cookie| is_named(cookie.as_bytes(), config.name()));
    match (is_set, cookie_state, live) {
        (true, ..) => {
            if let Some(CookieMaxAge(duration)) = max_age {
                add_max_age(response.headers_mut(), config.name(), duration);
            }
        }
        (false, CookieState::Present { needs_resigning }, Some(live)) if needs_resigning || live.is_renewed => {
            if let Some(cookie) = response.request().cookie(config.name()) {
                append(response.headers_mut(), config, cookie.value(), live.max_age);
            }
        }
        (false, CookieState::Present { .. }, None) if !is_error => {
            append(response.headers_mut(), config, "", Some(Duration::ZERO));
        }
        _ => {}
    }
    if let Some(ExtraCookie(cookie)) = extra {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Adds a `Max-Age` to the cookie of the session middleware, which has none and would end with the browser.
fn add_max_age(headers: &mut HeaderMap, name: &str, duration: Duration) {
    let cookies: Vec<HeaderValue> = headers.remove(header::SET_COOKIE).collect();
    for cookie in cookies {
        let with_age = is_named(cookie.as_bytes(), name).then(|| {
            let text = [cookie.as_bytes(), format!("; Max-Age={}", duration.as_secs()).as_bytes()].concat();
            HeaderValue::from_bytes(&text).ok()
        });
        headers.append(header::SET_COOKIE, with_age.flatten().unwrap_or(cookie));
    }
}

fn append(headers: &mut HeaderMap, config: &CookieConfig, value: &str, max_age: Option<Duration>) {
    if let Some(cookie) = self::header(config, config.name(), value, max_age) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Builds a `Set-Cookie` header with the same attributes as the session middleware's cookie. Without `max_age`, the
/// cookie lasts until the browser is closed.
pub(in crate::http) fn header(
    config: &CookieConfig,
    name: &'static str,
    value: &str,
    max_age: Option<Duration>,
) -> Option<HeaderValue> {
    let mut cookie =
        Cookie::build(name, value).path("/").secure(config.secure).http_only(true).same_site(SameSite::Lax).finish();
    cookie.set_max_age(max_age.map(|span| CookieDuration::try_from(span).unwrap_or(CookieDuration::MAX)));
    HeaderValue::from_str(&cookie.encoded().to_string()).ok()
}
