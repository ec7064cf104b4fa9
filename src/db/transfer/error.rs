//! Why a database could not be copied.

use crate::db::error::DbError;

/// Why nothing was copied. No message contains data of a row, only its number.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The file cannot be read, or its schema is of another version.
    #[error("DATABASE_URL: {0}")]
    Source(DbError),
    /// The target database is unreachable, refuses the connection, or cannot be migrated.
    #[error("URL: {0}")]
    Target(DbError),
    #[error("the target database is not empty: rows in {table}: {rows}")]
    NotEmpty {
        /// The first table that has rows.
        table: String,
        rows: i64,
    },
    /// The table or some of its columns are missing on one side, or have another type.
    #[error("the table {0} differs between the databases: was it created by tollgate, and by the same version?")]
    Differs(String),
    #[error("circular foreign keys between these tables: {0}")]
    Circle(String),
    /// Such text can only have been written by another program: the server rejects it.
    #[error("the table {table}, rowid {row}: text contains NUL or is not UTF-8, which PostgreSQL does not accept")]
    Text {
        table: String,
        /// The `rowid`.
        row: i64,
    },
    #[error("the table {table}: {error}")]
    Refused {
        table: String,
        /// PostgreSQL's message.
        error: String,
    },
    #[error("the table {table} has {source_rows} rows in SQLite and {target_rows} in PostgreSQL")]
    Miscounted { table: String, source_rows: i64, target_rows: i64 },
}
