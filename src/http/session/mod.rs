//! The session of a request: what connects [`crate::credentials::sessions`] to actix-session, and what actix-session cannot do.
//!
//! 1. [`with_session`] selects the session cookie and records in the [`RequestSession`] what other cookies there are.
//! 2. actix-session verifies the cookie and loads the session from [`DbSessionStore`].
//! 3. The gate checks the session against the client, and signs the user in.
//! 4. The handler may [`start`] a session, or [`end`] the current one.
//! 5. actix-session sets or clears the cookie, and [`with_session`] gives it the lifetime of its session.

mod layer;
mod request_session;
mod selection;
mod set_cookie;
mod store;

use std::time::Duration;

use actix_session::{
    SessionExt, SessionMiddleware,
    config::{BrowserSession, CookieContentSecurity},
};
use actix_web::{HttpRequest, cookie::SameSite};

pub use self::store::DbSessionStore;
pub(super) use self::{layer::with_session, request_session::RequestSession, set_cookie::set_cookie, store::start};
use super::{context::RequestContext, cookie_keys::SigningKey, state::AppState};

/// The maximum lifetime that browsers allow for a cookie (RFC 6265bis, section 5.5).
pub(super) const LONGEST_COOKIE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Its cookie lasts until the browser is closed; [`with_session`] changes that if the user wants to stay signed in.
pub(super) fn session_middleware(state: &AppState) -> SessionMiddleware<DbSessionStore> {
    SessionMiddleware::builder(DbSessionStore::new(state.sessions.clone()), state.keys.session.key.clone())
        .cookie_name(state.config.cookie.name().to_owned())
        .cookie_secure(state.config.cookie.secure)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_path("/".to_owned())
        .cookie_content_security(CookieContentSecurity::Signed)
        .session_lifecycle(BrowserSession::default())
        .build()
}

/// The value of the first cookie of this name.
pub(super) fn cookie_value(request: &HttpRequest, name: &str) -> Option<String> {
    selection::first_value(&RequestContext::of(request)?.session, name)
}

/// The value of the first cookie of this name with a valid signature, and whether it is signed with the old key.
pub(super) fn signed_value(request: &HttpRequest, name: &str, key: &SigningKey) -> Option<(String, bool)> {
    selection::first_signed_value(&RequestContext::of(request)?.session, name, key)
}

/// The value of the first cookie of this name that this server has encrypted.
pub(super) fn sealed_value(request: &HttpRequest, name: &str, key: &SigningKey) -> Option<String> {
    selection::first_sealed_value(&RequestContext::of(request)?.session, name, key)
}

/// Adds a cookie to the response, with the attributes of the session cookie.
pub(super) fn add_cookie(request: &HttpRequest, state: &AppState, name: &'static str, value: &str, max_age: Duration) {
    let cookie = set_cookie(&state.config.cookie, name, value, Some(max_age));
    if let (Some(context), Some(cookie)) = (RequestContext::of(request), cookie) {
        context.session.add_cookie(name, cookie);
    }
}

/// Removes the session cookie, and the session if the use case has not ended it.
pub(super) fn end(request: &HttpRequest) {
    request.get_session().purge();
}
