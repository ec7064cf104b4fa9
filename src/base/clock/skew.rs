//! The policy for timestamps that are later than now. There are two causes, which [`TOLERANCE`] tells apart:
//!
//! - **Another node's clock is slightly ahead** of this one's, usually by less than a second. Its timestamps are used
//!   as they are. Correcting them would not last, because that node writes the next one; it would cost a write each
//!   time, and a corrected period of the meter would end earlier than the reader paid for it.
//! - **The clock was set back** since, by anything from seconds to years. A row from before must not take effect until
//!   the clock catches up. What the row allows or forbids is bounded by its usual duration from now: wrong passwords
//!   and quotas do not count it, and sessions and periods are clamped, that is, rewritten as if they had begun now.
//!
//! The difference between two nodes must therefore be smaller than the tolerance, and a clock that is set back by less
//! extends a duration by no more than that.

use std::time::Duration;

use super::Timestamp;

/// Nodes that use NTP differ by much less. Larger values would extend lockouts further after a clock is set back.
const TOLERANCE: Duration = Duration::from_secs(60);

impl Timestamp {
    /// If `self` is now, the latest timestamp that a row can have unless the clock was set back.
    #[must_use]
    pub fn latest_plausible(self) -> Self {
        self.after(TOLERANCE)
    }

    /// Whether `self` was written before the clock was set back to `now`.
    #[must_use]
    pub fn is_implausible(self, now: Self) -> bool {
        self > now.latest_plausible()
    }

    /// Whether `self`, which this process took from its own clock, is less than `span` ago. If it is later than `now`,
    /// the clock was set back, so the time that has passed is unknown, and the answer is no.
    #[must_use]
    pub fn is_recent(self, span: Duration, now: Self) -> bool {
        self <= now && self.until(now) < span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_255_200_000);
    const MILLISECOND: Duration = Duration::from_millis(1);

    #[test]
    fn a_timestamp_is_plausible_up_to_a_minute_ahead() {
        let latest = NOW.after(Duration::from_secs(60));
        assert_eq!(NOW.latest_plausible(), latest);
        assert!(!NOW.is_implausible(NOW) && !latest.is_implausible(NOW));
        assert!(latest.after(MILLISECOND).is_implausible(NOW));
        assert!(!Timestamp::from_millis(i64::MIN).is_implausible(NOW));
    }

    #[test]
    fn a_time_is_recent_for_its_span_and_never_ahead() {
        let span = Duration::from_secs(5);
        assert!(NOW.is_recent(span, NOW) && NOW.is_recent(span, NOW.after(span - MILLISECOND)));
        assert!(!NOW.is_recent(span, NOW.after(span)) && !NOW.is_recent(span, NOW.before(MILLISECOND)));
        assert!(!Timestamp::from_millis(i64::MIN).is_recent(span, NOW));
    }
}
