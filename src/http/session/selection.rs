//! Selects the session cookie among the cookies of a request.

use actix_web::{
    HttpRequest,
    cookie::Cookie,
    dev::ServiceRequest,
    http::header::{self, HeaderMap, HeaderValue},
};

use crate::http::{
    cookie_keys::{CookieKeys, SigningKey},
    state::AppState,
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

/// Finds the session cookie. There may be several of its name, because a page on a neighbouring host can set more: then
/// one with a valid signature is chosen and the others are removed from the request. A cookie that is signed with the
/// old key is signed again with the current one.
pub(super) fn find(request: &mut ServiceRequest, state: &AppState) -> CookieState {
    let name = state.config.cookie.name();
    let sessions = cookies(request.headers()).filter(|cookie| is_named(cookie, name)).count();
    // The framework finds no cookies at all if the header is not UTF-8, which another program on the host may cause.
    let is_unambiguous = sessions == 1 && !state.keys.session.is_rotated() && request.cookies().is_ok();
    if sessions == 0 {
        return CookieState::Absent;
    }
    if is_unambiguous {
        return CookieState::Present { needs_resigning: false };
    }
    let (session, needs_resigning) = choose(request, name, &state.keys);
    let others = state.config.cookie.names_beside_session();
    let others = cookies(request.headers())
        .filter(|cookie| others.iter().any(|name| is_named(cookie, name)))
        .map(<[u8]>::to_vec);
    let kept = session.into_iter().chain(others).collect::<Vec<_>>().join(&b"; "[..]);
    match HeaderValue::from_bytes(&kept) {
        Ok(kept) => request.headers_mut().insert(header::COOKIE, kept),
        Err(_) => request.headers_mut().remove(header::COOKIE),
    };
    CookieState::Present { needs_resigning }
}

/// Returns the session cookie to use and whether it has been signed again; `None` if no cookie has a valid signature.
fn choose(request: &ServiceRequest, name: &'static str, keys: &CookieKeys) -> (Option<Vec<u8>>, bool) {
    let signed = cookies(request.headers()).filter(|cookie| is_named(cookie, name)).filter_map(|cookie| {
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

/// The value of the first cookie of this name. The framework finds no cookies at all if the header is not UTF-8, which
/// another program on the host may cause.
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
    headers.flat_map(|header| header.as_bytes().split(|byte| *byte == b';')).map(<[u8]>::trim_ascii)
}

/// Whether a cookie, as written in `Cookie` or `Set-Cookie`, has this name.
pub(super) fn is_named(cookie: &[u8], name: &str) -> bool {
    cookie.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
}
