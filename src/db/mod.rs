//! The database behind two doors: [`Db::read`] and [`Db::write`]. Whatever passes them runs on a thread that may
//! block, and never on one that serves requests.

mod cache;
mod connection;
mod connection_factory;
mod error;
mod executor;
mod invalidation;
mod job;
mod listener;
mod metrics;
pub mod migrations;
mod pool;
mod postgres;
pub mod schema;
mod schema_status;
mod size;
mod sqlite;
mod statement;
mod tls;
mod transfer;
mod writer;

use std::{hash::Hash, path::Path, sync::Arc, thread};

use prometheus_client::registry::Registry;

pub(crate) use self::connection::dispatch;
pub use self::sqlite::backup;
pub use self::{
    cache::Cache,
    connection::DbConnection,
    error::DbError,
    invalidation::{CacheTag, InvalidationTracker, Version, invalidate},
    postgres::{PgConnection, pools_transactions},
    schema_status::SchemaStatus,
    size::DbSize,
    statement::{RawSql, Statement},
    transfer::{Copied, Progress, TransferError, transfer},
};
use self::{
    connection_factory::SqliteFile,
    executor::Executor,
    job::{Query, RollbackScope},
    metrics::DbMetrics,
    postgres::Server,
};
use crate::config::{DatabaseLimits, DatabaseUrl};

/// The doors. Clones share the connections, which close when the last clone is gone.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "channels of closures have nothing to show")]
pub struct Db {
    reads: Executor,
    writes: Executor,
    tracker: Arc<InvalidationTracker>,
    metrics: DbMetrics,
    /// Where it is a PostgreSQL.
    server: Option<Arc<Server>>,
}

