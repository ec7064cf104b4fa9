//! Refusals that only `/forward-auth` sends.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use serde_json::{Map, Value, json};

use crate::{config::Contract, http::error::ApiError};

/// The error's code, for the configuration of the proxy, which does not read the body.
const CODE: HeaderName = HeaderName::from_static("x-tollgate-code");

#[derive(Debug, thiserror::Error)]
pub(in crate::http) enum Refusal {
    #[error("the proxy's address of /forward-auth contains an unknown condition")]
    UnknownCondition,
    #[error("this page is for subscribers")]
    SubscriptionRequired { checkout_url: Option<String> },
}

impl Refusal {
    pub(in crate::http) fn parts(&self) -> (StatusCode, &'static str) {
        match self {
            Self::UnknownCondition => (StatusCode::FORBIDDEN, "forbidden"),
            Self::SubscriptionRequired { .. } => (StatusCode::FORBIDDEN, "subscription_required"),
        }
    }

    /// The additional members of the error's body.
    pub(in crate::http) fn extension(&self) -> Map<String, Value> {
        match self {
            Self::SubscriptionRequired { checkout_url: Some(url) } => {
                Map::from_iter([("checkout_url".to_owned(), json!(url))])
            }
            Self::UnknownCondition | Self::SubscriptionRequired { .. } => Map::new(),
        }
    }
}

/// The response to an error at `/forward-auth`, whichever layer it comes from.
pub(in crate::http) fn response(error: &ApiError, contract: Contract) -> HttpResponse {
    let (status, code, _) = error.parts(contract);
    let mut response = error.response_with(status_for_proxy(status), contract);
    response.headers_mut().insert(CODE, HeaderValue::from_static(code));
    response
}

/// Proxies do not pass on every status: nginx answers any error other than 401 and 403 with 500.
fn status_for_proxy(status: StatusCode) -> StatusCode {
    match status {
        // The latter is for a wrong method of the request to this path, which no proxy sends unless it is told to.
        StatusCode::UNAUTHORIZED | StatusCode::METHOD_NOT_ALLOWED => status,
        status if status.is_server_error() => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    }
}
