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

use super::meter_id::MeterId;

/// The metrics of the meter. Clones share them.
#[derive(Clone, Debug)]
pub struct MeterMetrics {
    pub(super) free: Counter,
    metered: Counter,
    refused: Counter,
    anonymous_metered: Counter,
    anonymous_refused: Counter,
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
            anonymous_metered: count("anonymous_metered"),
            anonymous_refused: count("anonymous_refused"),
            batches: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            decisions,
        }
    }
}

impl MeterMetrics {
    pub(super) fn metered(&self, reader: MeterId) -> &Counter {
        if reader.is_user() { &self.metered } else { &self.anonymous_metered }
    }

    pub(super) fn refused(&self, reader: MeterId) -> &Counter {
        if reader.is_user() { &self.refused } else { &self.anonymous_refused }
    }

    pub fn register(&self, registry: &mut Registry) {
        let decisions = "Number of reads that were metered, free of charge, or refused";
        registry.register("meter_decisions", decisions, self.decisions.clone());
        registry.register("meter_batch_reads", "Number of reads counted by one write", self.batches.clone());
    }
}
