//! The body of a request: JSON, or a form where a plain HTML page may send one.

use std::time::Duration;

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    error::PayloadError,
    web::{Bytes, BytesMut},
};
use futures_util::{StreamExt, future::LocalBoxFuture};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{error::ApiError, fields::Fields};

const MOST_BYTES: usize = 16 * 1024;

/// Who needs longer for so few bytes is stuck, or wants to keep the connection open for nothing.
const READ_WITHIN: Duration = Duration::from_secs(15);

/// The named values that a request carries.
#[derive(Debug)]
pub(super) struct Body(pub(super) Fields);

impl FromRequest for Body {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let content_type = request.content_type().to_ascii_lowercase();
        let mut payload = payload.take();
        Box::pin(async move {
            let bytes = timeout(READ_WITHIN, read(&mut payload)).await.map_err(|_| ApiError::RequestTimeout)??;
            parse(&content_type, &bytes).map(Self)
        })
    }
}

/// The whole body. What is too large is not read to its end: actix lingers while the client takes the answer.
async fn read(payload: &mut Payload) -> Result<Bytes, ApiError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|fault| match fault {
            PayloadError::Overflow => ApiError::TooLarge,
            // Cut off, or chunked wrongly: whatever was meant, it is not here.
            _ => ApiError::InvalidJson,
        })?;
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(ApiError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn parse(content_type: &str, bytes: &[u8]) -> Result<Fields, ApiError> {
    match content_type {
        _ if bytes.is_empty() => Err(ApiError::InvalidJson),
        "application/json" => match serde_json::from_slice(bytes).map_err(|_| ApiError::InvalidJson)? {
            Value::Object(values) => Ok(Fields::json(values)),
            // Of another shape: it has none of the fields.
            _ => Ok(Fields::json(Map::new())),
        },
        "application/x-www-form-urlencoded" => Ok(Fields::form(form_urlencoded::parse(bytes))),
        _ => Err(ApiError::UnsupportedMediaType),
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use actix_web::test::TestRequest;
    use futures_util::{Stream, stream};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let request = TestRequest::post().insert_header(("content-type", "application/json")).to_http_request();
        let beginning = stream::iter([Ok::<_, PayloadError>(Bytes::from_static(b"{"))]);
        let stalled: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> =
            Box::pin(beginning.chain(stream::pending()));
        let mut payload = Payload::Stream { payload: stalled };
        let answer = Body::from_request(&request, &mut payload).await;
        assert!(matches!(answer, Err(ApiError::RequestTimeout)), "{answer:?}");
    }
}
