//! Everything in an SQLite file, copied into an empty PostgreSQL database: all or nothing.
//!
//! Both sides are one transaction. What is read is as it was at one moment, whoever writes to the file meanwhile; what is
//! written is there for others, and for good, only when all of it is.

mod address;
mod source;
mod table;
mod target;

use std::path::Path;

use self::{source::Source, table::Table, target::Target};
use super::{
    error::DbError,
    migrations,
    postgres::{self, Server},
    sqlite,
};

/// Why nothing was copied. None shows a row, but for its number.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The file cannot be read, or has another version's schema.
    #[error("DATABASE_URL: {0}")]
    Source(DbError),
    /// The database to copy to is away, does not let us in, or cannot be migrated.
    #[error("URL: {0}")]
    Target(DbError),
    /// It has rows.
    #[error("the database to copy to is not empty: rows in {table}: {rows}")]
    NotEmpty {
        /// The first such table.
        table: String,
        /// How many.
        rows: i64,
    },
    /// One side lacks the table or some of its columns, or they are of another type there.
    #[error("the table {0} is not the same in both databases: did tollgate make it, and which version?")]
    Differs(String),
    /// There is no order in which each table comes after those that it refers to.
    #[error("these tables refer to each other in a circle: {0}")]
    Circle(String),
    /// PostgreSQL keeps no such text; the server lets none in.
    #[error("the table {table}, rowid {row}: a text holds NUL or is not UTF-8, which PostgreSQL does not take")]
    Text {
        /// Where.
        table: String,
        /// SQLite's number of the row.
        row: i64,
    },
    /// PostgreSQL does not take the rows of a table.
    #[error("the table {table}: {error}")]
    Refused {
        /// Which.
        table: String,
        /// What PostgreSQL says.
        error: String,
    },
    /// Not all has arrived, or too much.
    #[error("the table {table} has {source_rows} rows in SQLite and {target_rows} in PostgreSQL")]
    Miscounted {
        /// Which.
        table: String,
        /// What there is to copy.
        source_rows: i64,
        /// What has arrived.
        target_rows: i64,
    },
}

/// Rows of all tables together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Those that are sent.
    pub done: i64,
    /// All.
    pub total: i64,
}

/// A table that was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its name.
    pub table: String,
    /// How many rows it has, counted on both sides.
    pub rows: i64,
}

/// Copies the SQLite database `path` into the PostgreSQL database at `address`, which gets the schema where it has none.
/// Blocks, for minutes where there are millions of rows.
///
/// # Errors
/// See [`TransferError`]; no row was copied then.
pub fn transfer(path: &Path, address: &str, on_progress: impl FnMut(Progress)) -> Result<Vec<Copied>, TransferError> {
    let told = |error| TransferError::Target(address::told(address, error));
    sqlite::writer(path).and_then(|mut file| migrations::check(&mut file)).map_err(TransferError::Source)?;
    let mut source = Source::open(path).map_err(TransferError::Source)?;
    let tables = source.tables()?;

    let server = Server::parse(address).map_err(told)?;
    // Before the migrations already: an older server may be running on a database that has rows.
    let target = postgres::block_on(Target::connect(&server)).and_then(|target| target).map_err(told)?;
    postgres::block_on(target.refuse_rows(&tables)).map_err(told)??;
    server.connect().and_then(|mut to| migrations::run(&mut to, |_| Ok(()))).map_err(told)?;
    postgres::block_on(copy(&mut source, &target, &tables, on_progress)).map_err(told)?
}

/// Whatever fails, `target` is dropped without a commit, which undoes all of it.
async fn copy(
    source: &mut Source,
    target: &Target,
    tables: &[Table],
    mut on_progress: impl FnMut(Progress),
) -> Result<Vec<Copied>, TransferError> {
    target.begin().await?;
    let mut counts = Vec::new();
    for table in tables {
        target.compare(table).await?;
        counts.push(source.count(table).map_err(TransferError::Source)?);
    }
    target.lock(tables).await?;
    target.refuse_rows(tables).await?;
    let mut progress = Progress { done: 0, total: counts.iter().sum() };
    on_progress(progress);

    target.set_triggers(tables, false).await?;
    for table in tables {
        let lines = source.lines(table).map_err(TransferError::Source)?;
        let on_rows = |rows| {
            progress.done += rows;
            on_progress(progress);
        };
        target.copy(table, lines, on_rows).await?;
    }
    target.set_triggers(tables, true).await?;

    let copied = compare(target, tables, &counts).await?;
    for table in tables {
        target.count_on(table, source.last_id(table).map_err(TransferError::Source)?).await?;
    }
    target.commit().await?;
    Ok(copied)
}

/// The counts, where they are the same on both sides.
async fn compare(target: &Target, tables: &[Table], counts: &[i64]) -> Result<Vec<Copied>, TransferError> {
    let mut copied = Vec::new();
    for (Table { name, .. }, &rows) in tables.iter().zip(counts) {
        let arrived = target.count(name).await?;
        if arrived != rows {
            let table = name.clone();
            return Err(TransferError::Miscounted { table, source_rows: rows, target_rows: arrived });
        }
        copied.push(Copied { table: name.clone(), rows });
    }
    Ok(copied)
}
