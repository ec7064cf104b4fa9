//! What the meter tells of its decisions.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

/// What is counted and measured. Clones share it.
#[derive(Clone, Debug)]
pub struct MeterMetrics {
    pub(super) metered: Counter,
    pub(super) free: Counter,
    pub(super) refused: Counter,
    /// Reads that are counted by one write.
    pub(super) batches: Histogram,
    decisions: Family<Decision, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Decision {
    decision: &'static str,
}

impl Default for MeterMetrics {
    fn default() -> Self {
        let decisions = Family::default();
        let count = |decision| Counter::clone(&decisions.get_or_create(&Decision { decision }));
        Self {
            metered: count("metered"),
            free: count("free"),
            refused: count("refused"),
            batches: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            decisions,
        }
    }
}

impl MeterMetrics {
    /// Has them told with others.
    pub fn register(&self, registry: &mut Registry) {
        let decisions = "Reads that were let through by the meter, without it, or not at all";
        registry.register("meter_decisions", decisions, self.decisions.clone());
        registry.register("meter_batch_reads", "Reads that were counted by one write", self.batches.clone());
    }
}
