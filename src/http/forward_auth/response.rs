//! Errors in the form that proxies understand.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};

use crate::{config::Contract, http::error::ApiError};

/// The error's code, for the configuration of the proxy, which does not read the body.
const CODE: HeaderName = HeaderName::from_static("x-tollgate-code");

/// The response to an error at `/forward-auth`, whichever layer it comes from.
pub(in crate::http) fn error_response(error: &ApiError, contract: Contract) -> HttpResponse {
    let (status, code, _) = error.parts(contract);
    let mut response = error.response_with(status_for_proxy(status), contract);
    response.headers_mut().insert(CODE, HeaderValue::from_static(code));
    response
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
