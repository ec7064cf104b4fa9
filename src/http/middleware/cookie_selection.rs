//! Which of the cookies that came with a request is the session's.

use actix_web::{
    cookie::Cookie,
    dev::ServiceRequest,
    http::header::{self, HeaderValue},
};

use crate::http::{cookie_keys::CookieKeys, state::AppState};

/// What a browser came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum CookieState {
    /// No session cookie.
    Absent,
    /// One, or several.
    Present {
        /// Whether it is signed with the old key, and the browser is to get it signed with the new one.
        needs_resigning: bool,
    },
}

/// Finds the session's cookie. Where there are several, which a page of a neighbouring host can bring about, one that is
/// signed goes before one that is not; where one is signed with the old key, it is signed anew. The others of this name
/// are taken out of the request.
pub(in crate::http) fn find(request: &mut ServiceRequest, state: &AppState) -> CookieState {
    let name = state.config.cookie.name();
    let sessions = cookies(request).filter(|cookie| is_named(cookie, name)).count();
    // The framework drops all cookies where one cannot be read, and on one host that may be another program's.
    let is_plain = sessions == 1 && !state.keys.session.is_rotated() && request.cookies().is_ok();
    if sessions == 0 {
        return CookieState::Absent;
    }
    if is_plain {
        return CookieState::Present { needs_resigning: false };
    }
    let (session, needs_resigning) = choose(request, name, &state.keys);
    let known_browser = state.config.cookie.known_browser_name();
    let known = cookies(request).filter(|cookie| is_named(cookie, known_browser)).map(<[u8]>::to_vec);
    let kept = session.into_iter().chain(known).collect::<Vec<_>>().join(&b"; "[..]);
    match HeaderValue::from_bytes(&kept) {
        Ok(kept) => request.headers_mut().insert(header::COOKIE, kept),
        Err(_) => request.headers_mut().remove(header::COOKIE),
    };
    CookieState::Present { needs_resigning }
}

/// The session's cookie as it is to be read, and whether it was signed anew; none where none is signed.
fn choose(request: &ServiceRequest, name: &'static str, keys: &CookieKeys) -> (Option<Vec<u8>>, bool) {
    let signed = cookies(request).filter(|cookie| is_named(cookie, name)).filter_map(|cookie| {
        let parsed = Cookie::parse_encoded(str::from_utf8(cookie).ok()?.to_owned()).ok()?;
        let (value, is_old) = keys.session.open(&parsed)?;
        Some((cookie, value, is_old))
    });
    // One of today's key goes before one of the old.
    match signed.min_by_key(|(_, _, is_old)| *is_old) {
        Some((cookie, _, false)) => (Some(cookie.to_vec()), false),
        Some((_, value, true)) => {
            let resigned = Cookie::new(name, keys.session.sign(name, value));
            (Some(resigned.encoded().to_string().into_bytes()), true)
        }
        None => (None, false),
    }
}

fn cookies(request: &ServiceRequest) -> impl Iterator<Item = &[u8]> {
    let headers = request.headers().get_all(header::COOKIE);
    headers.flat_map(|header| header.as_bytes().split(|byte| *byte == b';')).map(<[u8]>::trim_ascii)
}

/// Whether a cookie, as either header writes it, has this name.
pub(in crate::http) fn is_named(cookie: &[u8], name: &str) -> bool {
    cookie.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
}
