//! How long data is retained.

use std::time::Duration;

use super::{
    definitions::{AUDIT_KEEP, INACTIVE_ACCOUNTS_KEEP, READS_KEEP},
    environment::Settings,
};

#[derive(Clone, Copy, Debug)]
pub struct RetentionConfig {
    pub audit: Duration,
    /// At least the meter's period.
    pub reads: Duration,
    /// After their last use; `None` retains them forever.
    pub inactive_accounts: Option<Duration>,
}

impl RetentionConfig {
    /// `period` is the meter's.
    pub(super) fn read(settings: &mut Settings, period: Duration) -> Self {
        let reads = READS_KEEP.read(settings);
        // With READS_COUNT=posts the meter looks up which posts have been read in the period.
        if reads < period {
            settings.error(READS_KEEP.name, "must not be shorter than READS_PERIOD");
        }
        Self { audit: AUDIT_KEEP.read(settings), reads, inactive_accounts: INACTIVE_ACCOUNTS_KEEP.read(settings) }
    }
}
