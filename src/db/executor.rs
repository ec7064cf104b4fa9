//! The way of a query to a pool of connections, and of its answer back.

use std::time::Duration;

use crossbeam_channel::Sender;
use tokio::time::timeout;

use super::{
    connection::DbConnection,
    error::DbError,
    job::{Job, Query, RollbackScope},
    metrics::PoolMetrics,
};

/// A query that takes longer is not waited for: its client gets an answer, and its place in the queue is free.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The queue before a pool of connections.
#[derive(Clone)]
pub(super) struct Executor {
    jobs: Sender<Box<dyn Job>>,
    metrics: PoolMetrics,
}

impl Executor {
    pub(super) fn new(jobs: Sender<Box<dyn Job>>, metrics: PoolMetrics) -> Self {
        Self { jobs, metrics }
    }

    /// Sends a job whose answer nobody waits for; whether there was room for it.
    pub(super) fn send(&self, job: impl Job + 'static) -> bool {
        self.jobs.try_send(Box::new(job)).is_ok()
    }

    /// Runs a query on one of the connections.
    ///
    /// # Errors
    /// The query's own, or that the database cannot serve now.
    pub(super) async fn execute<T, E, F>(&self, query: F, scope: RollbackScope) -> Result<T, E>
    where
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (job, answer) = Query::new(query, scope);
        if !self.send(job) {
            return Err(DbError::Unavailable("too many queries are waiting".to_owned()).into());
        }
        match timeout(ANSWER_WITHIN, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(DbError::Unavailable("its thread has ended".to_owned()).into()),
            Err(_) => Err(DbError::Unavailable(format!("no answer in {ANSWER_WITHIN:?}")).into()),
        }
    }

    /// Looks at the queue, for the metrics.
    pub(super) fn observe_queue(&self) {
        self.metrics.set_waiting(self.jobs.len());
    }
}
