//! The demo checkout: its address, who may use it, and the page that it returns to.
//!
//! It is on only if the settings say that nobody else can reach the server. Each request is checked too, because a
//! proxy on the same machine may serve others although no setting mentions it.

use actix_web::{HttpRequest, http::header};
use url::Url;

use super::{extract::client, pages::next::Next, paths};
use crate::config::{ServerConfig, is_local_origin};

/// Where the page leads back to: a path of this site, or a page of an origin that may call the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ReturnTo {
    Path(Next),
    App(Url),
}

/// Returns the absolute address of the page, so that apps on other ports can link to it; `None` if others may reach the
/// server.
pub(super) fn link(request: &HttpRequest, server: &ServerConfig, return_to: &ReturnTo) -> Option<String> {
    let mut url = Url::parse(&origin(request, server)?).ok()?.join(paths::DEMO_CHECKOUT).ok()?;
    url.query_pairs_mut().append_pair("next", return_to.as_str());
    Some(url.into())
}

/// The server's origin, as the sender of this request sees it; `None` if others may reach the server.
pub(super) fn origin(request: &HttpRequest, server: &ServerConfig) -> Option<String> {
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let origin = Url::parse(&format!("http://{host}")).ok()?.origin().ascii_serialization();
    if !is_local_origin(&origin) || !client::is_local(request) {
        return None;
    }
    Some(server.public_origin.clone().unwrap_or(origin))
}

impl ReturnTo {
    /// Parses the target in a query or a form; the start page if it is missing or on any other site (CWE-601, open
    /// redirect).
    pub(super) fn parse(text: Option<&str>, server: &ServerConfig) -> Self {
        let url = text.and_then(|text| Url::parse(text).ok());
        match url.filter(|url| server.cors_origins.contains(&url.origin().ascii_serialization())) {
            Some(url) => Self::App(url),
            None => Self::Path(Next::parse(text)),
        }
    }

    /// The page that sent the request, or only its origin if that is not the server's own.
    pub(super) fn referrer(request: &HttpRequest, server: &ServerConfig) -> Self {
        let referrer = request.headers().get(header::REFERER).and_then(|referrer| referrer.to_str().ok());
        let own = || Some(Url::parse(&origin(request, server)?).ok()?.origin());
        match referrer.and_then(|referrer| Url::parse(referrer).ok()) {
            Some(url) if own().is_some_and(|own| own == url.origin()) => {
                let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
                Self::Path(Next::parse(Some(&format!("{}{query}", url.path()))))
            }
            _ => Self::parse(referrer, server),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Path(path) => path.as_str(),
            Self::App(url) => url.as_str(),
        }
    }

    /// The origin of the app, if it is one.
    pub(super) fn app_origin(&self) -> Option<String> {
        match self {
            Self::Path(_) => None,
            Self::App(url) => Some(url.origin().ascii_serialization()),
        }
    }
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

    fn request(host: &'static str) -> TestRequest {
        let peer = "127.0.0.1:4711".parse().expect("an address");
        TestRequest::get().peer_addr(peer).insert_header((header::HOST, host))
    }

    #[test]
    fn the_link_is_of_the_host_that_was_asked_and_of_no_public_one() {
        let start = ReturnTo::parse(None, &server(&[]));
        let link = |host| link(&request(host).to_http_request(), &server(&[]), &start);
        for own in ["localhost:8080", "127.0.0.1:9000", "[::1]:8080", "blog.localhost"] {
            assert_eq!(link(own), Some(format!("http://{own}/demo-checkout?next=%2F")));
        }
        for other in ["blog.example", "192.0.2.7:8080", "localhost.evil.example", "", "localhost:x"] {
            assert_eq!(link(other), None, "{other}");
        }
        let public = server(&[("PUBLIC_URL", "http://blog.localhost:5173")]);
        let of_public = super::link(&request("127.0.0.1:8080").to_http_request(), &public, &start);
        assert_eq!(of_public.as_deref(), Some("http://blog.localhost:5173/demo-checkout?next=%2F"));
    }

    #[test]
    fn the_way_back_is_this_site_or_an_origin_that_may_call() {
        let to = |text| ReturnTo::parse(Some(text), &server(&[])).as_str().to_owned();
        assert_eq!(to("/blog/1?a=b"), "/blog/1?a=b");
        assert_eq!(to("http://localhost:5173/posts/1?a=b#c"), "http://localhost:5173/posts/1?a=b#c");
        for elsewhere in [
            "https://evil.example/",
            "//evil.example/",
            "http://localhost.evil.example/",
            "http://localhost:5173@evil.example/",
            "javascript:alert(1)",
            "",
        ] {
            assert_eq!(to(elsewhere), "/", "{elsewhere}");
        }
        let none = server(&[("CORS_ORIGINS", "none")]);
        assert_eq!(ReturnTo::parse(Some("http://localhost:5173/"), &none).as_str(), "/");
    }

    #[test]
    fn the_referrer_is_the_way_back() {
        let of = |referrer: &'static str| {
            let request = request("localhost:8080").insert_header((header::REFERER, referrer)).to_http_request();
            ReturnTo::referrer(&request, &server(&[("CORS_ORIGINS", "http://localhost:5173")]))
        };
        assert_eq!(of("http://localhost:8080/blog/1?a"), ReturnTo::Path(Next::parse(Some("/blog/1?a"))));
        assert_eq!(of("http://localhost:5173/").app_origin().as_deref(), Some("http://localhost:5173"));
        assert_eq!(of("http://localhost:8080//evil.example").as_str(), "/");
        assert_eq!(of("https://evil.example/").as_str(), "/");
    }
}
