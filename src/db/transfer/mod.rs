//! Copies a SQLite file into an empty PostgreSQL database, all or nothing.
//!
//! Each side uses a single transaction: the source is read as a consistent snapshot even if other processes write to
//! it, and the target becomes visible and durable only when it is complete.

mod error;
mod source;
mod table;
mod target;

use std::path::Path;

pub use self::error::TransferError;
use self::{source::Source, table::Table, target::Target};
use super::{migrations, pg_connection::block_on, postgres::Server, sqlite};

/// Rows of all tables together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: i64,
    pub total: i64,
}

/// A table that was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    pub table: String,
    /// Number of rows, counted on both sides.
    pub rows: i64,
}

/// Copies the SQLite database `path` into the PostgreSQL database at `address`, which is migrated first. Blocks, for
/// minutes if there are millions of rows.
pub fn transfer(path: &Path, address: &str, on_progress: impl FnMut(Progress)) -> Result<Vec<Copied>, TransferError> {
    sqlite::writer(path).and_then(|mut file| migrations::check(&mut file)).map_err(TransferError::Source)?;
    let mut source = Source::open(path).map_err(TransferError::Source)?;
    let tables = source.tables()?;

    let server = Server::parse(address).map_err(TransferError::Target)?;
    // Checked before migrating, because an older server may be using a database that has rows.
    let target = block_on(Target::connect(&server)).and_then(|target| target).map_err(TransferError::Target)?;
    block_on(target.refuse_rows(&tables)).map_err(TransferError::Target)??;
    server.connect().and_then(|mut to| migrations::run(&mut to, |_| Ok(()))).map_err(TransferError::Target)?;
    block_on(copy(&mut source, &target, &tables, on_progress)).map_err(TransferError::Target)?
}

/// On any error `target` is dropped without a commit, which rolls everything back.
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
        target.advance_sequence(table, source.last_id(table).map_err(TransferError::Source)?).await?;
    }
    target.commit().await?;
    Ok(copied)
}

/// Compares the row counts of both sides.
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
