//! The size of the database.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Text},
};

use super::{connection::DbConnection, error::DbError};

/// In bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DbSize {
    pub database: i64,
    /// `None` for PostgreSQL.
    pub wal: Option<i64>,
}

impl DbSize {
    pub(super) fn total(self) -> u64 {
        u64::try_from(self.database + self.wal.unwrap_or_default()).unwrap_or_default()
    }
}

#[derive(QueryableByName)]
struct Bytes {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

#[derive(QueryableByName)]
struct File {
    #[diesel(sql_type = Text)]
    file: String,
}

pub(super) fn measure(connection: &mut DbConnection) -> Result<DbSize, DbError> {
    match connection {
        DbConnection::Postgres(c) => {
            let size = sql_query("SELECT pg_database_size(current_database()) AS bytes").get_result::<Bytes>(c)?;
            Ok(DbSize { database: size.bytes, wal: None })
        }
        DbConnection::Sqlite(c) => {
            // Not `page_count * page_size`: no pragma returns the size of the WAL, and changes that exist only there
            // have no pages in the file yet.
            let main = sql_query("SELECT file FROM pragma_database_list WHERE name = 'main'").get_result::<File>(c)?;
            let file = PathBuf::from(main.file);
            let mut wal = OsString::from(&file);
            wal.push("-wal");
            Ok(DbSize { database: length(&file)?, wal: Some(length(Path::new(&wal))?) })
        }
    }
}

/// Returns 0 for a file that does not exist: SQLite deletes the WAL when the last connection closes.
fn length(file: &Path) -> Result<i64, DbError> {
    match fs::metadata(file) {
        Ok(found) => Ok(i64::try_from(found.len()).unwrap_or(i64::MAX)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(DbError::Unavailable(format!("{}: {error}", file.display()))),
    }
}
