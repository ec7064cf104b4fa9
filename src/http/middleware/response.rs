//! The outermost layer: whatever leaves passes here. It numbers the request, gives every error its shape, sets the
//! headers that every answer has, and has it written down.

use std::{
    mem,
    rc::Rc,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        ConnectionType, Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};

use data_encoding::HEXLOWER;
use tracing::Instrument;

use super::{access_log::log_request, head, refused_origins, span::span};
use crate::{
    config::Contract,
    http::{
        connection::timeouts::ConnectionActivity, document::Document, error::ApiError, extract::body, paths,
        state::AppState,
    },
};

pub(in crate::http) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const NO_PAGE: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// See the module.
pub(in crate::http) async fn finish_response(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let _serving = request.conn_data::<Rc<ConnectionActivity>>().cloned().map(ConnectionActivity::serve);
    let state = request.app_data::<Data<AppState>>();
    let contract = state.map_or(Contract::Classic, |state| state.config.server.contract);
    let is_https = state.is_some_and(|state| state.config.cookie.secure);
    let (id, span) = (request_id(), span(&request));

    // No layer below lets an error through: this would be one that nobody foresaw, and there is no request any more
    // to which an answer could be bound.
    let response = next.call(request).instrument(span.clone()).await.map_err(|error| {
        tracing::error!(request_id = id, cause = %error, "a request failed outside of the stack");
        ApiError::Internal(error.to_string())
    })?;

    let response = response.map_into_boxed_body();
    refused_origins::log(&response, &id);
    let mut response = shape(response, contract, &id);
    set_headers(&mut response, &id, is_https);
    // Asked for when the response is there: the signal may have come while it was made.
    let state = response.request().app_data::<Data<AppState>>();
    if state.is_some_and(|state| state.is_draining()) {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    log_request(&response, &id, started.elapsed(), &span);
    Ok(head::without_body(response))
}

/// Random for this process, then a count: unique among nodes, and no call to the system for each request. One that a
/// client sends is not taken over: the log must not be his to write.
fn request_id() -> String {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| getrandom::u64().unwrap_or_default());
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = (u128::from(*PROCESS) << 64) | u128::from(COUNT.fetch_add(1, Ordering::Relaxed));
    HEXLOWER.encode(&number.to_be_bytes())
}

/// Writes an error's body, which the framework's own errors lack, and keeps the headers that layers below have set.
fn shape(response: ServiceResponse, contract: Contract, id: &str) -> ServiceResponse {
    if response.status().is_success() || response.status().is_redirection() {
        return response;
    }
    let is_document = response.response().extensions().contains::<Document>();
    let unforeseen;
    let error = match response.response().error().and_then(|error| error.as_error::<ApiError>()) {
        Some(error) => error,
        // A file's own refusal, such as of a range that it has not.
        None if is_document => return response,
        None => {
            unforeseen = from_status(&response);
            &unforeseen
        }
    };
    if let Some(cause) = error.cause() {
        tracing::error!(request_id = id, cause, "{error}");
    }
    if is_document {
        return response;
    }
    let mut shaped = error.response(contract);
    let own = mem::take(shaped.headers_mut());
    shaped.headers_mut().clone_from(response.headers());
    for (name, value) in own {
        shaped.headers_mut().insert(name, value);
    }
    ServiceResponse::new(response.into_parts().0, shaped)
}

/// The error that a status stands for where the framework or a middleware answered.
fn from_status(response: &ServiceResponse) -> ApiError {
    match response.status() {
        StatusCode::NOT_FOUND => ApiError::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(body::MAX_KIB),
        // What actix-cors answers a preflight that it refuses.
        StatusCode::BAD_REQUEST if response.request().method() == Method::OPTIONS => ApiError::CrossOrigin,
        status => {
            let cause = response.response().error().map(ToString::to_string).unwrap_or_default();
            ApiError::Internal(format!("unforeseen {status}: {cause}"))
        }
    }
}

fn set_headers(response: &mut ServiceResponse, id: &str, is_https: bool) {
    let document = response.response().extensions().get::<Document>().cloned();
    let is_public = document.as_ref().map_or_else(|| paths::is_public(response.request().path()), |it| it.is_public);
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // What is no page must not become one: OWASP's REST security cheat sheet. A page's own form has to name its origin,
    // for which browsers take `no-referrer` as a ban.
    let (policy, referrer) = match document {
        Some(document) => (document.policy, "same-origin"),
        None => (HeaderValue::from_static(NO_PAGE), "no-referrer"),
    };
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(referrer));
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if !is_public {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.append(header::VARY, HeaderValue::from_static("Cookie"));
    }
}
