//! Conditional requests with `If-None-Match` (RFC 9110, section 13.1.2).

use actix_web::{
    HttpRequest, HttpResponse,
    body::MessageBody,
    http::header::{CACHE_CONTROL, ETag, EntityTag, Header, IfNoneMatch},
};

/// The content with its tag, or 304 without it if the client already has it.
pub(super) fn response(
    request: &HttpRequest,
    tag: EntityTag,
    cache_control: &'static str,
    content_type: &str,
    content: impl MessageBody + 'static,
) -> HttpResponse {
    let is_unchanged = is_current(request, &tag);
    let mut response = if is_unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, cache_control)).insert_header(ETag(tag));
    if is_unchanged { response.finish() } else { response.content_type(content_type).body(content) }
}

/// Whether the client already has the response with this tag.
pub(super) fn is_current(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|sent| sent.weak_eq(tag)),
        Err(_) => false,
    }
}
