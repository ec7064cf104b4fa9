//! Metrics of email.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};

use super::outbox::Counts;
use crate::base::clock::Timestamp;

/// The metrics of the outbox. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MailMetrics {
    pub(super) sent: Counter,
    /// Attempts that failed.
    pub(super) errors: Counter,
    queued: Gauge,
    failed: Gauge,
    oldest: Gauge<f64, AtomicU64>,
}

impl MailMetrics {
    pub fn register(&self, registry: &mut Registry) {
        registry.register("mail_sent", "Number of messages that were delivered", self.sent.clone());
        registry.register("mail_errors", "Number of attempts to deliver a message that failed", self.errors.clone());
        registry.register("mail_queued", "Messages that wait for their delivery", self.queued.clone());
        registry.register("mail_failed", "Messages that could not be delivered", self.failed.clone());
        let help = "Age of the oldest message that waits, in seconds";
        registry.register("mail_oldest_age_seconds", help, self.oldest.clone());
    }

    /// Updates what is sampled on each scrape.
    pub fn sample(&self, counts: Counts, now: Timestamp) {
        self.queued.set(counts.queued);
        self.failed.set(counts.failed);
        self.oldest.set(counts.oldest.map_or(0.0, |oldest| oldest.until(now).as_secs_f64()));
    }
}
