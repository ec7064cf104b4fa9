//! What a trusted proxy says about the visitor's request.

use actix_web::{
    HttpRequest,
    http::{
        Method,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
};

use crate::{
    http::{error::ApiError, extract::client},
    paywall::PagePath,
};

/// The path and query that the visitor requested. nginx and HAProxy have to be configured to send it; there is only one
/// name for it, so that two headers cannot disagree.
const X_FORWARDED_URI: HeaderName = HeaderName::from_static("x-forwarded-uri");

const X_FORWARDED_METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");

/// The headers of a proxy, or nothing if the request comes from elsewhere.
pub(super) struct Forwarded<'r> {
    request: &'r HttpRequest,
    headers: Option<&'r HeaderMap>,
}

impl<'r> Forwarded<'r> {
    pub(super) fn of(request: &'r HttpRequest) -> Self {
        Self { request, headers: client::is_from_trusted_proxy(request).then(|| request.headers()) }
    }

    /// The path and query that the visitor requested, if a trusted proxy says so.
    pub(super) fn uri(&self) -> Option<&'r str> {
        single(self.headers?, X_FORWARDED_URI)?.to_str().ok()
    }

    /// The page that costs a read; `None` if the visitor's request is not a GET, which costs nothing.
    pub(super) fn metered_page(&self) -> Result<Option<PagePath>, ApiError> {
        let headers = self.headers.ok_or(ApiError::UntrustedProxy)?;
        if !self.is_get(headers) {
            return Ok(None);
        }
        let uri = single(headers, X_FORWARDED_URI).ok_or(ApiError::ResourceMissing)?;
        PagePath::parse(uri.as_bytes()).map(Some).map_err(|_| ApiError::InvalidPath)
    }

    /// Whether the visitor's request is a GET. One of several headers is enough: another may be the visitor's own,
    /// which must not avoid the charge. Without a header, the proxy has sent its request with the visitor's method.
    fn is_get(&self, headers: &HeaderMap) -> bool {
        let mut methods = headers.get_all(X_FORWARDED_METHOD).map(HeaderValue::as_bytes).peekable();
        match methods.peek() {
            // A proxy that joins headers could send `GET, POST`, so what is not a method counts as one, too.
            Some(_) => methods.any(|method| method.eq_ignore_ascii_case(b"GET") || Method::from_bytes(method).is_err()),
            None => *self.request.method() == Method::GET,
        }
    }
}

/// The value of a header that appears once. If there are several, one may be the visitor's, and there is no way to tell
/// which.
fn single(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name);
    values.next().filter(|value| !value.is_empty() && values.next().is_none())
}
