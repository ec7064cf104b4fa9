//! SQLite's single writer thread, with group commit: all waiting writes run in one transaction, each in its own
//! savepoint, and are answered once the transaction is durable.
//!
//! A synced commit then serves many requests, which allows about ten times as many durable writes as one commit each. A
//! single writer also never gets SQLITE_BUSY from its own process, and its connection is the only one that can tell the
//! writes of other processes from those of this one.

use std::{
    io,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::{
    closed::{Closed, Open},
    connection::DbConnection,
    connection_factory::ConnectionFactory,
    error::DbError,
    invalidation::{CacheTag, InvalidationTracker},
    job::Job,
    metrics::PoolMetrics,
    sqlite,
    tx::Tx,
};

/// Maximum number of writes in one commit. Bounds how long the first one waits for the others.
const BATCH: usize = 256;

/// How often the idle writer checks whether another process has written.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How long a check keeps the caches valid. A writer that waits for a lock or the disk cannot check, so the caches
/// expire.
const VALID_FOR: Duration = Duration::from_millis(100);

/// Starts the thread. It ends when the sender is dropped: it closes the connection after those of the readers, and then
/// drops `open`. Of two SQLite connections that are closed at the same time, each finds the other open, so that neither
/// moves the `-wal` file into the database.
pub(super) fn start(
    queue: usize,
    tracker: &Arc<InvalidationTracker>,
    metrics: &PoolMetrics,
    factory: impl ConnectionFactory,
    readers: Closed,
    open: Open,
) -> io::Result<Sender<Box<dyn Job>>> {
    let (sender, receiver) = crossbeam_channel::bounded(queue);
    let (tracker, metrics) = (tracker.clone(), metrics.clone());
    let mut writer = Writer { current: None, data_version: None, polled_at: Instant::now(), tracker, metrics, factory };
    let serve = move || {
        writer.serve(&receiver);
        readers.wait();
        drop(writer);
        drop(open);
    };
    thread::Builder::new().name("db-writer".to_owned()).spawn(serve)?;
    Ok(sender)
}

struct Writer<O> {
    current: Option<DbConnection>,
    /// The current connection's `data_version` at the last check; other connections number differently.
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
        let mut invalidated = Vec::new();
        let outcome =
            metrics.time(|| self.connection().and_then(|connection| run(connection, &mut batch, &mut invalidated)));
        if outcome.is_err() {
            self.current = None;
        }
        self.metrics.observe_batch(batch.len());
        invalidated.into_iter().for_each(|tag| self.tracker.publish(tag));
        for job in batch {
            job.answer(outcome.clone());
        }
    }

    /// Invalidates everything if another process has written.
    fn poll_data_version(&mut self) {
        self.polled_at = Instant::now();
        let seen = self.connection().and_then(sqlite::data_version);
        match seen {
            Ok(version) => {
                if self.data_version.replace(version) != Some(version) {
                    self.tracker.publish(CacheTag::All);
                }
                if self.tracker.mark_connected(self.polled_at, VALID_FOR) {
                    tracing::info!("watching for writes of other processes; caches enabled");
                }
            }
            Err(error) => {
                if self.tracker.mark_disconnected() {
                    tracing::warn!(%error, "cannot watch for writes of other processes; caches disabled");
                }
                self.current = None;
            }
        }
    }

    /// Returns the current connection, or a new one if there is none.
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

/// Runs the batch and commits it. If one savepoint cannot be rolled back, the complete batch is, by closing the
/// connection: SQLite rolls back a transaction by itself when the disk is full, which discards the earlier writes.
fn run(
    connection: &mut DbConnection,
    batch: &mut [Box<dyn Job>],
    invalidated: &mut Vec<CacheTag>,
) -> Result<(), DbError> {
    if batch.is_empty() {
        return Ok(());
    }
    connection.begin()?;
    let mut tx = Tx::new(connection, invalidated);
    batch.iter_mut().try_for_each(|job| job.run(&mut tx))?;
    connection.commit()
}
