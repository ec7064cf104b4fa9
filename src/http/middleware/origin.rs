//! Protection against cross-site request forgery. Clients that are not browsers send neither header and pass.
//!
//! `Sec-Fetch-Site` is checked first and `Origin` is the fallback, as in OWASP's Cross-Site Request Forgery Prevention
//! Cheat Sheet, "Fetch Metadata headers". Login and registration are checked too, because a forged login would sign the
//! victim in to the attacker's account.

use actix_web::{
    dev::ServiceRequest,
    http::{
        Method,
        header::{self, HeaderMap, HeaderName},
    },
};
use url::Url;

use crate::{
    config::ServerConfig,
    http::{context::RequestContext, credential::Bearer, paths},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");
/// Sent by older browsers instead of `Sec-Purpose`.
const PURPOSE: HeaderName = HeaderName::from_static("purpose");
/// Sent by the router of Next.js with a number that says how much of the page it prefetches. A script cannot set
/// `Sec-Purpose`: <https://fetch.spec.whatwg.org/#forbidden-request-header>
const NEXT_ROUTER_PREFETCH: HeaderName = HeaderName::from_static("next-router-prefetch");

/// Whether to reject this request because a page of a foreign origin sent it and it is not a safe method. A request
/// with a token in its header passes: browsers do not send the token by themselves, and the cookie does not count beside it.
pub(in crate::http) fn is_refused(request: &ServiceRequest, context: &RequestContext, server: &ServerConfig) -> bool {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    !is_safe
        && context.bearer == Bearer::Absent
        && !paths::is_provider_callback(request.path())
        && is_foreign(request.headers(), server)
}

/// Whether a page of another site has sent the browser here. A navigation has no `Origin`; the page that it starts from is in
/// `Referer`, unless the page hides it.
pub(in crate::http) fn is_sent_by_another_site(headers: &HeaderMap, server: &ServerConfig) -> bool {
    let page = text(headers, header::REFERER).and_then(|page| Url::parse(page).ok());
    let is_listed_page = page.is_some_and(|page| is_listed(&page.origin().ascii_serialization(), server));
    is_foreign(headers, server) && !is_listed_page
}

/// Whether the request must not count as a read: the browser is prefetching, or a page of another site embeds or links
/// the post. The latter does not matter if the request `has_token`, which only a program can have added.
pub(in crate::http) fn is_not_a_read(headers: &HeaderMap, server: &ServerConfig, has_token: bool) -> bool {
    is_prefetch(headers) || (!has_token && is_foreign(headers, server))
}

/// Like [`is_not_a_read`], for a page of another application, which may be reached by a link on another site, such as a
/// search engine. Only requests that load it into a page of another site are refused.
pub(in crate::http) fn is_not_a_page_view(headers: &HeaderMap, server: &ServerConfig, has_token: bool) -> bool {
    // Not `Sec-Fetch-Mode` as well: Node's `fetch` overwrites it. Browsers only send this destination for a navigation of
    // the complete window. <https://fetch.spec.whatwg.org/#concept-request-destination>
    let opens_window = text(headers, SEC_FETCH_DEST) == Some("document");
    is_prefetch(headers) || (!has_token && !opens_window && is_foreign(headers, server))
}

/// Whether the browser, or a script in it, loads the page before the reader opens it.
pub(in crate::http) fn is_prefetch(headers: &HeaderMap) -> bool {
    let purpose = text(headers, SEC_PURPOSE).or_else(|| text(headers, PURPOSE));
    headers.contains_key(NEXT_ROUTER_PREFETCH)
        || purpose.is_some_and(|purpose| purpose.to_ascii_lowercase().contains("prefetch"))
}

/// Whether a browser reports an origin that is neither listed nor the server's own.
fn is_foreign(headers: &HeaderMap, server: &ServerConfig) -> bool {
    match (text(headers, SEC_FETCH_SITE), text(headers, header::ORIGIN)) {
        (Some("same-origin" | "none"), _) | (None, None) => false,
        // The browser compares schemes too: an HTTP page of this host, which an attacker on the network can forge, is
        // cross-site to the HTTPS page. <https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header>
        (Some(_), Some(origin)) => !is_listed(origin, server),
        (Some(_), None) => true,
        (None, Some(origin)) => !is_listed(origin, server) && !is_own_host(origin, headers, server),
    }
}

/// Whether the operator has configured this origin, including its scheme.
fn is_listed(origin: &str, server: &ServerConfig) -> bool {
    server.cors_origins.contains(origin) || server.public_origin.as_deref() == Some(origin)
}

/// Whether the origin has the request's host. For browsers that do not send `Sec-Fetch-Site`, and only if `PUBLIC_URL`
/// is not set: the request's scheme is unknown here, because a proxy may have terminated TLS.
fn is_own_host(origin: &str, headers: &HeaderMap, server: &ServerConfig) -> bool {
    let host = text(headers, header::HOST);
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    server.public_origin.is_none() && host.is_some() && authority == host
}

/// The value of a header. Repeated headers may contradict each other, so they are treated like an unreadable value.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
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
    fn a_client_that_is_not_a_browser_passes() {
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
    fn the_same_host_is_not_enough_if_the_browser_reports_another_site() {
        for site in ["cross-site", "same-site", "unheard-of"] {
            let sent = [("origin", "http://blog.example"), ("host", "blog.example"), ("sec-fetch-site", site)];
            assert!(foreign(&sent, &[]), "{site}");
            assert!(foreign(&sent, &[("PUBLIC_URL", "https://blog.example")]), "{site}");
            assert!(!foreign(&sent, &[("PUBLIC_URL", "http://blog.example")]), "{site}");
            assert!(!foreign(&sent, &[("CORS_ORIGINS", "http://blog.example")]), "{site}");
        }
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
