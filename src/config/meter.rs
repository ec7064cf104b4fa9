//! Meter settings.

use std::time::Duration;

use super::{
    duration::duration,
    settings::{Settings, number},
};

/// What counts as a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadsCount {
    /// Every response that contains the complete post.
    Requests,
    /// Each post once per period.
    Posts,
}

#[derive(Clone, Copy, Debug)]
pub struct MeterConfig {
    /// Free reads per user and period.
    pub limit: i64,
    /// Starts with a user's first read.
    pub period: Duration,
    pub count: ReadsCount,
}

impl MeterConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self {
            limit: settings.get("READS_LIMIT", 5, |text| number(text, 0, i64::from(u32::MAX))),
            period: settings.get("READS_PERIOD", Duration::from_secs(30 * 24 * 60 * 60), duration),
            count: settings.get("READS_COUNT", ReadsCount::Requests, |text| match text {
                "requests" => Ok(ReadsCount::Requests),
                "posts" => Ok(ReadsCount::Posts),
                _ => Err("must be requests or posts"),
            }),
        }
    }
}
