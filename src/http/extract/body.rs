//! Request bodies: JSON, or a form for routes that plain HTML pages post to.

use std::time::Duration;

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    http::{Method, header},
    web::{self, Bytes, BytesMut, Data},
};
use futures_util::{StreamExt, TryFutureExt, future::LocalBoxFuture};
use serde_json::Value;
use tokio::time::timeout;

use super::fields::Fields;
use crate::http::{error::ApiError, navigation, paths, state::AppState};

/// Maximum size of a body, in KiB.
pub(in crate::http) const MAX_KIB: usize = 16;

/// Maximum size of a post, in KiB.
pub(in crate::http) const MAX_POST_KIB: usize = 1024;

/// Maximum size of a file in `MEDIA_DIR`, in KiB.
pub(in crate::http) const MAX_MEDIA_KIB: usize = 20 * 1024;

/// What a form adds to the size of its file, in KiB.
const FORM_KIB: usize = 64;

/// Maximum size of a Stripe event, in KiB.
const MAX_EVENT_KIB: usize = 256;

/// The body formats that a route accepts.
#[derive(Clone, Copy, Debug)]
enum Accepted {
    FormOrJson,
    Json,
    /// JSON or an empty body.
    OptionalJson,
    /// A form, or an empty body: what browsers send for a form that is only a button.
    Form,
}

/// The fields of a JSON body or a URL-encoded form.
#[derive(Debug)]
pub(in crate::http) struct FormOrJson(pub(in crate::http) Fields);

/// The fields of a JSON body.
#[derive(Debug)]
pub(in crate::http) struct Json(pub(in crate::http) Fields);

/// The fields of a JSON body; no fields if the body is empty.
#[derive(Debug)]
pub(in crate::http) struct OptionalJson(pub(in crate::http) Fields);

/// The fields of a form; no fields if it has only a button.
#[derive(Debug)]
pub(in crate::http) struct Form(pub(in crate::http) Fields);

type Extracted<T> = LocalBoxFuture<'static, Result<T, ApiError>>;

impl FromRequest for FormOrJson {
    type Error = ApiError;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Box::pin(extract(request, payload, Accepted::FormOrJson).map_ok(Self))
    }
}

impl FromRequest for Json {
    type Error = ApiError;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Box::pin(extract(request, payload, Accepted::Json).map_ok(Self))
    }
}

impl FromRequest for OptionalJson {
    type Error = ApiError;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Box::pin(extract(request, payload, Accepted::OptionalJson).map_ok(Self))
    }
}

impl FromRequest for Form {
    type Error = ApiError;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Box::pin(extract(request, payload, Accepted::Form).map_ok(Self))
    }
}

/// Reads the raw bytes of a Stripe event, which the signature covers.
pub(in crate::http) async fn read_event(request: &HttpRequest, payload: web::Payload) -> Result<Bytes, ApiError> {
    read(&mut payload.into_inner(), MAX_EVENT_KIB, time_limit(request)).await
}

fn extract(request: &HttpRequest, payload: &mut Payload, accepted: Accepted) -> Extracted<Fields> {
    let (content_type, time_limit) = (request.content_type().to_ascii_lowercase(), time_limit(request));
    let max_kib = max_kib(request);
    let (length, mut payload) = (check_length(request, max_kib), payload.take());
    Box::pin(async move {
        length?;
        let bytes = read(&mut payload, max_kib, time_limit).await?;
        parse(&content_type, &bytes, accepted)
    })
}

/// Rejects a body by its `Content-Length`, also for handlers that read none. A form of the server's own pages is left
/// to its handler, which shows it again. At `/forward-auth`, the length may be that of the visitor's request, whose
/// body the proxy does not send.
pub(in crate::http) fn check(request: &ServiceRequest) -> Result<(), ApiError> {
    if request.path() == paths::FORWARD_AUTH {
        return Ok(());
    }
    check_length(request.request(), max_kib(request.request()))
        .or_else(|error| if navigation::is_form(request) { Ok(()) } else { Err(error) })
}

