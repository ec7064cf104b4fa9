//! Sends queries to a pool of connections and waits for their results.

use std::time::Duration;

use crossbeam_channel::Sender;
use tokio::time::timeout;

use super::{
    error::DbError,
    job::{Job, Query, RollbackScope},
    metrics::PoolMetrics,
    tx::Tx,
};

/// How long to wait for a query. After that the caller gets an error, and the query is skipped if it is still queued.
const QUERY_TIMEOUT: Duration = Duration::from_secs(10);

/// The queue of a pool of connections.
#[derive(Clone)]
pub(super) struct Executor {
    jobs: Sender<Box<dyn Job>>,
    metrics: PoolMetrics,
}

impl Executor {
    pub(super) fn new(jobs: Sender<Box<dyn Job>>, metrics: PoolMetrics) -> Self {
        Self { jobs, metrics }
    }

    /// Queues a job; returns `false` if the queue is full.
    pub(super) fn send(&self, job: impl Job + 'static) -> bool {
        self.jobs.try_send(Box::new(job)).is_ok()
    }

    /// Runs a query on one of the connections.
    ///
    /// # Errors
    /// The query's own error, or [`DbError::Unavailable`].
    pub(super) async fn execute<T, E, F>(&self, query: F, scope: RollbackScope) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (job, answer) = Query::new(query, scope);
        if !self.send(job) {
            return Err(DbError::Unavailable("the query queue is full".to_owned()).into());
        }
        match timeout(QUERY_TIMEOUT, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(DbError::Unavailable("the database thread has ended".to_owned()).into()),
            Err(_) => Err(DbError::Unavailable(format!("no answer in {QUERY_TIMEOUT:?}")).into()),
        }
    }

    /// Updates the queue length metric.
    pub(super) fn observe_queue(&self) {
        self.metrics.set_waiting(self.jobs.len());
    }
}
