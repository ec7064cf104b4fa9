//! Database access through [`Db::read`] and [`Db::write`]. Queries run on dedicated threads that may block, never on
//! the threads that serve requests.

mod address;
pub mod advisory_lock;
mod cache;
mod closed;
mod connection;
mod connection_factory;
mod error;
mod executor;
mod invalidation;
mod job;
mod listener;
pub(crate) mod macros;
mod metrics;
pub mod migrations;
mod pg_connection;
mod pool;
mod pooler;
mod postgres;
pub mod schema;
mod schema_status;
mod size;
mod sqlite;
mod statement;
mod tls;
mod transfer;
mod tx;
mod writer;

use std::{hash::Hash, path::Path, sync::Arc};

use prometheus_client::registry::Registry;

pub(crate) use self::connection::dispatch;
pub use self::sqlite::{backup, vacuum, verify};
pub use self::{
    cache::Cache,
    closed::Closed,
    connection::DbConnection,
    error::DbError,
    invalidation::{CacheTag, InvalidationTracker, Version},
    pg_connection::PgConnection,
    pooler::pools_transactions,
    schema_status::SchemaStatus,
    size::DbSize,
    statement::{RawSql, Statement},
    transfer::{Copied, Progress, TransferError, transfer},
    tx::Tx,
};
use self::{
    closed::Open,
    connection_factory::SqliteFile,
    executor::Executor,
    job::{Query, RollbackScope},
    metrics::DbMetrics,
    postgres::Server,
};
use crate::config::{DatabaseLimits, DatabaseUrl, cores};

/// How many queries of background jobs may wait: a query waits only if the one before it timed out and is still
/// running.
const BACKGROUND_QUEUE: usize = 16;

/// A handle to the database. Clones share the connections, which close when the last clone is dropped.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "channels of closures have nothing to show")]
pub struct Db {
    reads: Executor,
    writes: Executor,
    tracker: Arc<InvalidationTracker>,
    metrics: DbMetrics,
    /// `None` for SQLite.
    server: Option<Arc<Server>>,
    open: Open,
    closed: Closed,
}

