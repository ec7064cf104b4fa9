//! Conditional requests with `If-None-Match` (RFC 9110, section 13.1.2).

use actix_web::{
    HttpRequest,
    http::header::{EntityTag, Header, IfNoneMatch},
};

/// Whether the client already has the response with this tag.
pub(super) fn is_current(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|sent| sent.weak_eq(tag)),
        Err(_) => false,
    }
}
