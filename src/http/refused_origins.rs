//! Remembers which refused origins were logged.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::base::clock::Timestamp;

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

impl RefusedOrigins {
    /// Whether to log this origin; it counts as logged from then on.
    pub(super) fn should_log(&self, origin: &str, now: Timestamp) -> bool {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.since.is_none_or(|since| !since.is_recent(REMEMBERED_FOR, now)) {
            *remembered = Remembered { since: Some(now), origins: HashSet::new() };
        }
        remembered.origins.len() < MAX_REMEMBERED && remembered.origins.insert(origin.to_owned())
    }
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
}
