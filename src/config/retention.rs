//! How long data is retained.

use std::time::Duration;

use super::{duration::duration, settings::Settings};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

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
        let reads = settings.get("READS_KEEP", period + 30 * DAY, duration);
        // With READS_COUNT=posts the meter looks up which posts have been read in the period.
        if reads < period {
            settings.error("READS_KEEP", "must not be shorter than READS_PERIOD");
        }
        Self {
            audit: settings.get("AUDIT_KEEP", 180 * DAY, duration),
            reads,
            inactive_accounts: settings.get("INACTIVE_ACCOUNTS_KEEP", None, |text| match text {
                "off" => Ok(None),
                text => duration(text).map(Some).map_err(|_| "must be off, or a duration such as 365d, at most 36500d"),
            }),
        }
    }
}
