//! One connection type over both databases.

use diesel::{
    Connection, QueryResult, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    r2d2::R2D2Connection,
};

use super::{
    error::DbError,
    pg_connection::{self, PgConnection},
};

/// A connection to either database.
///
/// `diesel::MultiConnection` is not used because it rules out `ON CONFLICT`, row locks and `as_returning`, and does not
/// support the PostgreSQL connection used here.
#[expect(missing_debug_implementations, reason = "the connections have none")]
#[expect(clippy::large_enum_variant, reason = "there are a handful of connections, and they never move")]
pub enum DbConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Evaluates one expression for either database, so that each query is written once.
macro_rules! dispatch {
    ($connection:expr, |$c:ident| $body:expr) => {
        match $connection {
            $crate::db::DbConnection::Sqlite($c) => $body,
            $crate::db::DbConnection::Postgres($c) => $body,
        }
    };
}
pub(crate) use dispatch;

impl DbConnection {
    /// Whether the connection is unusable: the server has closed it, or a transaction could not be ended.
    pub(super) fn is_broken(&mut self) -> bool {
        if let Self::Postgres(_) = self {
            pg_connection::poll_socket();
        }
        dispatch!(self, |c| R2D2Connection::is_broken(c))
    }

    pub(super) fn batch_execute(&mut self, sql: &str) -> QueryResult<()> {
        dispatch!(self, |c| c.batch_execute(sql))
    }

    /// Runs queries that read a complete table, on a reader's connection. SQLite caches few pages meanwhile: each is
    /// needed only once, and the memory of a full cache would not be returned to the system.
    pub fn scan<T>(&mut self, query: impl FnOnce(&mut Self) -> Result<T, DbError>) -> Result<T, DbError> {
        self.set_cache_size("PRAGMA cache_size = -64")?;
        let result = query(self);
        // SQLite's default.
        self.set_cache_size("PRAGMA cache_size = -2000")?;
        result
    }

    fn set_cache_size(&mut self, pragma: &str) -> QueryResult<()> {
        if let Self::Sqlite(c) = self { c.batch_execute(pragma) } else { Ok(()) }
    }

    /// Starts a transaction that will write.
    ///
    /// A plain `BEGIN` in SQLite acquires the lock at the first write, and fails at once if another process has written
    /// since the first read. <https://sqlite.org/lang_transaction.html#immediate>
    pub(super) fn begin(&mut self) -> Result<(), DbError> {
        match self {
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
            Self::Postgres(c) => begin(c)?,
        }
        Ok(())
    }

    /// Commits the transaction, whose changes are durable when this returns, or releases the innermost savepoint.
    pub(super) fn commit(&mut self) -> Result<(), DbError> {
        Ok(dispatch!(self, |c| commit(c))?)
    }

    /// Starts a transaction, or a savepoint if a transaction is open already.
    pub(super) fn begin_nested(&mut self) -> Result<(), DbError> {
        Ok(dispatch!(self, |c| begin(c))?)
    }

    /// Rolls back to where the innermost transaction or savepoint started.
    pub(super) fn rollback(&mut self) -> Result<(), DbError> {
        Ok(dispatch!(self, |c| rollback(c))?)
    }
}

fn begin<C: Connection>(connection: &mut C) -> QueryResult<()> {
    C::TransactionManager::begin_transaction(connection)
}

fn commit<C: Connection>(connection: &mut C) -> QueryResult<()> {
    C::TransactionManager::commit_transaction(connection)
}

fn rollback<C: Connection>(connection: &mut C) -> QueryResult<()> {
    C::TransactionManager::rollback_transaction(connection)
}