impl Db {
    /// Opens the database and brings its schema up to date; `on_new` fills one that had no tables. Blocks.
    ///
    /// # Errors
    /// The database is away or is none, cannot be migrated, or has a schema that is too new for this binary.
    pub fn open(
        url: &DatabaseUrl,
        limits: DatabaseLimits,
        on_new: impl FnOnce(&mut DbConnection) -> Result<(), DbError>,
    ) -> Result<Self, DbError> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                migrations::run(&mut sqlite::writer(path)?, on_new)?;
                Self::start_sqlite(path, limits)
            }
            DatabaseUrl::Postgres(url) => {
                let server = Server::parse(url)?;
                migrations::run(&mut server.connect()?, on_new)?;
                Self::start_postgres(server, limits)
            }
        }
    }

    /// Opens a database whose schema is up to date, or newer and compatible. Blocks.
    ///
    /// # Errors
    /// The database is away or is none, or its schema is old or too new. An old one is not migrated here: only an
    /// operator knows whether an older server is running on it.
    pub fn open_current(url: &DatabaseUrl) -> Result<Self, DbError> {
        // One command asks one thing at a time.
        let limits = DatabaseLimits::default();
        match url {
            DatabaseUrl::Sqlite(path) => {
                migrations::check(&mut sqlite::writer(path)?)?;
                Self::start_sqlite(path, limits)
            }
            DatabaseUrl::Postgres(url) => {
                let server = Server::parse(url)?;
                migrations::check(&mut server.connect()?)?;
                Self::start_postgres(server, limits)
            }
        }
    }

    fn start_sqlite(path: &Path, DatabaseLimits { queue, .. }: DatabaseLimits) -> Result<Self, DbError> {
        let (tracker, metrics) = (InvalidationTracker::new(), DbMetrics::new());
        let (reading, writing) = (metrics.pool("readers", cores(), queue), metrics.pool("writer", 1, queue));
        let (to_write, to_read) = (SqliteFile::find(path, sqlite::writer)?, SqliteFile::find(path, sqlite::reader)?);
        let writes = writer::start(queue, &tracker, &writing, to_write).map_err(no_thread)?;
        let reads = pool::start(cores(), queue, &tracker, &reading, &to_read).map_err(no_thread)?;
        let (reads, writes) = (Executor::new(reads, reading), Executor::new(writes, writing));
        Ok(Self { reads, writes, tracker, metrics, server: None })
    }

    fn start_postgres(server: Server, limits: DatabaseLimits) -> Result<Self, DbError> {
        let DatabaseLimits { connections, queue } = limits;
        let (tracker, metrics) = (InvalidationTracker::new(), DbMetrics::new());
        let pool = metrics.pool("connections", connections, queue);
        let jobs = pool::start(connections, queue, &tracker, &pool, &server).map_err(no_thread)?;
        let executor = Executor::new(jobs, pool);
        Ok(Self { reads: executor.clone(), writes: executor, tracker, metrics, server: Some(Arc::new(server)) })
    }

    /// Begins to listen for what other processes change: without that [`InvalidationTracker`] has copies of rows never believed.
    ///
    /// # Errors
    /// The system has no room for a thread.
    pub fn watch(&self) -> Result<(), DbError> {
        self.tracker.enable();
        match &self.server {
            Some(server) => listener::start(Server::clone(server), &self.tracker).map_err(no_thread),
            None => {
                // The writer may be waiting for its next job. A full queue wakes it as well.
                let nothing = |_: &mut DbConnection| Ok::<_, DbError>(());
                self.writes.send(Query::new(nothing, RollbackScope::None).0);
                Ok(())
            }
        }
    }

    /// What has changed, for whoever keeps copies of rows.
    #[must_use]
    pub fn tracker(&self) -> Arc<InvalidationTracker> {
        self.tracker.clone()
    }

    /// Room for about `max` copies of rows, or of what was made of them; `name` is for the metrics.
    #[must_use]
    pub fn cache<K: Eq + Hash, V>(&self, name: &'static str, capacity: usize) -> Cache<K, V> {
        Cache::new(capacity, self.tracker(), self.metrics.cache(name))
    }

    /// Has the metrics of the database told with others.
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.metrics.register(registry);
    }

    /// Looks at the queues, for the metrics.
    pub fn observe_queues(&self) {
        self.reads.observe_queue();
        self.writes.observe_queue();
    }

    /// Runs a query that changes nothing.
    ///
    /// # Errors
    /// The query's own, or that the database cannot serve now.
    pub async fn read<T, E, F>(&self, query: F) -> Result<T, E>
    where
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.reads.execute(query, RollbackScope::None).await
    }

    /// Whether the database answers, and its schema has not become too new for this binary since it was opened.
    ///
    /// # Errors
    /// It does not, or it has.
    pub async fn ping(&self) -> Result<(), DbError> {
        self.read(schema_status::check_declared).await
    }

    /// How the database's schema compares with the one of this binary.
    ///
    /// # Errors
    /// The database cannot serve.
    pub async fn schema_status(&self) -> Result<SchemaStatus, DbError> {
        self.read(SchemaStatus::read).await
    }

    /// How many connections the server lets all of its clients have; `None` where there is no server.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn max_connections(&self) -> Result<Option<i64>, DbError> {
        self.read(postgres::max_connections).await
    }

    /// How much room the database takes on the disk.
    ///
    /// # Errors
    /// The database does not answer, or its file cannot be looked at.
    pub async fn size(&self) -> Result<DbSize, DbError> {
        self.read(size::measure).await
    }

    /// Runs a query that changes something, whole or not at all. When this returns `Ok`, it is on the disk.
    ///
    /// # Errors
    /// The query's own, which undo it, or that the database cannot serve now.
    pub async fn write<T, E, F>(&self, query: F) -> Result<T, E>
    where
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.writes.execute(query, RollbackScope::Savepoint).await
    }

    /// Runs a query that changes something, fails only where the database does, and is one statement on PostgreSQL.
    ///
    /// That statement is whole or not at all by itself, which saves the two trips to the server of a transaction. On
    /// SQLite the savepoint is saved, with its copies of all pages that change: a failure undoes what others wrote in the
    /// same transaction, too.
    ///
    /// # Errors
    /// The query's own, which undo it, or that the database cannot serve now.
    pub async fn write_single_statement<T, E, F>(&self, query: F) -> Result<T, E>
    where
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let scope = if self.server.is_some() { RollbackScope::None } else { RollbackScope::Transaction };
        self.writes.execute(query, scope).await
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn no_thread(error: std::io::Error) -> DbError {
    DbError::Unavailable(format!("no thread for it: {error}"))
}
