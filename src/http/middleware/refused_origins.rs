//! Preflights that are refused, in the log: the page only learns that its `fetch` failed, and not that a setting is
//! missing.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use actix_cors::CorsError;
use actix_web::{dev::ServiceResponse, http::header, web::Data};

use crate::{clock::Timestamp, http::state::AppState};

/// Anybody can send any origin: each is logged once in this time, and only so many of them.
const REMEMBERED_FOR: Duration = Duration::from_secs(60 * 60);
const MAX_REMEMBERED: usize = 100;

/// Longer origins are cut. A host name has at most 253 characters (RFC 1035, section 2.3.4).
const MAX_LENGTH: usize = 300;

/// The origins that were logged lately.
#[derive(Debug, Default)]
pub struct RefusedOrigins(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    since: Option<Timestamp>,
    origins: HashSet<String>,
}

impl RefusedOrigins {
    /// Whether this origin is to be logged now.
    fn is_news(&self, origin: &str, now: Timestamp) -> bool {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Also if the clock was set back.
        if remembered.since.is_none_or(|since| !(since..since.after(REMEMBERED_FOR)).contains(&now)) {
            *remembered = Remembered { since: Some(now), origins: HashSet::new() };
        }
        remembered.origins.len() < MAX_REMEMBERED && remembered.origins.insert(origin.to_owned())
    }
}

/// Logs the origin of a preflight that was refused because of it.
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
    if state.refused_origins.is_news(&origin, state.clock.now()) {
        tracing::warn!(request_id, origin, "refused a preflight; if the origin is yours, add it to CORS_ORIGINS");
    }
}

/// Origins are ASCII (RFC 6454, section 6.2). Whatever else is sent must not reach a terminal.
fn printable(bytes: &[u8]) -> String {
    let letter = |byte: &u8| if byte.is_ascii_graphic() { char::from(*byte) } else { char::REPLACEMENT_CHARACTER };
    bytes.iter().take(MAX_LENGTH).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_795_255_200_000);

    #[test]
    fn an_origin_is_news_once_an_hour_and_a_hundred_of_them_are() {
        let refused = RefusedOrigins::default();
        assert!(refused.is_news("http://a.example", START));
        assert!(!refused.is_news("http://a.example", START));
        let more = (0..200).filter(|number| refused.is_news(&format!("http://{number}.example"), START)).count();
        assert_eq!(more, 99);
        let later = START.after(REMEMBERED_FOR);
        assert!(!refused.is_news("http://b.example", START.after(REMEMBERED_FOR / 2)));
        assert!(refused.is_news("http://b.example", later));
        assert!(refused.is_news("http://a.example", later));
        assert!(refused.is_news("http://a.example", START), "the clock was set back");
    }

    #[test]
    fn what_is_no_text_is_replaced_and_what_is_long_is_cut() {
        assert_eq!(printable(b"http://a.example:5173"), "http://a.example:5173");
        assert_eq!(printable(b"a\tb\x1b[2J\xe2\x80\xae"), "a\u{fffd}b\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(printable(&[b'a'; 5000]).len(), 300);
    }
}
