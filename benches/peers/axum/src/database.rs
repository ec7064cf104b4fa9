//! SQLite, with one connection that writes and several that read.

use std::time::Duration;

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

#[derive(Clone)]
pub(crate) struct Database {
    pub(crate) pool: SqlitePool,
    /// Writers wait here in order. In SQLite's own queue they would sleep and try again.
    pub(crate) writer: SqlitePool,
}

impl Database {
    pub(crate) async fn open(path: &str) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(30));
        Ok(Self {
            pool: SqlitePoolOptions::new().connect_with(options.clone()).await?,
            writer: SqlitePoolOptions::new().max_connections(1).connect_with(options).await?,
        })
    }
}
