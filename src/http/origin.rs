//! Whether a request comes from a page that may make it. A client that is no browser sends neither header and passes.
//!
//! `Sec-Fetch-Site` is the browser's own word, `Origin` its fallback: OWASP's cross-site request forgery cheat sheet,
//! "Fetch Metadata headers". Login and registration are checked too: a forged login signs somebody in as somebody else.

use actix_web::{
    dev::ServiceRequest,
    http::{
        Method,
        header::{self, HeaderMap},
    },
    web::Data,
};

use super::state::AppState;
use crate::config::ServerConfig;

/// Whether this would change something for a page of another origin.
pub(super) fn is_refused(request: &ServiceRequest) -> bool {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let server = request.app_data::<Data<AppState>>().map(|state| &state.config.server);
    !is_safe && server.is_some_and(|server| is_foreign(request.headers(), server))
}

/// Whether nobody asked to read: the browser fetches ahead, or a page of another site embeds or links it.
pub(super) fn is_no_read(headers: &HeaderMap, server: &ServerConfig) -> bool {
    let purpose = text(headers, "sec-purpose").or_else(|| text(headers, "purpose"));
    purpose.is_some_and(|purpose| purpose.to_ascii_lowercase().contains("prefetch")) || is_foreign(headers, server)
}

/// Whether a browser says that this comes from an origin that is neither listed nor this server's own.
fn is_foreign(headers: &HeaderMap, server: &ServerConfig) -> bool {
    match (text(headers, "sec-fetch-site"), text(headers, "origin")) {
        (Some("same-origin" | "none"), _) | (None, None) => false,
        (_, Some(origin)) => !is_allowed(origin, headers, server),
        (Some(_), None) => true,
    }
}

fn is_allowed(origin: &str, headers: &HeaderMap, server: &ServerConfig) -> bool {
    server.cors_origins.iter().any(|allowed| allowed == origin)
        || match &server.public_origin {
            Some(own) => own == origin,
            None => is_own_host(origin, headers),
        }
}

/// The scheme is not known here: a proxy may have taken TLS off.
fn is_own_host(origin: &str, headers: &HeaderMap) -> bool {
    let host = text(headers, header::HOST.as_str());
    origin.split_once("://").is_some_and(|(_, authority)| Some(authority) == host)
}

/// A header's one value. Several of one name contradict each other, and are believed as little as what cannot be read.
fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name);
    let first = values.next()?;
    Some(first.to_str().ok().filter(|_| values.next().is_none()).unwrap_or("unreadable"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use actix_web::test::TestRequest;

    use super::*;
    use crate::config::Config;

    fn server(settings: &[(&str, &str)]) -> ServerConfig {
        let values: HashMap<_, _> = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Config::from_values(values).expect("settings").server
    }

    fn foreign(sent: &[(&'static str, &'static str)], settings: &[(&str, &str)]) -> bool {
        let request = sent.iter().fold(TestRequest::post(), |request, header| request.insert_header(*header));
        is_foreign(request.to_srv_request().headers(), &server(settings))
    }

    #[test]
    fn a_client_that_is_no_browser_passes() {
        assert!(!foreign(&[("host", "api.example")], &[]));
    }

    #[test]
    fn a_listed_origin_and_the_servers_own_pass() {
        assert!(!foreign(&[("origin", "http://localhost:3000"), ("sec-fetch-site", "cross-site")], &[]));
        assert!(!foreign(&[("origin", "https://api.example"), ("host", "api.example")], &[]));
        assert!(!foreign(
            &[("sec-fetch-site", "same-origin"), ("origin", "https://x.example"), ("host", "inner:8080")],
            &[]
        ));
        let public = [("PUBLIC_URL", "https://blog.example/")];
        assert!(!foreign(&[("origin", "https://blog.example"), ("host", "inner:8080")], &public));
    }

    #[test]
    fn any_other_origin_is_foreign() {
        assert!(foreign(&[("origin", "https://evil.example"), ("host", "api.example")], &[]));
        assert!(foreign(&[("origin", "null"), ("host", "api.example")], &[]));
        assert!(foreign(&[("sec-fetch-site", "cross-site")], &[]));
        assert!(foreign(&[("sec-fetch-site", "same-site"), ("host", "api.example")], &[]));
        assert!(foreign(&[("origin", "http://localhost:3000.evil.example"), ("host", "api.example")], &[]));
        let public = [("PUBLIC_URL", "https://blog.example")];
        assert!(foreign(&[("origin", "http://inner:8080"), ("host", "inner:8080")], &public));
    }
}
