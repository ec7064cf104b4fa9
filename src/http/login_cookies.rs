//! The cookies of signing in, beside that of the session.
//!
//! Those of a login in two steps have random tokens, and the database has only hashes of them, so they need no signature.
//! One is signed: it names the accounts that this browser has signed in to (OWASP's "device cookie"), so that an
//! attacker's guesses from elsewhere do not throttle a browser that the account knows.

use std::time::Duration;

use actix_web::HttpRequest;

use super::{
    reader_cookie,
    session::{self, add_cookie, cookie_value},
    state::AppState,
};
use crate::{
    accounts::{Browser, second_factors::TRUST_LIFETIME},
    base::clock::Timestamp,
    credentials::sessions::Transport,
    mail::SIGN_IN_LIFETIME,
};

/// Who signs in. An app that wants no cookies has none that count: those that it sends may belong to a web view.
pub(super) fn browser(request: &HttpRequest, state: &AppState, transport: Transport) -> Browser {
    match transport {
        Transport::Cookie => Browser {
            known_accounts: known_accounts(request, state),
            reader: reader_cookie::of_login(request, state),
            transport,
        },
        Transport::Bearer => Browser { transport, ..Browser::default() },
    }
}

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

/// The token of the request for a message to sign in with.
pub(super) fn email(request: &HttpRequest, state: &AppState) -> Option<String> {
    value(request, state.config.cookie.email_login_name())
}

pub(super) fn set_email(request: &HttpRequest, state: &AppState, token: &str) {
    add_cookie(request, state, state.config.cookie.email_login_name(), token, SIGN_IN_LIFETIME);
}

/// Removes the cookie, if the browser has sent it.
pub(super) fn clear_email(request: &HttpRequest, state: &AppState) {
    clear(request, state, state.config.cookie.email_login_name());
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
    cookie_value(request, name)
}

fn clear(request: &HttpRequest, state: &AppState, name: &'static str) {
    if value(request, name).is_some() {
        add_cookie(request, state, name, "", Duration::ZERO);
    }
}

/// For people who share a browser. The account with the least recent sign-in is dropped first.
const MAX_ACCOUNTS: usize = 8;

/// The accounts that this browser has signed in to, most recent first.
fn known_accounts(request: &HttpRequest, state: &AppState) -> Vec<i64> {
    let opened = session::signed_value(request, state.config.cookie.known_browser_name(), &state.keys.known_browser);
    let ids = opened.as_ref().map(|(value, _)| value.split('.').filter_map(|id| id.parse().ok()));
    ids.map(|ids| ids.take(MAX_ACCOUNTS).collect()).unwrap_or_default()
}

/// Adds an account to the cookie.
pub(super) fn remember_account(request: &HttpRequest, state: &AppState, user_id: i64) {
    let mut accounts = known_accounts(request, state);
    accounts.retain(|id| *id != user_id);
    accounts.insert(0, user_id);
    accounts.truncate(MAX_ACCOUNTS);
    set_known_accounts(request, state, &accounts);
}

/// Removes an account that was deleted from the cookie.
pub(super) fn forget_account(request: &HttpRequest, state: &AppState, user_id: i64) {
    let mut accounts = known_accounts(request, state);
    if !accounts.contains(&user_id) {
        return;
    }
    accounts.retain(|id| *id != user_id);
    set_known_accounts(request, state, &accounts);
}

fn set_known_accounts(request: &HttpRequest, state: &AppState, accounts: &[i64]) {
    let name = state.config.cookie.known_browser_name();
    if accounts.is_empty() {
        return session::add_cookie(request, state, name, "", Duration::ZERO);
    }
    let value = accounts.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    let signed = state.keys.known_browser.sign(name, value);
    session::add_cookie(request, state, name, &signed, session::LONGEST_COOKIE);
}
