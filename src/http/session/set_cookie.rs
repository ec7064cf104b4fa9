//! `Set-Cookie` headers.

use std::time::Duration;

use actix_web::{
    cookie::{Cookie, SameSite, time::Duration as CookieDuration},
    http::header::HeaderValue,
};

use crate::config::CookieConfig;

/// A cookie with the attributes of actix-session's. Without `max_age`, it lasts until the browser is closed.
pub(in crate::http) fn set_cookie(
    config: &CookieConfig,
    name: &'static str,
    value: &str,
    max_age: Option<Duration>,
) -> Option<HeaderValue> {
    let mut cookie =
        Cookie::build(name, value).path("/").secure(config.secure).http_only(true).same_site(SameSite::Lax).finish();
    cookie.set_max_age(max_age.map(cookie_duration));
    header(&cookie)
}

/// The same cookie with another `Max-Age`.
pub(super) fn with_max_age(cookie: &HeaderValue, max_age: Duration) -> Option<HeaderValue> {
    let mut cookie = Cookie::parse_encoded(cookie.to_str().ok()?).ok()?;
    cookie.set_max_age(cookie_duration(max_age));
    header(&cookie)
}

fn cookie_duration(duration: Duration) -> CookieDuration {
    CookieDuration::try_from(duration).unwrap_or(CookieDuration::MAX)
}

fn header(cookie: &Cookie<'_>) -> Option<HeaderValue> {
    HeaderValue::from_str(&cookie.encoded().to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_max_age_changes_nothing_else() {
        let signed = "__Host-session=a+b%2Fc%3Dtoken; HttpOnly; SameSite=Lax; Secure; Path=/";
        let lasting = with_max_age(&HeaderValue::from_static(signed), Duration::from_secs(60));
        assert_eq!(lasting, HeaderValue::from_str(&format!("{signed}; Max-Age=60")).ok());
    }
}
