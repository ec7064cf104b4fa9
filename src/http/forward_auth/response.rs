//! Responses in the form that proxies understand: who the visitor is, or a status and a code.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    base::clock::Timestamp,
    config::Contract,
    http::{credential::Credential, error::ApiError},
};

/// The error's code, for the configuration of the proxy, which does not read the body.
const CODE: HeaderName = HeaderName::from_static("x-tollgate-code");

/// The response to an error at `/forward-auth`, whichever layer it comes from.
pub(in crate::http) fn error_response(error: &ApiError, contract: Contract) -> HttpResponse {
    let (status, code, _) = error.parts(contract);
    let mut response = error.response_with(status_for_proxy(status), contract);
    set_code(&mut response, code);
    response
}

pub(super) fn set_code(response: &mut HttpResponse, code: &'static str) {
    response.headers_mut().insert(CODE, HeaderValue::from_static(code));
}

/// What the application may show, if it shows excerpts itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum Access {
    Full,
    Teaser,
}

pub(super) fn set_access(response: &mut HttpResponse, access: Access) {
    let value = match access {
        Access::Full => "full",
        Access::Teaser => "teaser",
    };
    response.headers_mut().insert(ACCESS, HeaderValue::from_static(value));
}

/// Proxies do not pass on every status: nginx answers any error other than 401 and 403 with 500.
fn status_for_proxy(status: StatusCode) -> StatusCode {
    match status {
        // 405 means a wrong method on this path itself, which a proxy sends only if it is configured to.
        StatusCode::UNAUTHORIZED | StatusCode::METHOD_NOT_ALLOWED => status,
        status if status.is_server_error() => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    }
}

const ACCESS: HeaderName = HeaderName::from_static("x-tollgate-access");
const USER_ID: HeaderName = HeaderName::from_static("x-tollgate-user-id");
const USERNAME: HeaderName = HeaderName::from_static("x-tollgate-username");
const ROLE: HeaderName = HeaderName::from_static("x-tollgate-role");
const SUBSCRIBED: HeaderName = HeaderName::from_static("x-tollgate-subscribed");

/// What is percent-encoded: everything but the unreserved characters (RFC 3986, section 2.3). Header values are ASCII,
/// and usernames are not.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// For a visitor without a session. There are no other headers, so that no application mistakes the visitor for a user.
pub(super) fn insert_anonymous(response: &mut HttpResponseBuilder) {
    response.insert_header((SUBSCRIBED, HeaderValue::from_static("false")));
}

pub(super) fn insert_identity(response: &mut HttpResponseBuilder, credential: &Credential, now: Timestamp) {
    let user = credential.user();
    let subscribed = if user.is_subscribed(now) { "true" } else { "false" };
    response.insert_header((USER_ID, user.user_id));
    response.insert_header((USERNAME, utf8_percent_encode(&user.username, ENCODED).to_string()));
    response.insert_header((ROLE, HeaderValue::from_static(credential.role().into_str())));
    response.insert_header((SUBSCRIBED, HeaderValue::from_static(subscribed)));
}
