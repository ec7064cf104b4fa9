//! Selects the session cookie among the cookies of a request.
//!
//! The server's own cookies are those whose names are, byte for byte, the names that it sets. The framework decodes
//! percent-encoded names and trims Unicode white space before it compares them. A browser enforces the rules of `__Host-` on
//! the name as written (RFC 6265bis, section 4.1.3.2), so that a neighbouring host, or plain HTTP, could set
//! `%5F%5FHost-session` and sign the user in to another account.

use actix_web::{
    cookie::Cookie,
    dev::ServiceRequest,
    http::header::{self, HeaderMap, HeaderValue},
    web::Bytes,
};
use memchr::memchr;

use super::request_session::{CookieState, RequestSession};
use crate::http::{
    cookie_keys::{CookieKeys, SigningKey},
    state::AppState,
};

/// Takes the cookies out of the request, except for the session's, so that actix-session parses that one and finds what is
/// found here. There may be several session cookies, because a page on a neighbouring host can set more: then one with a
/// valid signature is chosen. A cookie that is signed with the old key is signed again with the current one.
pub(super) fn select(request: &mut ServiceRequest, session: &RequestSession, state: &AppState) {
    if !request.headers().contains_key(header::COOKIE) {
        return;
    }
    if is_alone(request.headers(), state.config.cookie.name()) && !state.keys.session.is_rotated() {
        session.set_cookies(CookieState::Present { needs_resigning: false }, Vec::new());
        return;
    }
    let cookies: Vec<HeaderValue> = request.headers_mut().remove(header::COOKIE).collect();
    let (found, value) = find(&cookies, state.config.cookie.name(), &state.keys);
    let passed_on = value.map(|value| Bytes::from([state.config.cookie.name().as_bytes(), b"=", &value].concat()));
    if let Some(Ok(cookie)) = passed_on.map(HeaderValue::from_maybe_shared) {
        request.headers_mut().insert(header::COOKIE, cookie);
    }
    session.set_cookies(found, cookies);
}

/// Whether the request has this cookie and no other, as most do.
fn is_alone(headers: &HeaderMap, name: &str) -> bool {
    let mut headers = headers.get_all(header::COOKIE).map(|header| header.as_bytes());
    match (headers.next(), headers.next()) {
        (Some(cookie), None) => is_named(cookie, name) && memchr(b';', cookie).is_none(),
        _ => false,
    }
}

/// Whether there is a session cookie, and the value to use.
fn find(cookies: &[HeaderValue], name: &'static str, keys: &CookieKeys) -> (CookieState, Option<Vec<u8>>) {
    let mut values = values(cookies, name);
    match (values.next(), values.next()) {
        (None, _) => (CookieState::Absent, None),
        (Some(value), None) if !keys.session.is_rotated() => {
            (CookieState::Present { needs_resigning: false }, Some(value.to_vec()))
        }
        (first, second) => {
            let (value, needs_resigning) = choose(first.into_iter().chain(second).chain(values), name, keys);
            (CookieState::Present { needs_resigning }, value)
        }
    }
}

/// The value without percent-encoding. `None` if it has characters that no signed token has.
fn decoded(value: &[u8]) -> Option<Vec<u8>> {
    let is_valid = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte);
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(percent) = memchr(b'%', rest) {
        let (start, encoded) = rest.split_at_checked(percent)?;
        let (encoded, end) = encoded.split_at_checked(3)?;
        decoded.extend_from_slice(start);
        decoded.push(u8::from_str_radix(str::from_utf8(encoded.get(1..)?).ok()?, 16).ok()?);
        rest = end;
    }
    decoded.extend_from_slice(rest);
    decoded.iter().all(is_valid).then_some(decoded)
}

/// Returns the value of the session cookie to use and whether it has been signed again; `None` if no cookie has a valid
/// signature.
fn choose<'c>(
    values: impl Iterator<Item = &'c [u8]>,
    name: &'static str,
    keys: &CookieKeys,
) -> (Option<Vec<u8>>, bool) {
    let signed = values.filter_map(|value| {
        let value = String::from_utf8(decoded(value)?).ok()?;
        let (token, is_old) = keys.session.open(&Cookie::new(name, value.clone()))?;
        Some((value, token, is_old))
    });
    // A cookie signed with the current key takes precedence over one signed with the old key.
    match signed.min_by_key(|(.., is_old)| *is_old) {
        Some((value, _, false)) => (Some(value.into_bytes()), false),
        Some((_, token, true)) => (Some(keys.session.sign(name, token).into_bytes()), true),
        None => (None, false),
    }
}

