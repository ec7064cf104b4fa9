//! Selects the session cookie among the cookies of a request.

use actix_web::{
    HttpRequest,
    cookie::Cookie,
    dev::ServiceRequest,
    http::header::{self, HeaderMap, HeaderValue},
};

use crate::{
    config::CookieConfig,
    http::{
        cookie_keys::{CookieKeys, SigningKey},
        state::AppState,
    },
};

/// Whether a request has a session cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CookieState {
    Absent,
    Present {
        /// Whether the cookie is signed with the old key and must be sent back signed with the current one.
        needs_resigning: bool,
    },
}

/// The cookies of a request that are the server's own: those whose names are, byte for byte, the names that it sets.
///
/// The framework decodes percent-encoded names and trims Unicode white space before it compares them. A browser enforces
/// the rules of `__Host-` on the name as written (RFC 6265bis, section 4.1.3.2), so that a neighbouring host, or plain
/// HTTP, could set `%5F%5FHost-session` and sign the user in to another account.
#[derive(Default)]
struct OwnCookies<'h> {
    sessions: Vec<&'h [u8]>,
    others: Vec<&'h [u8]>,
    /// Whether the request has any other cookie, or one that is not UTF-8: the framework finds no cookies at all beside
    /// such a one.
    has_foreign: bool,
}

impl<'h> OwnCookies<'h> {
    fn of(headers: &'h HeaderMap, config: &CookieConfig) -> Self {
        let (session, others) = (config.name(), config.names_beside_session());
        let mut own = Self::default();
        for cookie in cookies(headers) {
            if str::from_utf8(cookie).is_err() {
                own.has_foreign = true;
            } else if is_named(cookie, session) {
                own.sessions.push(cookie);
            } else if others.iter().any(|name| is_named(cookie, name)) {
                own.others.push(cookie);
            } else {
                own.has_foreign = true;
            }
        }
        own
    }
}

/// Finds the session cookie, and removes all cookies from the request that are not the server's own, so that actix-session
/// sees the same cookies as this module. There may be several session cookies, because a page on a neighbouring host can
/// set more: then one with a valid signature is chosen. A cookie that is signed with the old key is signed again with the
/// current one.
pub(super) fn find(request: &mut ServiceRequest, state: &AppState) -> CookieState {
    if !request.headers().contains_key(header::COOKIE) {
        return CookieState::Absent;
    }
    let own = OwnCookies::of(request.headers(), &state.config.cookie);
    let is_present = !own.sessions.is_empty();
    let is_unambiguous = own.sessions.len() < 2 && !state.keys.session.is_rotated();
    if is_unambiguous && !own.has_foreign {
        return if is_present { CookieState::Present { needs_resigning: false } } else { CookieState::Absent };
    }
    let (session, needs_resigning) = match own.sessions.as_slice() {
        [session] if is_unambiguous => (Some(session.to_vec()), false),
        sessions => choose(sessions, state.config.cookie.name(), &state.keys),
    };
    let others = own.others.iter().map(|cookie| cookie.to_vec());
    let kept = session.into_iter().chain(others).collect::<Vec<_>>().join(&b"; "[..]);
    match HeaderValue::from_bytes(&kept) {
        Ok(kept) if !kept.is_empty() => request.headers_mut().insert(header::COOKIE, kept),
        _ => request.headers_mut().remove(header::COOKIE),
    };
    if is_present { CookieState::Present { needs_resigning } } else { CookieState::Absent }
}

/// Returns the session cookie to use and whether it has been signed again; `None` if no cookie has a valid signature.
fn choose(sessions: &[&[u8]], name: &'static str, keys: &CookieKeys) -> (Option<Vec<u8>>, bool) {
    let signed = sessions.iter().filter_map(|cookie| {
        let parsed = Cookie::parse_encoded(str::from_utf8(cookie).ok()?.to_owned()).ok()?;
        let (value, is_old) = keys.session.open(&parsed)?;
        Some((cookie, value, is_old))
    });
    // A cookie signed with the current key takes precedence over one signed with the old key.
    match signed.min_by_key(|(_, _, is_old)| *is_old) {
        Some((cookie, _, false)) => (Some(cookie.to_vec()), false),
        Some((_, value, true)) => {
            let resigned = Cookie::new(name, keys.session.sign(name, value));
            (Some(resigned.encoded().to_string().into_bytes()), true)
        }
        None => (None, false),
    }
}

/// The value of the first cookie of this name.
pub(in crate::http) fn cookie_value(headers: &HeaderMap, name: &str) -> Option<String> {
    cookie_values(headers, name).next().map(ToOwned::to_owned)
}

/// The value of the first cookie of this name with a valid signature, and whether it is signed with the old key. A page
/// on a neighbouring host can set more cookies of the name.
pub(in crate::http) fn signed_value(request: &HttpRequest, name: &str, key: &SigningKey) -> Option<(String, bool)> {
    cookie_values(request.headers(), name)
        .find_map(|value| key.open(&Cookie::parse_encoded(format!("{name}={value}")).ok()?))
}

/// The values of all cookies of this name.
fn cookie_values<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    let named = cookies(headers).filter(move |cookie| is_named(cookie, name));
    named.filter_map(|cookie| Some(str::from_utf8(cookie).ok()?.split_once('=')?.1))
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let headers = headers.get_all(header::COOKIE);
    let all = headers.flat_map(|header| header.as_bytes().split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
    all.filter(|cookie| !cookie.is_empty())
}

/// Whether a cookie, as written in `Cookie` or `Set-Cookie`, has this name.
pub(super) fn is_named(cookie: &[u8], name: &str) -> bool {
    cookie.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
}
