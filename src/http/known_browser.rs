//! A cookie with the accounts that this browser has signed in to (OWASP's "device cookie"). An attacker's guesses from
//! elsewhere do not throttle a browser that is known to the account.

use std::time::Duration;

use actix_web::HttpRequest;

use super::{
    session::{RequestSession, set_cookie},
    state::AppState,
};

/// The maximum lifetime that browsers allow for a cookie (RFC 6265bis, section 5.5).
const MAX_AGE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// For people who share a browser. The account with the least recent sign-in is dropped first.
const MAX_ACCOUNTS: usize = 8;

/// The accounts that this browser has signed in to, most recent first.
pub(super) fn accounts(request: &HttpRequest, state: &AppState) -> Vec<i64> {
    let Some(cookie) = request.cookie(state.config.cookie.known_browser_name()) else { return Vec::new() };
    let opened = state.keys.known_browser.open(&cookie.into_owned());
    let ids = opened.as_ref().map(|(value, _)| value.split('.').filter_map(|id| id.parse().ok()));
    ids.map(|ids| ids.take(MAX_ACCOUNTS).collect()).unwrap_or_default()
}

/// Adds an account to the cookie.
pub(super) fn remember(request: &HttpRequest, state: &AppState, mut accounts: Vec<i64>, user_id: i64) {
    accounts.retain(|id| *id != user_id);
    accounts.insert(0, user_id);
    accounts.truncate(MAX_ACCOUNTS);
    let value = accounts.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    let name = state.config.cookie.known_browser_name();
    let signed = state.keys.known_browser.sign(name, value);
    set(request, state, &signed, MAX_AGE);
}

/// Removes the cookie.
pub(super) fn forget(request: &HttpRequest, state: &AppState) {
    set(request, state, "", Duration::ZERO);
}

fn set(request: &HttpRequest, state: &AppState, value: &str, max_age: Duration) {
    let name = state.config.cookie.known_browser_name();
    let cookie = set_cookie(&state.config.cookie, name, value, Some(max_age));
    if let (Some(session), Some(cookie)) = (RequestSession::of(request), cookie) {
        session.add_cookie(cookie);
    }
}