/// The value of the first cookie of this name.
pub(super) fn first_value(session: &RequestSession, name: &str) -> Option<String> {
    values(&session.cookies(), name).find_map(|value| str::from_utf8(value).ok().map(ToOwned::to_owned))
}

/// The value of the first cookie of this name with a valid signature, and whether it is signed with the old key. A page
/// on a neighbouring host can set more cookies of the name.
pub(super) fn first_signed_value(session: &RequestSession, name: &str, key: &SigningKey) -> Option<(String, bool)> {
    let cookies = session.cookies();
    let mut texts = values(&cookies, name).filter_map(|value| str::from_utf8(value).ok());
    texts.find_map(|value| key.open(&Cookie::parse_encoded(format!("{name}={value}")).ok()?))
}

/// The value of the first cookie of this name that this server has encrypted.
pub(super) fn first_sealed_value(session: &RequestSession, name: &str, key: &SigningKey) -> Option<String> {
    let cookies = session.cookies();
    let mut texts = values(&cookies, name).filter_map(|value| str::from_utf8(value).ok());
    texts.find_map(|value| key.unseal(&Cookie::parse_encoded(format!("{name}={value}")).ok()?))
}

/// The values of all cookies of this name.
fn values<'c>(headers: &'c [HeaderValue], name: &str) -> impl Iterator<Item = &'c [u8]> {
    let cookies = headers.iter().flat_map(|header| Cookies(Some(header.as_bytes())));
    cookies.filter_map(move |cookie| cookie.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
}

/// The cookies of a header.
struct Cookies<'c>(Option<&'c [u8]>);

impl<'c> Iterator for Cookies<'c> {
    type Item = &'c [u8];

    fn next(&mut self) -> Option<&'c [u8]> {
        let rest = self.0?;
        let (cookie, following) = match memchr(b';', rest).and_then(|end| rest.split_at_checked(end)) {
            Some((cookie, following)) => (cookie, following.get(1..)),
            None => (rest, None),
        };
        self.0 = following;
        Some(cookie.trim_ascii())
    }
}

/// Whether a cookie, as written in `Set-Cookie`, has this name.
pub(super) fn is_named(cookie: &[u8], name: &str) -> bool {
    cookie.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(headers: &[&'static str]) -> Vec<String> {
        let headers: Vec<_> = headers.iter().map(|header| HeaderValue::from_static(header)).collect();
        values(&headers, "session").map(|value| String::from_utf8_lossy(value).into_owned()).collect()
    }

    #[test]
    fn a_cookie_is_found_by_its_exact_name() {
        assert_eq!(found(&["session=a"]), ["a"]);
        assert_eq!(found(&["x=1; session=a;session=b", "session=c=d ;y"]), ["a", "b", "c=d"]);
        for other in ["", ";", "session", "Session=a", "%73ession=a", "\u{a0}session=a", "session =a", "xsession=a"] {
            let header = HeaderValue::from_bytes(other.as_bytes()).expect("a header");
            assert_eq!(values(&[header], "session").count(), 0, "{other}");
        }
    }

    #[test]
    fn a_value_is_decoded_once_and_has_only_what_a_signed_token_has() {
        let text = |value: &str| decoded(value.as_bytes()).map(|value| String::from_utf8(value).expect("ASCII"));
        assert_eq!(text("aZ0%2B%2fb%3D-_").as_deref(), Some("aZ0+/b=-_"));
        assert_eq!(text("a+/=").as_deref(), Some("a+/="));
        for other in
            ["a%3Bsession=b", "a%253D", "a%", "a%2", "a%+1", "a%zz", "a b", "\"a\"", "a,b", "ä", "a%ff", "a%20"]
        {
            assert_eq!(text(other), None, "{other}");
        }
    }
}
