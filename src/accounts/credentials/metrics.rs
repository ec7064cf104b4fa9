//! What the hashing of passwords tells of itself.

use prometheus_client::{
    metrics::{
        counter::Counter,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

/// What is counted and measured. Clones share it.
#[derive(Clone, Debug)]
pub(in crate::accounts) struct HashMetrics {
    pub(in crate::accounts) waiting: Gauge,
    waiting_limit: Gauge,
    pub(in crate::accounts) wait: Histogram,
    pub(in crate::accounts) duration: Histogram,
    pub(in crate::accounts) refused: Counter,
}

impl HashMetrics {
    /// Those of a queue with so much room.
    pub(in crate::accounts) fn new(queue: usize) -> Self {
        // A millisecond to half a minute: the highest cost that is of use takes seconds.
        let seconds = || Histogram::new(exponential_buckets(0.001, 2.0, 16));
        let (waiting, waiting_limit) = (Gauge::default(), Gauge::default());
        waiting_limit.set(i64::try_from(queue).unwrap_or(i64::MAX));
        Self { waiting, waiting_limit, wait: seconds(), duration: seconds(), refused: Counter::default() }
    }

    pub(in crate::accounts) fn register(&self, registry: &mut Registry) {
        let waiting = "Passwords that wait for a thread to hash them";
        registry.register("password_hashes_waiting", waiting, self.waiting.clone());
        let limit = "Passwords that may wait for it";
        registry.register("password_hashes_waiting_limit", limit, self.waiting_limit.clone());
        registry.register("password_hash_wait_seconds", "How long a password waited for it", self.wait.clone());
        let duration = "How long a password then took, with a new hash where its own is outdated";
        registry.register("password_hash_duration_seconds", duration, self.duration.clone());
        let refused = "Passwords for which there was no room in the queue";
        registry.register("password_hashes_refused", refused, self.refused.clone());
    }
}
