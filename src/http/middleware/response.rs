//! The outermost layer, which every response passes. It assigns the request id, formats errors, sets the headers that
//! every response has, and logs the request.

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
use tracing::{Instrument, Level};

use super::{
    access_log::{ErrorCode, log_request},
    head,
    span::span,
};
use crate::{
    config::Contract,
    edge::ConnectionActivity,
    http::{
        access::{Access, AccessTable},
        admin,
        context::RequestContext,
        document::Document,
        error::ApiError,
        extract::body,
        forward_auth, pages, paths,
        state::AppState,
    },
};

pub(in crate::http) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const API_POLICY: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

pub(in crate::http) async fn finish_response(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let _serving = request.conn_data::<Rc<ConnectionActivity>>().cloned().map(ConnectionActivity::serve);
    let state = request.app_data::<Data<AppState>>().cloned();
    let state = state.ok_or_else(|| ApiError::Internal("the application has no state".to_owned()))?;
    let access = request.app_data::<AccessTable>().map(|table| table.find(request.path())).unwrap_or_default();
    let context = RequestContext::new(request.request(), access, state.clock.now()).attach(&request);
    let (id, span) = (RequestId::new(), span(&request));
    // Reading the clock twice more costs more than the checks.
    let is_observed = tracing::enabled!(Level::INFO) || state.requests.is_some() || !span.is_disabled();
    let started = is_observed.then(Instant::now);

    // The layers below return no errors. An unexpected one leaves no request to which a response could be attached.
    let response = next.call(request).instrument(span.clone()).await.map_err(|error| {
        tracing::error!(request_id = id.as_str(), cause = %error, "middleware returned an error instead of a response");
        ApiError::Internal(error.to_string())
    })?;

    let response = response.map_into_boxed_body();
    state.refused_origins.log(&response, id.as_str(), &state.clock);
    let mut response = format_error(response, state.config.server.contract, id.as_str());
    set_headers(&mut response, &id, access, state.config.cookie.secure);
    // Checked after the handler, because the signal may have arrived while it was running.
    if state.is_draining() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    if let Some(started) = started {
        log_request(&response, &state, &context, id.as_str(), started.elapsed(), &span);
    }
    Ok(head::without_body(response))
}

/// A random number for the process and a counter: unique among nodes, without a system call for each request. An id
/// sent by the client is ignored, because clients must not be able to write to the log.
struct RequestId([u8; 32]);

impl RequestId {
    fn new() -> Self {
        static PROCESS: LazyLock<u64> = LazyLock::new(|| getrandom::u64().unwrap_or_default());
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let id = (u128::from(*PROCESS) << 64) | u128::from(COUNT.fetch_add(1, Ordering::Relaxed));
        let mut text = [0; 32];
        HEXLOWER.encode_mut(&id.to_be_bytes(), &mut text);
        Self(text)
    }

    fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Writes the body of an error, including the framework's own errors, and preserves the headers that the layers below
/// have set.
fn format_error(mut response: ServiceResponse, contract: Contract, id: &str) -> ServiceResponse {
    if response.status().is_success() || response.status().is_redirection() {
        return response;
    }
    let is_document = response.response().extensions().contains::<Document>();
    let framework_error;
    let error = match response.response().error().and_then(|error| error.as_error::<ApiError>()) {
        Some(error) => error,
        // An error of the file server, such as a range that cannot be satisfied.
        None if is_document => return response,
        None => {
            framework_error = from_status(&response);
            &framework_error
        }
    };
    if let Some(cause) = error.cause() {
        tracing::error!(request_id = id, cause, "{error}");
    }
    let code = ErrorCode(error.parts(contract).1);
    if is_document {
        response.response_mut().extensions_mut().insert(code);
        return response;
    }
    let mut formatted = match response.request() {
        request if request.path() == paths::FORWARD_AUTH => forward_auth::error_response(error, contract),
        request if admin::shows_pages(request) => admin::failure(request, error, contract),
        request if pages::shows_pages(request) => pages::failure(request, error, contract),
        _ => error.response(contract),
    };
    let own_headers = mem::take(formatted.headers_mut());
    formatted.headers_mut().clone_from(response.headers());
    for (name, value) in own_headers {
        // CORS has set it as well.
        if name == header::VARY {
            formatted.headers_mut().append(name, value);
        } else {
            formatted.headers_mut().insert(name, value);
        }
    }
    formatted.extensions_mut().insert(code);
    ServiceResponse::new(response.into_parts().0, formatted)
}

/// The error for a status that the framework or a third-party middleware returned.
fn from_status(response: &ServiceResponse) -> ApiError {
    match response.status() {
        StatusCode::NOT_FOUND => ApiError::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(body::MAX_KIB),
        // How actix-cors rejects a preflight.
        StatusCode::BAD_REQUEST if response.request().method() == Method::OPTIONS => ApiError::CrossOrigin,
        status => {
            let cause = response.response().error().map(ToString::to_string).unwrap_or_default();
            ApiError::Internal(format!("unexpected status {status}: {cause}"))
        }
    }
}

fn set_headers(response: &mut ServiceResponse, id: &RequestId, access: Access, is_https: bool) {
    let document = response.response().extensions().get::<Document>().cloned();
    let is_public = document.as_ref().map_or_else(|| access.is_public(), |it| it.is_public);
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_bytes(&id.0) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // An API response must not be usable as a page (OWASP's REST Security Cheat Sheet). A page's form has to send its
    // origin, which browsers omit under `no-referrer`.
    let (policy, referrer) = match document {
        Some(document) => (document.policy, "same-origin"),
        None => (HeaderValue::from_static(API_POLICY), "no-referrer"),
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
