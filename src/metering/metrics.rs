//! Metrics of the meter's decisions.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

/// The metrics of the meter. Clones share them.
#[derive(Clone, Debug)]
pub struct MeterMetrics {
    pub(super) metered: Counter,
    pub(super) free: Counter,
    pub(super) refused: Counter,
    /// The number of reads counted by one write.
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
    pub fn register(&self, registry: &mut Registry) {
        let decisions = "Number of reads that were metered, free of charge, or refused";
        registry.register("meter_decisions", decisions, self.decisions.clone());
        registry.register("meter_batch_reads", "Number of reads counted by one write", self.batches.clone());
    }
}
