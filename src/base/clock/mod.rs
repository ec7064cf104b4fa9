//! The time as a parameter: code that needs the current time receives a [`Clock`], so that tests can control it.

mod skew;
mod timestamp;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

pub use self::timestamp::Timestamp;
use self::timestamp::millis_of;

/// The system's clock or, in tests, a manual one.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    #[must_use]
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stays at `start` until it is moved. Its clones share the time.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self(Some(Arc::new(AtomicI64::new(start.0))))
    }

    /// Moves a manual clock forward; does nothing to the system's.
    pub fn advance(&self, span: Duration) {
        if let Some(manual) = &self.0 {
            manual.fetch_add(millis_of(span), Ordering::SeqCst);
        }
    }

    /// Moves a manual clock back; does nothing to the system's.
    pub fn set_back(&self, span: Duration) {
        if let Some(manual) = &self.0 {
            manual.fetch_sub(millis_of(span), Ordering::SeqCst);
        }
    }

    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the only place that reads the system's clock")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Some(manual) => Timestamp(manual.load(Ordering::SeqCst)),
            None => Timestamp(millis_of(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_with_its_clones() {
        let clock = Clock::manual(Timestamp::from_millis(10));
        let other = clock.clone();
        other.advance(Duration::from_millis(5));
        assert_eq!(clock.now(), Timestamp::from_millis(15));
        other.set_back(Duration::from_millis(7));
        assert_eq!(clock.now(), Timestamp::from_millis(8));
    }
}
