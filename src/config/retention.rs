//! How long rows are kept that nothing needs any more.

use std::time::Duration;

use super::{duration::duration, settings::Settings};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long rows are kept that nothing needs any more.
#[derive(Clone, Copy, Debug)]
pub struct RetentionConfig {
    /// The events of an account.
    pub audit: Duration,
    /// Reads: at least the meter's period.
    pub reads: Duration,
    /// Accounts after their last use; `None` keeps them for good.
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
