//! The background worker of a node.

use std::{
    pin::{Pin, pin},
    time::Duration,
};

use futures_util::future::{BoxFuture, Either, select};
use tokio::{
    task::{JoinError, JoinHandle},
    time::{Instant, sleep_until, timeout},
};

use super::metrics::{JobMetrics, Outcome};
use crate::{base::clock::Clock, db::DbError};

/// How long a run may still take when the server stops.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Work that a node repeats in the background.
#[expect(missing_debug_implementations, reason = "closures have nothing to show")]
pub struct Job {
    /// Its label in the metrics and its name in the log.
    name: &'static str,
    /// The minimum time from the end of a run to the next.
    interval: Duration,
    run: Box<dyn Fn() -> BoxFuture<'static, Result<(), DbError>> + Send + Sync>,
}

impl Job {
    pub fn new<R>(name: &'static str, interval: Duration, run: impl Fn() -> R + Send + Sync + 'static) -> Self
    where
        R: Future<Output = Result<(), DbError>> + Send + 'static,
    {
        Self { name, interval, run: Box::new(move || Box::pin(run())) }
    }
}

/// Runs jobs, each at its interval, and never two at once: they share one database connection, and none of them is
/// urgent enough to compete with another.
///
/// The intervals are measured with the monotonic clock, so that setting the system's clock back does not delay a job.
#[expect(missing_debug_implementations, reason = "jobs are closures")]
pub struct Worker {
    scheduled: Vec<Scheduled>,
    jitter: fn(Duration) -> Duration,
    clock: Clock,
    metrics: JobMetrics,
}

struct Scheduled {
    job: Job,
    due: Instant,
}

impl Worker {
    /// Every job runs once at the start, in this order, and then at its interval, lengthened by `jitter`: this keeps
    /// nodes that were started together from running a job at the same time.
    #[must_use]
    pub fn new(jobs: Vec<Job>, jitter: fn(Duration) -> Duration, clock: Clock, metrics: JobMetrics) -> Self {
        jobs.iter().for_each(|job| metrics.add(job.name));
        let due = Instant::now();
        let scheduled = jobs.into_iter().map(|job| Scheduled { job, due }).collect();
        Self { scheduled, jitter, clock, metrics }
    }

    /// Runs until `stop` is ready. No job is started after that, and one that is running is dropped if it takes too
    /// long.
    pub async fn run(mut self, stop: impl Future) {
        let mut stop = pin!(stop);
        while let Some(next) = self.scheduled.iter_mut().min_by_key(|scheduled| scheduled.due) {
            if let Either::Left(_) = select(stop.as_mut(), pin!(sleep_until(next.due))).await {
                return;
            }
            let Job { name, interval, ref run } = next.job;
            let started = Instant::now();
            // A task of its own, so that a panic ends only this run.
            let mut running = tokio::spawn(run());
            let Some(ended) = finish(name, &mut running, stop.as_mut()).await else { return };
            let wait = interval + (self.jitter)(interval);
            let (outcome, now) = (log_outcome(name, ended, wait), Instant::now());
            self.metrics.count(name, outcome, now - started, self.clock.now());
            next.due = now + wait;
        }
    }
}

/// Up to a tenth of the interval.
#[must_use]
pub fn random_jitter(interval: Duration) -> Duration {
    // Without randomness, nodes may run a job at the same time, which does no harm.
    let random = getrandom::u32().unwrap_or_default();
    interval.mul_f64(f64::from(random) / f64::from(u32::MAX) / 10.0)
}

type Ended = Result<Result<(), DbError>, JoinError>;

/// Waits for the end of a run. Returns `None` if the server is stopping.
async fn finish(
    name: &'static str,
    running: &mut JoinHandle<Result<(), DbError>>,
    stop: Pin<&mut impl Future>,
) -> Option<Ended> {
    match select(stop, &mut *running).await {
        Either::Right((ended, _)) => Some(ended),
        Either::Left(_) => {
            match timeout(STOP_WITHIN, &mut *running).await {
                Ok(Ok(Err(error))) => tracing::warn!(job = name, %error, "background job failed"),
                // The panic hook has logged a panic.
                Ok(_) => {}
                Err(_) => {
                    tracing::warn!(job = name, limit = ?STOP_WITHIN, "background job aborted: the server is stopping");
                    running.abort();
                }
            }
            None
        }
    }
}

fn log_outcome(name: &'static str, ended: Ended, wait: Duration) -> Outcome {
    match ended {
        Ok(Ok(())) => Outcome::Success,
        Ok(Err(error)) => {
            tracing::warn!(job = name, %error, retry_in = ?wait, "background job failed");
            Outcome::Failure
        }
        // The panic hook has logged the cause.
        Err(_) => {
            tracing::error!(job = name, retry_in = ?wait, "background job panicked");
            Outcome::Panic
        }
    }
}

#[cfg(test)]
mod tests;
