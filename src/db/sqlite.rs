//! Connections to a file.

use std::{fmt::Display, fs::OpenOptions, io, os::unix::fs::OpenOptionsExt, path::Path};

use diesel::{Connection, SqliteConnection};

use super::{connection::DbConnection, error::DbError};

/// WAL lets readers go on while somebody writes; FULL syncs it at each commit, so that an answered write survives a
/// power cut. <https://sqlite.org/pragma.html#pragma_synchronous>
///
/// The limit cuts the log back after a checkpoint: a log that once grew would keep its size on the disk.
const WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                      PRAGMA journal_size_limit = 67108864;";

const READER: &str = "PRAGMA query_only = ON;";

/// How long to wait for a lock that another process holds, milliseconds.
const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 5000;";

/// Opens the file to write to it; where there is none it is made, for its owner only: it holds password hashes.
///
/// # Errors
/// The file cannot be made or opened, or is not a database.
pub(super) fn writer(path: &Path) -> Result<DbConnection, DbError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Err(fault) if fault.kind() != io::ErrorKind::AlreadyExists => Err(cannot_open(path, &fault)),
        _ => open(path, WRITER),
    }
}

/// Opens the file to read from it.
///
/// # Errors
/// The file cannot be opened, or is not a database.
pub(super) fn reader(path: &Path) -> Result<DbConnection, DbError> {
    open(path, READER)
}

fn open(path: &Path, pragmas: &str) -> Result<DbConnection, DbError> {
    let name = path.to_str().ok_or_else(|| cannot_open(path, &"the path is not UTF-8"))?;
    let connection = SqliteConnection::establish(name).map_err(|fault| cannot_open(path, &fault))?;
    let mut connection = DbConnection::Sqlite(connection);
    for statements in [BUSY_TIMEOUT, pragmas] {
        connection.batch_execute(statements).map_err(|fault| cannot_open(path, &fault))?;
    }
    Ok(connection)
}

fn cannot_open(path: &Path, fault: &dyn Display) -> DbError {
    DbError::Unavailable(format!("{}: {fault}", path.display()))
}
