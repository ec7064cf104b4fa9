//! A browser that follows a link, told apart from a program that calls.

use actix_web::{
    dev::ServiceRequest,
    http::{
        Method,
        header::{Accept, Header, Quality, QualityItem},
    },
};
use mime::{Mime, Name};

/// Where to send a browser that asks for a page without a session; `None` for anything else.
pub(super) fn login_address(request: &ServiceRequest) -> Option<String> {
    if request.method() != Method::GET || !prefers_html(request) {
        return None;
    }
    let asked = request.uri().path_and_query().map_or("/", |asked| asked.as_str());
    let next: String = form_urlencoded::byte_serialize(own_path(asked).as_bytes()).collect();
    Some(format!("/login?next={next}"))
}

/// A path of this site: browsers read `//host` and `/\host` as another one (CWE-601).
fn own_path(asked: &str) -> &str {
    if asked.starts_with('/') && !asked.starts_with("//") && !asked.contains('\\') { asked } else { "/" }
}

fn prefers_html(request: &ServiceRequest) -> bool {
    let Ok(Accept(accepted)) = Accept::parse(request) else { return false };
    quality(&accepted, mime::TEXT, mime::HTML) > quality(&accepted, mime::APPLICATION, mime::JSON)
}

/// How much a type is wanted: the most specific range decides (RFC 9110, section 12.5.1).
fn quality(accepted: &[QualityItem<Mime>], kind: Name<'_>, subtype: Name<'_>) -> Quality {
    let of = |kind, subtype| {
        accepted.iter().find(move |range| range.item.type_() == kind && range.item.subtype() == subtype)
    };
    let range = of(kind, subtype).or_else(|| of(kind, mime::STAR)).or_else(|| of(mime::STAR, mime::STAR));
    range.map_or(Quality::ZERO, |range| range.quality)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn address(path: &str, accept: &str) -> Option<String> {
        login_address(&TestRequest::get().uri(path).insert_header(("Accept", accept)).to_srv_request())
    }

    #[test]
    fn a_browser_is_sent_to_the_form_with_the_way_back() {
        let chromium = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        assert_eq!(address("/blog/1?a=b&c", chromium).as_deref(), Some("/login?next=%2Fblog%2F1%3Fa%3Db%26c"));
    }

    #[test]
    fn a_program_is_not() {
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
        assert_eq!(login_address(&TestRequest::post().insert_header(("Accept", "text/html")).to_srv_request()), None);
    }

    #[test]
    fn the_way_back_never_leaves_this_site() {
        for elsewhere in ["//evil.example/", "/\\evil.example", "///evil.example"] {
            assert_eq!(own_path(elsewhere), "/", "{elsewhere}");
        }
    }
}
