//! Removes the body from responses to HEAD, and the length too, which would reveal how long a post is.

use actix_web::{
    Error,
    body::{self, BodySize, BodyStream, BoxBody, MessageBody},
    dev::ServiceResponse,
    http::{Method, header},
    web::Bytes,
};
use futures_util::stream;

use crate::http::document::Document;

/// Removes the body if the request is HEAD.
///
/// actix-http omits a body by a flag of the connection, which the next pipelined request overwrites, so it cannot be
/// relied on. Without a body there is no `Content-Length` either: RFC 9110, section 8.6, allows only the length that
/// the response to GET would have, and not 0. Public files keep theirs for download programs.
pub(in crate::http) fn without_body(response: ServiceResponse) -> ServiceResponse {
    if response.request().method() != Method::HEAD {
        return response;
    }
    let is_file = response.response().extensions().get::<Document>().is_some_and(|document| document.is_public);
    match response.response().body().size() {
        BodySize::Sized(length) if is_file => response.map_body(|head, _| {
            head.headers_mut().insert(header::CONTENT_LENGTH, length.into());
            // If a body has an unknown size and is not chunked, actix-http sends the `Content-Length` of the headers.
            head.no_chunking(true);
            BoxBody::new(BodyStream::new(stream::empty::<Result<Bytes, Error>>()))
        }),
        _ => response.map_body(|_, _| BoxBody::new(body::None::new())),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{HttpResponse, http::header::HeaderValue, test::TestRequest};

    use super::*;

    fn size(method: Method, response: HttpResponse) -> (BodySize, Option<HeaderValue>) {
        let request = TestRequest::with_uri("/blog/1").method(method).to_http_request();
        let response = without_body(ServiceResponse::new(request, response)).into_parts().1;
        (response.body().size(), response.headers().get(header::CONTENT_LENGTH).cloned())
    }

    #[test]
    fn a_response_to_head_has_no_body_and_only_a_public_file_has_a_length() {
        let post = || HttpResponse::Ok().body("the post");
        let file = |is_public| Document { policy: HeaderValue::from_static(""), is_public }.mark(post());
        assert_eq!(size(Method::GET, post()), (BodySize::Sized(8), None));
        assert_eq!(size(Method::HEAD, post()), (BodySize::None, None));
        assert_eq!(size(Method::HEAD, file(false)), (BodySize::None, None));
        assert_eq!(size(Method::HEAD, file(true)), (BodySize::Stream, Some(HeaderValue::from_static("8"))));
    }
}
