//! A background job.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::db::DbError;

/// Work that a node repeats in the background.
#[expect(missing_debug_implementations, reason = "closures have nothing to show")]
pub struct Job {
    /// Its label in the metrics and its name in the log.
    pub(super) name: &'static str,
    /// The minimum time from the end of a run to the next.
    pub(super) interval: Duration,
    pub(super) run: Box<dyn Fn() -> BoxFuture<'static, Result<(), DbError>> + Send + Sync>,
}

impl Job {
    pub fn new<R>(name: &'static str, interval: Duration, run: impl Fn() -> R + Send + Sync + 'static) -> Self
    where
        R: Future<Output = Result<(), DbError>> + Send + 'static,
    {
        Self { name, interval, run: Box::new(move || Box::pin(run())) }
    }
}
