//! A new database for each test, on SQLite or on PostgreSQL.

use std::{
    fmt,
    io::{self, Write},
};

use diesel::{RunQueryDsl, sql_query};
use tempfile::TempDir;
use tollgate::{
    config::{DatabaseLimits, DatabaseUrl},
    db::{Db, DbConnection, DbError},
};

use super::postgres;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// Runs a test on a new database of this kind. [`both_databases::test`] calls it.
pub(crate) async fn run_on(kind: Kind, test: impl AsyncFnOnce(TestDatabase)) {
    if let Some(database) = TestDatabase::new(kind) {
        test(database).await;
    }
}

pub(crate) struct TestDatabase {
    pub(crate) kind: Kind,
    pub(crate) url: String,
    folder: TempDir,
}

impl TestDatabase {
    /// Prints a message and returns `None` without PostgreSQL on this machine.
    pub(crate) fn new(kind: Kind) -> Option<Self> {
        let folder = TempDir::with_prefix("tollgate-").unwrap();
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}", folder.path().join("test.db").display()),
            Kind::Postgres => match &*postgres::SHARED {
                Some(server) => server.new_database(),
                None => {
                    // Written to the stream directly, because the test harness captures what a passing test prints.
                    let _ = writeln!(io::stderr(), "not run on PostgreSQL: initdb and pg_ctl are not on this machine");
                    return None;
                }
            },
        };
        Some(Self { kind, url, folder })
    }

    /// An existing database.
    pub(crate) fn at(kind: Kind, url: String) -> Self {
        Self { kind, url, folder: TempDir::with_prefix("tollgate-").unwrap() }
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) fn config_url(&self) -> DatabaseUrl {
        match self.url.strip_prefix("sqlite://") {
            Some(path) => DatabaseUrl::Sqlite(path.into()),
            None => DatabaseUrl::Postgres(self.url.clone()),
        }
    }

    /// Opens it, as a second process would.
    pub(crate) async fn open(&self) -> Db {
        let url = self.config_url();
        actix_web::rt::task::spawn_blocking(move || Db::open(&url, DatabaseLimits::default(), |_| Ok(())))
            .await
            .unwrap()
            .unwrap()
    }

    /// Runs a statement as an operator would by hand. Returns the number of affected rows.
    pub(crate) async fn execute(&self, sql: &str) -> usize {
        let sql = sql.to_owned();
        self.open().await.write(move |connection| execute(connection, &sql)).await.unwrap()
    }
}

pub(crate) fn execute(connection: &mut DbConnection, sql: &str) -> Result<usize, DbError> {
    Ok(match connection {
        DbConnection::Sqlite(c) => sql_query(sql).execute(c)?,
        DbConnection::Postgres(c) => sql_query(sql).execute(c)?,
    })
}
