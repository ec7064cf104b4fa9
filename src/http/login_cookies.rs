//! The cookies of a login in two steps. Their tokens are random, and the database has only hashes of them, so they need
//! no signature.

use std::time::Duration;

use actix_web::HttpRequest;

use super::{
    session::{add_cookie, cookie_value},
    state::AppState,
};
use crate::{accounts::second_factors::TRUST_LIFETIME, base::clock::Timestamp};

/// The token of the login that waits for its second factor.
pub(super) fn pending(request: &HttpRequest, state: &AppState) -> Option<String> {
    value(request, state.config.cookie.pending_login_name())
}

pub(super) fn set_pending(request: &HttpRequest, state: &AppState, token: &str, expires_at: Timestamp) {
    let remaining = state.clock.now().until(expires_at);
    add_cookie(request, state, state.config.cookie.pending_login_name(), token, remaining);
}

/// Removes the cookie, if the browser has sent it.
pub(super) fn clear_pending(request: &HttpRequest, state: &AppState) {
    clear(request, state, state.config.cookie.pending_login_name());
}

/// The token of a browser that may be trusted.
pub(super) fn trusted(request: &HttpRequest, state: &AppState) -> Option<String> {
    value(request, state.config.cookie.trusted_browser_name())
}

pub(super) fn set_trusted(request: &HttpRequest, state: &AppState, token: &str) {
    add_cookie(request, state, state.config.cookie.trusted_browser_name(), token, TRUST_LIFETIME);
}

/// Removes the cookie, if the browser has sent it.
pub(super) fn clear_trusted(request: &HttpRequest, state: &AppState) {
    clear(request, state, state.config.cookie.trusted_browser_name());
}

fn value(request: &HttpRequest, name: &str) -> Option<String> {
    cookie_value(request.headers(), name)
}

fn clear(request: &HttpRequest, state: &AppState, name: &'static str) {
    if value(request, name).is_some() {
        add_cookie(request, state, name, "", Duration::ZERO);
    }
}
