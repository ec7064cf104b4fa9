//! Meter settings.

use std::time::Duration;

use super::{
    definitions::{READS_COUNT, READS_LIMIT, READS_PERIOD},
    environment::Settings,
    values::ReadsCount,
};

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
            limit: READS_LIMIT.read(settings),
            period: READS_PERIOD.read(settings),
            count: READS_COUNT.read(settings),
        }
    }
}
