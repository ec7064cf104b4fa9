//! Logs preflights whose origin is not listed: the page only learns that its `fetch` failed, not that a setting is
//! missing.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use actix_cors::CorsError;
use actix_web::{dev::ServiceResponse, http::header};

use crate::base::clock::{Clock, Timestamp};

/// Anyone can send any origin, so each is logged only once in this period, up to a maximum number of origins.
const REMEMBERED_FOR: Duration = Duration::from_secs(60 * 60);
const MAX_REMEMBERED: usize = 100;

/// The origins that were logged recently.
#[derive(Debug, Default)]
pub struct RefusedOrigins(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    since: Option<Timestamp>,
    origins: HashSet<String>,
}

/// Longer origins are truncated. A host name has at most 253 characters (RFC 1035, section 2.3.4).
const MAX_LENGTH: usize = 300;

impl RefusedOrigins {
    /// Logs the origin of a preflight that was rejected because of it.
    pub(super) fn log(&self, response: &ServiceResponse, request_id: &str, clock: &Clock) {
        let error = response.response().error().and_then(|error| error.as_error::<CorsError>());
        let (Some(CorsError::OriginNotAllowed), Some(origin)) =
            (error, response.request().headers().get(header::ORIGIN))
        else {
            return;
        };
        let origin = printable(origin.as_bytes());
        if self.should_log(&origin, clock.now()) {
            tracing::warn!(request_id, origin, "preflight rejected; if the origin is yours, add it to CORS_ORIGINS");
        }
    }

    /// Whether to log this origin; it counts as logged from then on.
    fn should_log(&self, origin: &str, now: Timestamp) -> bool {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.since.is_none_or(|since| !since.is_recent(REMEMBERED_FOR, now)) {
            *remembered = Remembered { since: Some(now), origins: HashSet::new() };
        }
        remembered.origins.len() < MAX_REMEMBERED && remembered.origins.insert(origin.to_owned())
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

    const START: Timestamp = Timestamp::from_millis(1_795_255_200_000);

    #[test]
    fn an_origin_is_logged_once_an_hour_and_at_most_a_hundred_are() {
        let refused = RefusedOrigins::default();
        assert!(refused.should_log("http://a.example", START));
        assert!(!refused.should_log("http://a.example", START));
        let more = (0..200).filter(|number| refused.should_log(&format!("http://{number}.example"), START)).count();
        assert_eq!(more, 99);
        let later = START.after(REMEMBERED_FOR);
        assert!(!refused.should_log("http://b.example", START.after(REMEMBERED_FOR / 2)));
        assert!(refused.should_log("http://b.example", later));
        assert!(refused.should_log("http://a.example", later));
        assert!(refused.should_log("http://a.example", START), "a clock rollback");
    }

    #[test]
    fn unprintable_bytes_are_replaced_and_long_origins_are_truncated() {
        assert_eq!(printable(b"http://a.example:5173"), "http://a.example:5173");
        assert_eq!(printable(b"a\tb\x1b[2J\xe2\x80\xae"), "a\u{fffd}b\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(printable(&[b'a'; 5000]).len(), 300);
    }
}
