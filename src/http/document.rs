//! Answers that are meant for a browser's window rather than for a program.

use actix_web::{HttpResponse, http::header::HeaderValue};

/// Left in an answer by who makes one: what the edge has to know of it.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// Its `Content-Security-Policy`.
    pub(super) policy: HeaderValue,
    /// Whether everybody is answered the same.
    pub(super) is_public: bool,
}

impl Document {
    /// Leaves it in an answer.
    pub(super) fn mark(self, mut response: HttpResponse) -> HttpResponse {
        response.extensions_mut().insert(self);
        response
    }
}
