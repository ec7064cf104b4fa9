//! The token of the link by which a page was opened.

use actix_web::HttpRequest;

use super::form_errors::sentence;
use crate::http::{error::ApiError, extract::fields::Fields};

/// Returns the token, or what the page says if the link has none: part of it was lost on the way.
pub(super) fn token(request: &HttpRequest) -> Result<String, String> {
    match Fields::query(request.query_string()).submitted_text("token") {
        Some(token) if !token.is_empty() => Ok(token.to_owned()),
        _ => Err(sentence(&ApiError::InvalidToken.to_string())),
    }
}
