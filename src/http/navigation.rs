//! Distinguishes a browser that follows a link from a program that calls the API.

use actix_web::{
    HttpMessage, HttpRequest,
    dev::ServiceRequest,
    http::{
        Method,
        header::{Accept, Header},
    },
};

use super::{accept::prefers, pages::next::Next};

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
}