/// Maximum size of this request's body, in KiB.
fn max_kib(request: &HttpRequest) -> usize {
    match (request.method(), request.path()) {
        (_, paths::STRIPE_WEBHOOK) => MAX_EVENT_KIB,
        (&Method::POST, paths::MEDIA) if is_multipart(request) => MAX_MEDIA_KIB + FORM_KIB,
        (&Method::POST, paths::MEDIA) => MAX_MEDIA_KIB,
        (&Method::POST, path) if is_multipart(request) && path.starts_with(paths::CONSOLE_POSTS) => {
            MAX_MEDIA_KIB + MAX_POST_KIB + FORM_KIB
        }
        (&Method::POST, "/blog") => MAX_POST_KIB,
        (&Method::PUT | &Method::PATCH, path) if path.starts_with("/blog/") => MAX_POST_KIB,
        _ => MAX_KIB,
    }
}

/// Whether the body is a form that can contain files.
pub(in crate::http) fn is_multipart(request: &HttpRequest) -> bool {
    request.content_type().eq_ignore_ascii_case("multipart/form-data")
}

/// Rejects a body immediately if its `Content-Length` exceeds the limit.
fn check_length(request: &HttpRequest, max_kib: usize) -> Result<(), ApiError> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length > u64::try_from(max_kib * 1024).unwrap_or(u64::MAX)) {
        return Err(ApiError::TooLarge(max_kib));
    }
    Ok(())
}

/// A client that needs longer to send such a small body is stuck, or is holding the connection open on purpose.
fn time_limit(request: &HttpRequest) -> Duration {
    request.app_data::<Data<AppState>>().map_or(Duration::ZERO, |state| state.config.limits.body)
}

/// Reads the complete body. A body that is too large is not read to its end: actix keeps the connection open while the
/// client receives the response.
async fn read(payload: &mut Payload, max_kib: usize, time_limit: Duration) -> Result<Bytes, ApiError> {
    timeout(time_limit, read_all(payload, max_kib)).await.map_err(|_| ApiError::RequestTimeout)?
}

async fn read_all(payload: &mut Payload, max_kib: usize) -> Result<Bytes, ApiError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => ApiError::TooLarge(max_kib),
            // The body was cut off or its chunked encoding is invalid.
            _ => ApiError::InvalidJson,
        })?;
        if bytes.len() + chunk.len() > max_kib * 1024 {
            return Err(ApiError::TooLarge(max_kib));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn parse(content_type: &str, bytes: &[u8], accepted: Accepted) -> Result<Fields, ApiError> {
    match (content_type, accepted) {
        (_, Accepted::OptionalJson | Accepted::Form) if bytes.is_empty() => Ok(Fields::none()),
        _ if bytes.is_empty() => Err(ApiError::InvalidJson),
        ("application/json", Accepted::FormOrJson | Accepted::Json | Accepted::OptionalJson) => {
            match serde_json::from_slice(bytes).map_err(|_| ApiError::InvalidJson)? {
                Value::Object(values) => Ok(Fields::json(values)),
                _ => Ok(Fields::other_json()),
            }
        }
        // What curl sends with `--data` and no header.
        ("application/x-www-form-urlencoded", Accepted::FormOrJson) if bytes.starts_with(b"{") => {
            Err(ApiError::UnsupportedMediaType("application/json for a JSON body"))
        }
        ("application/x-www-form-urlencoded", Accepted::FormOrJson | Accepted::Form) => {
            Ok(Fields::form(form_urlencoded::parse(bytes)))
        }
        (_, Accepted::FormOrJson) => {
            Err(ApiError::UnsupportedMediaType("application/json or application/x-www-form-urlencoded"))
        }
        (_, Accepted::Form) => Err(ApiError::UnsupportedMediaType("application/x-www-form-urlencoded")),
        _ => Err(ApiError::UnsupportedMediaType("application/json")),
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use futures_util::{Stream, stream};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stalls_times_out() {
        let start = stream::iter([Ok::<_, PayloadError>(Bytes::from_static(b"{"))]);
        let stalled: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> =
            Box::pin(start.chain(stream::pending()));
        let mut payload = Payload::Stream { payload: stalled };
        let result = read(&mut payload, MAX_KIB, Duration::from_secs(15)).await;
        assert!(matches!(result, Err(ApiError::RequestTimeout)), "{result:?}");
    }
}
