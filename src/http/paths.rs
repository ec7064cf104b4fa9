//! Which paths need a session. They are compared as they came, whole: what is spelled otherwise is another path.

/// Paths whose answers do not depend on a session.
const PUBLIC: [&str; 6] = ["/healthz", "/readyz", "/openapi.yaml", "/openapi.json", "/docs", "/webhooks/stripe"];

/// Paths that are open to everybody, and tell those who are signed in from those who are not.
const OPEN: [&str; 4] = ["/login", "/register", "/check_session", "/check_sessions"];

/// Whether the answer is the same for everybody.
pub(super) fn is_public(path: &str) -> bool {
    PUBLIC.contains(&path) || path.starts_with("/docs/")
}

/// Whether the gate lets everybody through.
pub(super) fn is_open(path: &str) -> bool {
    is_public(path) || OPEN.contains(&path)
}

/// Whether the router, which decodes, would take this for another path than it is. An id is looked at by its handler.
pub(super) fn is_respelled(path: &str) -> bool {
    path.contains('%') && !path.starts_with("/blog/")
}

/// The id in a path; what is none, or is one in another spelling, is nobody's.
pub(super) fn id(text: &str) -> Option<i64> {
    text.parse().ok().filter(|id: &i64| *id > 0 && id.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_spelling_is_open() {
        for open in
            ["/login", "/register", "/check_session", "/check_sessions", "/healthz", "/docs", "/docs/", "/docs/a.css"]
        {
            assert!(is_open(open), "{open}");
        }
        for closed in [
            "",
            "/",
            "/login/",
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
            "/a/../login",
            "/webhooks/stripe/",
            "/logout",
        ] {
            assert!(!is_open(closed), "{closed}");
        }
    }
    #[test]
    fn what_the_router_would_decode_into_another_path_is_respelled() {
        for respelled in ["/mete%72", "/users/1/%6Deter", "/users/1%2Fmeter", "/sessions/%31"] {
            assert!(is_respelled(respelled), "{respelled}");
        }
        for whole in ["/meter", "/users/1/meter", "/blog/%31"] {
            assert!(!is_respelled(whole), "{whole}");
        }
    }
}
