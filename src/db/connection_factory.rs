//! Where connections come from.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{connection::DbConnection, error::DbError, postgres::Server, sqlite};

/// Where connections come from.
pub(super) trait ConnectionFactory: Clone + Send + 'static {
    /// A new connection.
    ///
    /// # Errors
    /// The database is away or is none.
    fn connect(&self) -> Result<DbConnection, DbError>;

    /// Whether a connection that was kept still leads to where a new one would.
    ///
    /// # Errors
    /// It does not.
    fn check(&self) -> Result<(), DbError>;
}

impl ConnectionFactory for Server {
    fn connect(&self) -> Result<DbConnection, DbError> {
        Self::connect(self)
    }

    fn check(&self) -> Result<(), DbError> {
        Ok(())
    }
}

/// At the start SQLite would take what it finds in the former file's log for the new one's.
const REPLACED: &str = "another file has taken its place: stop the server, and move the -wal and -shm of the former \
                        one away before it is started again";

/// A SQLite database, known by its file and not by the name alone.
#[derive(Clone, Debug)]
pub(super) struct SqliteFile {
    path: PathBuf,
    /// What SQLite knows it by as well.
    device_and_inode: (u64, u64),
    open: fn(&Path) -> Result<DbConnection, DbError>,
}

impl SqliteFile {
    /// The file that has this name now, to be opened in this way.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn find(path: &Path, open: fn(&Path) -> Result<DbConnection, DbError>) -> Result<Self, DbError> {
        let device_and_inode = device_and_inode(path).map_err(|error| sqlite::cannot_open(path, &error))?;
        Ok(Self { path: path.to_owned(), device_and_inode, open })
    }
}

impl ConnectionFactory for SqliteFile {
    /// Never makes the file: this one would have no tables.
    fn connect(&self) -> Result<DbConnection, DbError> {
        self.check()?;
        (self.open)(&self.path)
    }

    /// What is written to a file that was deleted is lost when the last connection closes, and SQLite does not look.
    /// <https://sqlite.org/howtocorrupt.html#_unlinking_or_renaming_a_database_file_while_in_use>
    fn check(&self) -> Result<(), DbError> {
        match device_and_inode(&self.path) {
            Ok(found) if found == self.device_and_inode => Ok(()),
            Ok(_) => Err(sqlite::cannot_open(&self.path, &REPLACED)),
            Err(error) => Err(sqlite::cannot_open(&self.path, &error)),
        }
    }
}

fn device_and_inode(path: &Path) -> std::io::Result<(u64, u64)> {
    let found = fs::metadata(path)?;
    Ok((found.dev(), found.ino()))
}
