//! What a trusted proxy says about the visitor's request.

use actix_web::{HttpRequest, http::header::HeaderMap};

use crate::http::extract::client;

/// The path and query that the visitor requested. nginx and HAProxy have to be configured to send it; there is only one
/// name for it, so that two headers cannot disagree.
const X_FORWARDED_URI: &str = "x-forwarded-uri";

/// The headers of a proxy, or nothing if the request comes from elsewhere.
pub(super) struct Forwarded<'r>(Option<&'r HeaderMap>);

impl<'r> Forwarded<'r> {
    pub(super) fn of(request: &'r HttpRequest) -> Self {
        Self(client::is_from_trusted_proxy(request).then(|| request.headers()))
    }

    pub(super) fn uri(&self) -> Option<&'r str> {
        self.single(X_FORWARDED_URI)
    }

    /// The value of a header. If there are several, the proxy has added its own to the client's, and nobody knows which
    /// it is.
    fn single(&self, name: &str) -> Option<&'r str> {
        let mut values = self.0?.get_all(name);
        let first = values.next()?;
        first.to_str().ok().filter(|_| values.next().is_none())
    }
}
