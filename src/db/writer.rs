//! SQLite's one writer, with group commit: the writes that wait are run together in one transaction, each in a
//! savepoint of its own, and are answered once it is on the disk.
//!
//! One synced commit then serves many requests, which holds about ten times as many durable writes as one commit
//! each. A single writer also never meets SQLITE_BUSY within the process, and is the one connection that can tell what
//! other processes have written from what this one has.

use std::{
    io,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::{
    connection::DbConnection,
    connection_factory::ConnectionFactory,
    error::DbError,
    invalidation::{CacheTag, InvalidationTracker},
    job::Job,
    metrics::PoolMetrics,
    sqlite,
};

/// The most writes in one commit: it bounds how long the first of them waits for the others.
const BATCH: usize = 256;

/// How often is looked whether another process has written, where nothing else is to do.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How long such a look counts. A writer that waits for a lock or a disk cannot look, and copies are not believed then.
const VALID_FOR: Duration = Duration::from_millis(100);

/// Starts the thread; it ends when the sender is gone.
///
/// # Errors
/// The system has no room for a thread.
pub(super) fn start(
    queue: usize,
    tracker: &Arc<InvalidationTracker>,
    metrics: &PoolMetrics,
    factory: impl ConnectionFactory,
) -> io::Result<Sender<Box<dyn Job>>> {
    let (sender, receiver) = crossbeam_channel::bounded(queue);
    let (tracker, metrics) = (tracker.clone(), metrics.clone());
    let mut writer = Writer { current: None, data_version: None, polled_at: Instant::now(), tracker, metrics, factory };
    thread::Builder::new().name("db-writer".to_owned()).spawn(move || writer.serve(&receiver))?;
    Ok(sender)
}

struct Writer<O> {
    current: Option<DbConnection>,
    /// The number that the kept connection gave the database when it was last looked at.
    data_version: Option<i64>,
    polled_at: Instant,
    tracker: Arc<InvalidationTracker>,
    metrics: PoolMetrics,
    factory: O,
}

impl<O: ConnectionFactory> Writer<O> {
    fn serve(&mut self, jobs: &Receiver<Box<dyn Job>>) {
        loop {
            let first = if self.tracker.is_enabled() {
                jobs.recv_timeout(POLL_INTERVAL)
            } else {
                jobs.recv().map_err(RecvTimeoutError::from)
            };
            match first {
                Ok(first) => self.write(std::iter::once(first).chain(jobs.try_iter().take(BATCH - 1)).collect()),
                Err(RecvTimeoutError::Timeout) => self.poll_data_version(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn write(&mut self, mut batch: Vec<Box<dyn Job>>) {
        batch.retain(|job| !job.is_abandoned());
        if self.tracker.is_enabled() && self.polled_at.elapsed() > POLL_INTERVAL / 2 {
            self.poll_data_version();
        }
        let metrics = self.metrics.clone();
        let outcome = metrics.time(|| self.connection().and_then(|connection| run(connection, &mut batch)));
        if outcome.is_err() {
            self.current = None;
        }
        self.metrics.observe_batch(batch.len());
        self.tracker.publish_pending();
        for job in batch {
            job.answer(outcome.clone());
        }
    }

    /// Publishes that another process has written, where one has.
    fn poll_data_version(&mut self) {
        self.polled_at = Instant::now();
        let seen = self.connection().and_then(sqlite::data_version);
        match seen {
            Ok(version) => {
                if self.data_version.replace(version) != Some(version) {
                    self.tracker.publish(CacheTag::All);
                }
                if self.tracker.mark_connected(self.polled_at, VALID_FOR) {
                    tracing::info!("what other processes change is seen: caches are used");
                }
            }
            Err(error) => {
                if self.tracker.mark_disconnected() {
                    tracing::warn!(%error, "what other processes change is not seen: no cache is used until it is");
                }
                self.current = None;
            }
        }
    }

    /// The connection that is kept; a new one, which numbers the database anew, where there is none.
    fn connection(&mut self) -> Result<&mut DbConnection, DbError> {
        self.factory.check()?;
        let healthy = self.current.take().and_then(|mut connection| (!connection.is_broken()).then_some(connection));
        let connection = match healthy {
            Some(connection) => connection,
            None => {
                self.data_version = None;
                self.factory.connect()?
            }
        };
        Ok(self.current.insert(connection))
    }
}

/// Runs the batch and commits it. Where one savepoint cannot be undone the whole batch is, by closing the connection:
/// SQLite rolls back a transaction by itself when the disk is full, and what ran before that is gone then.
fn run(connection: &mut DbConnection, batch: &mut [Box<dyn Job>]) -> Result<(), DbError> {
    if batch.is_empty() {
        return Ok(());
    }
    connection.begin()?;
    batch.iter_mut().try_for_each(|job| job.run(connection))?;
    connection.commit()
}
