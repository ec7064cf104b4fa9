//! Which paths need a session. Paths are compared exactly as sent: any other spelling is a different path.

use actix_web::HttpRequest;

use super::error::ApiError;

/// Paths whose responses do not depend on a session.
const PUBLIC: [&str; 6] = ["/healthz", "/readyz", "/openapi.yaml", "/openapi.json", "/docs", STRIPE_WEBHOOK];

/// Where Stripe sends events, which are signed.
pub(super) const STRIPE_WEBHOOK: &str = "/webhooks/stripe";

/// Paths that are open to everyone but whose responses depend on the session.
const OPEN: [&str; 9] = [
    "/login",
    "/login/second-factor",
    "/login/second-factor/passkey/options",
    "/login/passkey",
    "/login/passkey/options",
    "/register",
    "/check_session",
    "/check_sessions",
    FORWARD_AUTH,
];

/// What a proxy asks before it serves a page of another application.
pub(super) const FORWARD_AUTH: &str = "/forward-auth";

/// Paths that are open to those who follow a link in a message, or have forgotten their password.
const MAIL: [&str; 4] = ["/account/secure", "/email/verify", "/password/forgot", "/password/reset"];

/// The server's own pages for the same, if e-mail is on.
const MAIL_PAGES: [&str; 4] = ["/forgot-password", "/reset-password", "/secure-account", "/verify-email"];

/// The page on which users enrol and remove their second factor.
pub(super) const SECOND_FACTOR_SETTINGS: &str = "/second-factor";

/// The page on which users create and delete their API tokens.
pub(super) const TOKEN_SETTINGS: &str = "/tokens";

/// The page that stands in for Stripe's while the demo checkout is on.
pub(super) const DEMO_CHECKOUT: &str = "/demo-checkout";

/// Whether the response is the same for everyone.
pub(super) fn is_public(path: &str) -> bool {
    PUBLIC.contains(&path) || path.starts_with("/docs/")
}

/// Whether the path needs no session.
pub(super) fn is_open(path: &str) -> bool {
    is_public(path) || OPEN.contains(&path) || MAIL.contains(&path)
}

/// Whether a session or an API token makes a difference. Where users sign in, or prove who they are by a link in a
/// message, an API token does not.
pub(super) fn takes_credential(path: &str) -> bool {
    path == FORWARD_AUTH || path.starts_with("/check_session") || !(is_open(path) || is_mail_page(path))
}

/// Whether the path is open to users who must have a second factor and have none: they may enrol one, sign out, or follow a link
/// in a message, which needs no session. A redirect would lose the link's token.
pub(super) fn is_open_for_enrolment(path: &str) -> bool {
    let for_enrolment = [
        "/account/totp",
        "/account/totp/confirm",
        "/account/passkeys",
        "/account/passkeys/options",
        "/logout",
        SECOND_FACTOR_SETTINGS,
    ];
    is_open(path) || is_mail_page(path) || for_enrolment.contains(&path)
}

/// Whether this is a page for those who follow a link in a message, or have forgotten their password.
pub(super) fn is_mail_page(path: &str) -> bool {
    MAIL_PAGES.contains(&path)
}

/// Whether the router, which percent-decodes paths, would match this as a different path. The ids of posts are exempt,
/// because their handlers check the raw path.
pub(super) fn is_respelled(path: &str) -> bool {
    let exact = match path.strip_prefix("/blog/") {
        Some(post) => post.split_once('/').map_or("", |(_, below)| below),
        None => path,
    };
    exact.contains('%')
}

/// Whether readers without a session may GET the path, if the operator allows them to read.
pub(super) fn is_for_readers(path: &str) -> bool {
    ["/blog", "/meter"].contains(&path) || post_id(path).is_some()
}

/// The id in the path of a post.
pub(super) fn post_id(path: &str) -> Option<i64> {
    path.strip_prefix("/blog/").and_then(id)
}

/// The id at the end of a path. From the raw path, because the router's parameters are already percent-decoded.
pub(super) fn trailing_id(request: &HttpRequest) -> Result<i64, ApiError> {
    id(request.path().rsplit('/').next().unwrap_or_default()).ok_or(ApiError::NotFound)
}

/// The id after the collection, as in `/blog/<id>` or `/users/<id>/meter`; also from the raw path.
pub(super) fn second_segment_id(request: &HttpRequest) -> Option<i64> {
    id(request.path().split('/').nth(2).unwrap_or_default())
}

/// Parses an id in a path. Only the canonical spelling is an id, so that each resource has one path.
pub(super) fn id(text: &str) -> Option<i64> {
    text.parse().ok().filter(|id: &i64| *id > 0 && id.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_spelling_is_open() {
        for open in [
            "/login",
            "/login/second-factor",
            "/register",
            "/check_session",
            "/check_sessions",
            "/forward-auth",
            "/healthz",
            "/docs",
            "/docs/",
            "/docs/a.css",
        ] {
            assert!(is_open(open), "{open}");
        }
        for closed in [
            "",
            "/",
            "/login/",
            "/login/second-factor/",
            "/login/Second-factor",
            "/LOGIN",
            "/HEALTHZ",
            "//login",
            "/./login",
            "/%6cogin",
            "/login%2f",
            "/login;x",
            "/docsx",
            "/blog/1",
            "/check_session/",
            "/forward-auth/",
            "/a/../login",
            "/webhooks/stripe/",
            "/logout",
        ] {
            assert!(!is_open(closed), "{closed}");
        }
    }

    #[test]
    fn only_the_exact_spelling_is_for_readers() {
        for open in ["/blog", "/blog/1", "/meter"] {
            assert!(is_for_readers(open), "{open}");
        }
        for closed in
            ["/blog/", "/blog/01", "/blog/%31", "/blog/1/", "/blog/x", "/blog/0", "/Meter", "/reads", "/stats"]
        {
            assert!(!is_for_readers(closed), "{closed}");
        }
    }

    #[test]
    fn a_path_that_the_router_would_decode_into_another_is_respelled() {
        for respelled in ["/mete%72", "/users/1/%6Deter", "/users/1%2Fmeter", "/sessions/%31", "/blog/1/gift%73"] {
            assert!(is_respelled(respelled), "{respelled}");
        }
        for exact in ["/meter", "/users/1/meter", "/blog/%31", "/blog/%31/gifts"] {
            assert!(!is_respelled(exact), "{exact}");
        }
    }
}
