//! What the session middleware cannot do to its cookie: a lifetime for each login, and taking away one that opens
//! nothing any more.

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

use super::{paths, state::AppState, store_fault};
use crate::{clock::Timestamp, config::CookieConfig, session::Principal};

/// Left by a login that wants to stay signed in: how long the browser keeps the cookie.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeepFor(pub(super) Duration);

/// Left by the gate where the cookie opened a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct LiveSession {
    /// How long the browser is to keep the cookie from now on, where that has changed.
    renewed_for: Option<Duration>,
}

impl LiveSession {
    pub(super) fn of(principal: &Principal, now: Timestamp) -> Self {
        let is_renewed = principal.renewed && principal.stay_signed_in;
        Self { renewed_for: is_renewed.then(|| now.until(principal.idle_expires_at)) }
    }
}

/// See the module. Also answers what the session store noted.
pub(super) async fn session_cookie(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if paths::is_public(request.path()) {
        // The answer is the same for everybody: no session is looked for, so that none can be slow, renewed or cleared.
        request.headers_mut().remove(header::COOKIE);
    }
    let state = request.app_data::<Data<AppState>>().cloned();
    let came_with_one = state.as_ref().is_some_and(|state| brings_own(&mut request, state.config.cookie.name()));
    let (response, fault) = store_fault::watch(next.call(request)).await;
    let mut response = response?.map_into_boxed_body();
    if let Some(fault) = fault {
        return Ok(response.error_response(fault));
    }
    if let Some(state) = state {
        amend(&mut response, &state.config.cookie, came_with_one);
    }
    Ok(response)
}

/// Whether the browser came with our cookie.
///
/// The framework drops all cookies where one cannot be read, and on one host that may be another program's: then only
/// ours are left in the request.
fn brings_own(request: &mut ServiceRequest, name: &str) -> bool {
    let headers = request.headers().get_all(header::COOKIE);
    let cookies = headers.flat_map(|header| header.as_bytes().split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
    let mut own = cookies.filter(|cookie| is_named(cookie, name)).peekable();
    if own.peek().is_none() {
        return false;
    }
    if request.cookies().is_err()
        && let Ok(own) = HeaderValue::from_bytes(&own.collect::<Vec<_>>().join(&b"; "[..]))
    {
        request.headers_mut().insert(header::COOKIE, own);
    }
    true
}

fn amend(response: &mut ServiceResponse, config: &CookieConfig, came_with_one: bool) {
    let keep_for = response.request().extensions().get::<KeepFor>().copied();
    let live = response.request().extensions().get::<LiveSession>().copied();
    let is_fault = response.status().is_server_error();
    let is_set =
        response.headers().get_all(header::SET_COOKIE).any(|cookie| is_named(cookie.as_bytes(), config.name()));
    match (is_set, keep_for, came_with_one, live) {
        (true, Some(KeepFor(duration)), ..) => add_max_age(response.headers_mut(), config.name(), duration),
        (false, _, true, Some(LiveSession { renewed_for: Some(duration) })) => {
            if let Some(cookie) = response.request().cookie(config.name()) {
                append(response.headers_mut(), config, cookie.value(), duration);
            }
        }
        (false, _, true, None) if !is_fault => append(response.headers_mut(), config, "", Duration::ZERO),
        _ => {}
    }
}

fn is_named(cookie: &[u8], name: &str) -> bool {
    cookie.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
}

/// Adds a lifetime to the cookie that the session middleware has set for the browser's session.
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

/// Sets the cookie anew, with the attributes that the session middleware gives it.
fn append(headers: &mut HeaderMap, config: &CookieConfig, value: &str, max_age: Duration) {
    let cookie = Cookie::build(config.name(), value)
        .path("/")
        .secure(config.secure)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(CookieDuration::try_from(max_age).unwrap_or(CookieDuration::MAX))
        .finish();
    if let Ok(value) = HeaderValue::from_str(&cookie.encoded().to_string()) {
        headers.append(header::SET_COOKIE, value);
    }
}
