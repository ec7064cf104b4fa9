//! A cookie with the accounts that this browser has signed in to (OWASP's "device cookie"). An attacker's guesses from
//! elsewhere do not throttle a browser that is known to the account.

use std::time::Duration;

use actix_web::HttpRequest;

use super::{session, state::AppState};

/// For people who share a browser. The account with the least recent sign-in is dropped first.
const MAX_ACCOUNTS: usize = 8;

/// The accounts that this browser has signed in to, most recent first.
pub(super) fn accounts(request: &HttpRequest, state: &AppState) -> Vec<i64> {
    let opened = session::signed_value(request, state.config.cookie.known_browser_name(), &state.keys.known_browser);
    let ids = opened.as_ref().map(|(value, _)| value.split('.').filter_map(|id| id.parse().ok()));
    ids.map(|ids| ids.take(MAX_ACCOUNTS).collect()).unwrap_or_default()
}

/// Adds an account to the cookie.
pub(super) fn remember(request: &HttpRequest, state: &AppState, mut accounts: Vec<i64>, user_id: i64) {
    accounts.retain(|id| *id != user_id);
    accounts.insert(0, user_id);
    accounts.truncate(MAX_ACCOUNTS);
    set(request, state, &accounts);
}

/// Removes an account that was deleted from the cookie.
pub(super) fn forget(request: &HttpRequest, state: &AppState, user_id: i64) {
    let mut accounts = accounts(request, state);
    accounts.retain(|id| *id != user_id);
    set(request, state, &accounts);
}

fn set(request: &HttpRequest, state: &AppState, accounts: &[i64]) {
    let name = state.config.cookie.known_browser_name();
    if accounts.is_empty() {
        return session::add_cookie(request, state, name, "", Duration::ZERO);
    }
    let value = accounts.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    let signed = state.keys.known_browser.sign(name, value);
    session::add_cookie(request, state, name, &signed, session::LONGEST_COOKIE);
}
