//! Logs rejected preflights: the page only learns that its `fetch` failed, not that a setting is missing.

use actix_cors::CorsError;
use actix_web::{dev::ServiceResponse, http::header, web::Data};

use crate::http::state::AppState;

/// Longer origins are truncated. A host name has at most 253 characters (RFC 1035, section 2.3.4).
const MAX_LENGTH: usize = 300;

/// Logs the origin of a preflight that was rejected because of it.
pub(in crate::http) fn log(response: &ServiceResponse, request_id: &str) {
    let error = response.response().error().and_then(|error| error.as_error::<CorsError>());
    if !matches!(error, Some(CorsError::OriginNotAllowed)) {
        return;
    }
    let request = response.request();
    let (Some(state), Some(origin)) = (request.app_data::<Data<AppState>>(), request.headers().get(header::ORIGIN))
    else {
        return;
    };
    let origin = printable(origin.as_bytes());
    if state.refused_origins.should_log(&origin, state.clock.now()) {
        tracing::warn!(request_id, origin, "preflight rejected; if the origin is yours, add it to CORS_ORIGINS");
    }
}

/// Origins are ASCII (RFC 6454, section 6.2). Other characters are replaced, because they must not reach a terminal.
fn printable(bytes: &[u8]) -> String {
    let printable = |byte: &u8| if byte.is_ascii_graphic() { char::from(*byte) } else { char::REPLACEMENT_CHARACTER };
    bytes.iter().take(MAX_LENGTH).map(printable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unprintable_bytes_are_replaced_and_long_origins_are_truncated() {
        assert_eq!(printable(b"http://a.example:5173"), "http://a.example:5173");
        assert_eq!(printable(b"a\tb\x1b[2J\xe2\x80\xae"), "a\u{fffd}b\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(printable(&[b'a'; 5000]).len(), 300);
    }
}
