//! Metrics of password hashing.

use prometheus_client::{
    metrics::{
        counter::Counter,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

/// The metrics of the hashing queue. Clones share them.
#[derive(Clone, Debug)]
pub(in crate::accounts) struct HashMetrics {
    pub(in crate::accounts) waiting: Gauge,
    waiting_limit: Gauge,
    pub(in crate::accounts) wait: Histogram,
    pub(in crate::accounts) duration: Histogram,
    pub(in crate::accounts) refused: Counter,
}

impl HashMetrics {
    /// Creates the metrics for a queue of this size.
    pub(in crate::accounts) fn new(queue: usize) -> Self {
        // From a millisecond to half a minute: the highest practical cost takes seconds.
        let seconds = || Histogram::new(exponential_buckets(0.001, 2.0, 16));
        let (waiting, waiting_limit) = (Gauge::default(), Gauge::default());
        waiting_limit.set(i64::try_from(queue).unwrap_or(i64::MAX));
        Self { waiting, waiting_limit, wait: seconds(), duration: seconds(), refused: Counter::default() }
    }

    pub(in crate::accounts) fn register(&self, registry: &mut Registry) {
        let waiting = "Number of passwords waiting to be hashed";
        registry.register("password_hashes_waiting", waiting, self.waiting.clone());
        let limit = "Maximum number of passwords waiting to be hashed";
        registry.register("password_hashes_waiting_limit", limit, self.waiting_limit.clone());
        registry.register("password_hash_wait_seconds", "Time that passwords waited to be hashed", self.wait.clone());
        let duration = "Time taken to hash or verify a password, including the replacement of an outdated hash";
        registry.register("password_hash_duration_seconds", duration, self.duration.clone());
        let refused = "Number of passwords refused because the queue was full";
        registry.register("password_hashes_refused", refused, self.refused.clone());
    }
}