impl Db {
    /// Opens the database and migrates its schema; `on_new` runs if the database had no tables. Blocks.
    ///
    /// # Errors
    /// The database is unavailable or is not a database, cannot be migrated, or its schema is too new for this binary or
    /// that of an unreleased version.
    pub fn open(
        url: &DatabaseUrl,
        limits: DatabaseLimits,
        on_new: impl FnOnce(&mut Tx<'_>) -> Result<(), DbError>,
    ) -> Result<Self, DbError> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                migrations::run(&mut sqlite::writer(path)?, on_new)?;
                Self::start_sqlite(path, limits)
            }
            DatabaseUrl::Postgres(url) => {
                let server = Server::parse(url)?;
                let migrated = server.connect().and_then(|mut connection| migrations::run(&mut connection, on_new));
                migrated.map_err(|error| pooler::explain(&server, error))?;
                Self::start_postgres(server, limits)
            }
        }
    }

    /// Opens a database whose schema is up to date, or newer and compatible. Blocks.
    ///
    /// # Errors
    /// The database is unavailable or is not a database, or its schema is outdated, too new or unreleased. An outdated
    /// schema is not migrated here: only an operator knows whether an older server is still using it.
    pub fn open_current(url: &DatabaseUrl) -> Result<Self, DbError> {
        // A command runs one query at a time, so the defaults are enough.
        let limits = DatabaseLimits::default();
        match url {
            DatabaseUrl::Sqlite(path) => {
                migrations::check(&mut sqlite::writer(path)?)?;
                Self::start_sqlite(path, limits)
            }
            DatabaseUrl::Postgres(url) => {
                let server = Server::parse(url)?;
                let checked = server.connect().and_then(|mut connection| migrations::check(&mut connection));
                checked.map_err(|error| pooler::explain(&server, error))?;
                Self::start_postgres(server, limits)
            }
        }
    }

    fn start_sqlite(path: &Path, DatabaseLimits { queue, .. }: DatabaseLimits) -> Result<Self, DbError> {
        let (tracker, metrics) = (InvalidationTracker::new(), DbMetrics::new());
        let (reading, writing) = (metrics.pool("readers", cores(), queue), metrics.pool("writer", 1, queue));
        let (to_write, to_read) = (SqliteFile::find(path, sqlite::writer)?, SqliteFile::find(path, sqlite::reader)?);
        let ((reader, readers_closed), (open, closed)) = (Closed::channel(), Closed::channel());
        let writes = writer::start(queue, &tracker, &writing, to_write, readers_closed, open.clone());
        let writes = writes.map_err(cannot_start_thread)?;
        let reads = pool::start(cores(), queue, &tracker, &reading, &to_read, &reader).map_err(cannot_start_thread)?;
        let (reads, writes) = (Executor::new(reads, reading), Executor::new(writes, writing));
        Ok(Self { reads, writes, tracker, metrics, server: None, open, closed })
    }

    fn start_postgres(server: Server, limits: DatabaseLimits) -> Result<Self, DbError> {
        let DatabaseLimits { connections, queue } = limits;
        let (tracker, metrics) = (InvalidationTracker::new(), DbMetrics::new());
        let pool = metrics.pool("connections", connections, queue);
        let (open, closed) = Closed::channel();
        let jobs = pool::start(connections, queue, &tracker, &pool, &server, &open).map_err(cannot_start_thread)?;
        let (reads, server) = (Executor::new(jobs, pool), Some(Arc::new(server)));
        Ok(Self { writes: reads.clone(), reads, tracker, metrics, server, open, closed })
    }

    /// Returns a handle for background jobs, which run one query at a time and may take long: on PostgreSQL it has one
    /// connection of its own, so that they never occupy one that requests wait for. The caches are the same.
    ///
    /// On SQLite it shares the connections: there can be only one writer, so jobs must write in small batches.
    ///
    /// # Errors
    /// A thread cannot be created.
    pub fn for_background(&self) -> Result<Self, DbError> {
        let Some(server) = &self.server else { return Ok(self.clone()) };
        let metrics = self.metrics.pool_without_queue("background", 1);
        let jobs = pool::start(1, BACKGROUND_QUEUE, &self.tracker, &metrics, &**server, &self.open);
        let executor = Executor::new(jobs.map_err(cannot_start_thread)?, metrics);
        Ok(Self { reads: executor.clone(), writes: executor, ..self.clone() })
    }

    /// Starts to watch for changes made by other processes. Until then [`InvalidationTracker`] treats every cache entry
    /// as expired.
    ///
    /// # Errors
    /// A thread cannot be created.
    pub fn watch(&self) -> Result<(), DbError> {
        self.tracker.enable();
        match &self.server {
            Some(server) => listener::start(Server::clone(server), &self.tracker).map_err(cannot_start_thread),
            None => {
                // Wakes the writer, which may be waiting for a job. If the queue is full it is awake anyway.
                let nothing = |_: &mut Tx<'_>| Ok::<_, DbError>(());
                self.writes.send(Query::new(nothing, RollbackScope::None).0);
                Ok(())
            }
        }
    }

    /// Tells when the connections are closed, after the last clone of this was dropped.
    #[must_use]
    pub fn closed(&self) -> Closed {
        self.closed.clone()
    }

    #[must_use]
    pub fn tracker(&self) -> Arc<InvalidationTracker> {
        self.tracker.clone()
    }

    /// Creates a cache of about `capacity` rows or values derived from them; `name` is its label in the metrics.
    #[must_use]
    pub fn cache<K: Eq + Hash, V>(&self, name: &'static str, capacity: usize) -> Cache<K, V> {
        Cache::new(capacity, self.tracker(), self.metrics.cache(name))
    }

    pub fn register_metrics(&self, registry: &mut Registry) {
        self.metrics.register(registry);
    }

    /// Updates the queue length metrics.
    pub fn observe_queues(&self) {
        self.reads.observe_queue();
        self.writes.observe_queue();
    }

    /// Runs a read-only query. Each statement has its own snapshot, because this opens no transaction.
    ///
    /// # Errors
    /// The query's own error, or [`DbError::Unavailable`].
    pub async fn read<T, E, F>(&self, query: F) -> Result<T, E>
    where
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.reads.execute(|tx: &mut Tx<'_>| query(tx), RollbackScope::None).await
    }

    /// Checks that the database answers and that its schema has not become too new for this binary since it was opened.
    pub async fn ping(&self) -> Result<(), DbError> {
        self.read(schema_status::check_declared).await
    }

    /// Compares the database's schema with the one this binary expects.
    pub async fn schema_status(&self) -> Result<SchemaStatus, DbError> {
        self.read(SchemaStatus::read).await
    }

    /// Returns PostgreSQL's `max_connections`, or `None` for SQLite.
    pub async fn max_connections(&self) -> Result<Option<i64>, DbError> {
        self.read(postgres::max_connections).await
    }

    /// Looks for damage in a SQLite file and returns the first that is found; `None` for PostgreSQL. Reads the complete
    /// file.
    pub async fn damage(&self) -> Result<Option<String>, DbError> {
        self.read(sqlite::damage).await
    }

    /// Returns the size of the database on disk.
    pub async fn size(&self) -> Result<DbSize, DbError> {
        self.read(size::measure).await
    }

    /// Runs a query that writes, atomically. When this returns `Ok`, the changes are durable.
    ///
    /// # Errors
    /// The query's own error, which rolls it back, or [`DbError::Unavailable`], after which it is unknown whether the
    /// changes were made: the connection may have been lost during the commit.
    pub async fn write<T, E, F>(&self, query: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.writes.execute(query, RollbackScope::Savepoint).await
    }

    /// Runs a query that writes, fails only if the database fails, and is a single statement on PostgreSQL.
    ///
    /// A single statement is atomic by itself, which saves the two round trips of a transaction. On SQLite this saves
    /// the savepoint and its copies of every changed page; in return, an error also rolls back the other writes of the
    /// same group commit.
    ///
    /// # Errors
    /// See [`Self::write`].
    pub async fn write_single_statement<T, E, F>(&self, query: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let scope = if self.server.is_some() { RollbackScope::None } else { RollbackScope::Transaction };
        self.writes.execute(query, scope).await
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn cannot_start_thread(error: std::io::Error) -> DbError {
    DbError::Unavailable(format!("cannot start a database thread: {error}"))
}
