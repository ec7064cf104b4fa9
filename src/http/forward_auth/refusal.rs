//! Refusals that only `/forward-auth` sends.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use serde_json::{Map, Value, json};

use crate::{config::Contract, http::error::ApiError, metering::MeterState};

/// The error's code, for the configuration of the proxy, which does not read the body.
const CODE: HeaderName = HeaderName::from_static("x-tollgate-code");

#[derive(Debug, thiserror::Error)]
pub(in crate::http) enum Refusal {
    #[error("the proxy's address of /forward-auth contains an unknown condition")]
    UnknownCondition,
    #[error("this page is for subscribers")]
    SubscriptionRequired { checkout_url: Option<String> },
    #[error("a metered page must be requested by a proxy that TRUSTED_PROXIES lists")]
    UntrustedProxy,
    #[error("the proxy must send one X-Forwarded-Uri")]
    ResourceMissing,
    #[error("the path of this page is ambiguous or too long")]
    InvalidPath,
    #[error("pay me monies")]
    PaymentRequired { meter: MeterState, checkout_url: Option<String> },
    /// A reader without a session has used up the free reads.
    #[error("please login")]
    AnonymousReadsUsedUp(MeterState),
}

impl Refusal {
    pub(in crate::http) fn parts(&self) -> (StatusCode, &'static str) {
        match self {
            Self::UnknownCondition => (StatusCode::FORBIDDEN, "forbidden"),
            Self::SubscriptionRequired { .. } => (StatusCode::FORBIDDEN, "subscription_required"),
            Self::UntrustedProxy => (StatusCode::FORBIDDEN, "untrusted_proxy"),
            Self::ResourceMissing => (StatusCode::FORBIDDEN, "resource_missing"),
            Self::InvalidPath => (StatusCode::FORBIDDEN, "invalid_path"),
            Self::PaymentRequired { .. } => (StatusCode::FORBIDDEN, "payment_required"),
            Self::AnonymousReadsUsedUp(_) => (StatusCode::UNAUTHORIZED, "login_required"),
        }
    }

    /// The additional members of the error's body.
    pub(in crate::http) fn extension(&self) -> Map<String, Value> {
        let mut extension = Map::new();
        if let Some(MeterState { limit, used, resets_at, .. }) = self.meter() {
            extension.insert("limit".to_owned(), json!(limit));
            extension.insert("used".to_owned(), json!(used));
            extension.insert("resets_at".to_owned(), json!(resets_at));
        }
        if let Self::SubscriptionRequired { checkout_url } | Self::PaymentRequired { checkout_url, .. } = self {
            extension.extend(checkout_url.iter().map(|url| ("checkout_url".to_owned(), json!(url))));
        }
        if let Self::AnonymousReadsUsedUp(_) = self {
            extension.insert("anonymous".to_owned(), json!(true));
        }
        extension
    }

    /// The meter that is used up.
    pub(in crate::http) fn meter(&self) -> Option<&MeterState> {
        match self {
            Self::PaymentRequired { meter, .. } | Self::AnonymousReadsUsedUp(meter) => Some(meter),
            _ => None,
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
        // 405 means a wrong method on this path itself, which a proxy sends only if it is configured to.
        StatusCode::UNAUTHORIZED | StatusCode::METHOD_NOT_ALLOWED => status,
        status if status.is_server_error() => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    }
}
