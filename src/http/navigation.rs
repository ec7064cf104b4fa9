//! Distinguishes a browser that follows a link from a program that calls the API.

use actix_web::{
    HttpMessage, HttpRequest,
    dev::ServiceRequest,
    http::{
        Method,
        header::{Accept, Header, Quality, QualityItem},
    },
};
use mime::Mime;

use super::pages::next::Next;

/// Where to redirect a browser that requests a page without a session; `None` for any other request.
pub(super) fn login_address(request: &HttpRequest) -> Option<String> {
    if !is_navigation(request) {
        return None;
    }
    let requested = request.uri().path_and_query().map(|requested| requested.as_str());
    Some(login_then(requested))
}

/// The login page, which leads to `next` afterwards.
pub(super) fn login_then(next: Option<&str>) -> String {
    Next::parse(next).after("/login")
}

/// Whether a browser submits a form of the server's own pages.
pub(super) fn is_form(request: &ServiceRequest) -> bool {
    let is_form = request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded");
    let is_post = request.method() == Method::POST && is_form;
    is_post && Accept::parse(request).is_ok_and(|accept| prefers_html(&accept))
}

/// Whether a browser requests a page for its window.
pub(super) fn is_navigation(request: &HttpRequest) -> bool {
    request.method() == Method::GET && Accept::parse(request).is_ok_and(|accept| prefers_html(&accept))
}

/// Whether the client prefers HTML to JSON.
pub(super) fn prefers_html(accept: &Accept) -> bool {
    prefers(accept, "text/html", "application/json")
}

/// Whether the client prefers a media type to another one. Both are without parameters.
pub(super) fn prefers(Accept(accepted): &Accept, media_type: &str, other: &str) -> bool {
    quality(accepted, media_type) > quality(accepted, other)
}

/// The quality of a media type, which the most specific range determines (RFC 9110, section 12.5.1).
fn quality(accepted: &[QualityItem<Mime>], media_type: &str) -> Quality {
    let of = |range: &str| accepted.iter().find(|item| item.item.essence_str() == range);
    let of_group = |group: &str| accepted.iter().find(|item| item.item.type_() == group && item.item.subtype() == "*");
    let group = media_type.split_once('/').map(|(group, _)| group);
    let range = of(media_type).or_else(|| of_group(group?)).or_else(|| of("*/*"));
    range.map_or(Quality::ZERO, |range| range.quality)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn address(path: &str, accept: &str) -> Option<String> {
        login_address(&TestRequest::get().uri(path).insert_header(("Accept", accept)).to_http_request())
    }

    #[test]
    fn a_browser_is_redirected_to_the_login_page_with_its_path_as_next() {
        let chromium = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        assert_eq!(address("/blog/1?a=b&c", chromium).as_deref(), Some("/login?next=%2Fblog%2F1%3Fa%3Db%26c"));
    }

    #[test]
    fn a_program_is_not_redirected() {
        for accept in [
            "*/*",
            "application/json",
            "application/json, text/html;q=0.9",
            "text/html;q=0, */*",
            "text/*;q=0.1, */*",
            "",
        ] {
            assert_eq!(address("/blog/1", accept), None, "{accept}");
        }
        assert_eq!(login_address(&TestRequest::post().insert_header(("Accept", "text/html")).to_http_request()), None);
    }

    use actix_web::http::header::Header;

    const TEXT: &str = "text/plain";
    const OPEN_METRICS: &str = "application/openmetrics-text";

    fn prefers_text(accept: &str) -> bool {
        let request = TestRequest::get().insert_header(("Accept", accept)).to_http_request();
        prefers(&Accept::parse(&request).expect("valid"), TEXT, OPEN_METRICS)
    }

    #[test]
    fn the_most_specific_range_determines_the_quality_and_the_parameters_do_not_matter() {
        for accept in
            ["text/plain", "text/*", "text/plain;version=0.0.4;q=0.5, */*;q=0.1", "*/*;q=0.9, application/*;q=0.1"]
        {
            assert!(prefers_text(accept), "{accept}");
        }
        let of_prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        for accept in [of_prometheus, "*/*", "text/plain, application/openmetrics-text", "text/plain;q=0, */*"] {
            assert!(!prefers_text(accept), "{accept}");
        }
    }
}
