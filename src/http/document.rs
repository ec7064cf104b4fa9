//! Marks responses that are documents for a browser window rather than data for a program.

use actix_web::{HttpResponse, http::header::HeaderValue};

/// Attached to a document by its handler, for the response middleware.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// The `Content-Security-Policy`.
    pub(super) policy: HeaderValue,
    /// Whether the response is the same for everyone.
    pub(super) is_public: bool,
}

impl Document {
    /// Attaches this to a response.
    pub(super) fn mark(self, mut response: HttpResponse) -> HttpResponse {
        response.extensions_mut().insert(self);
        response
    }
}
