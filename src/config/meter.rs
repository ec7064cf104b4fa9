//! Meter settings.

use std::time::Duration;

use super::{
    definitions::{READS_ANONYMOUS, READS_ANONYMOUS_MERGE, READS_COUNT, READS_LIMIT, READS_PERIOD},
    environment::Settings,
    values::ReadsCount,
};

#[derive(Clone, Copy, Debug)]
pub struct MeterConfig {
    /// Free reads per user and period.
    pub limit: i64,
    /// Starts with a user's first read.
    pub period: Duration,
    pub count: ReadsCount,
    /// Free reads per reader without a session and period; 0 if such readers may read nothing.
    pub anonymous_limit: i64,
    /// Whether they are added to a user's reads at the first login.
    pub merges_anonymous: bool,
}

/// What the readers of one network who send no cookie may read in a period, as a multiple of what one of them may:
/// enough for an office, and little for somebody who deletes cookies.
const NETWORK_FACTOR: i64 = 10;

impl MeterConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self {
            limit: READS_LIMIT.read(settings),
            period: READS_PERIOD.read(settings),
            count: READS_COUNT.read(settings),
            anonymous_limit: READS_ANONYMOUS.read(settings),
            merges_anonymous: READS_ANONYMOUS_MERGE.read(settings),
        }
    }

    /// Reads per period of all readers of one network who send no cookie.
    #[must_use]
    pub fn network_limit(&self) -> i64 {
        NETWORK_FACTOR * self.anonymous_limit
    }
}
