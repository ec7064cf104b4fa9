//! Opening database connections.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{connection::DbConnection, error::DbError, postgres::Server, sqlite};

pub(super) trait ConnectionFactory: Clone + Send + 'static {
    fn connect(&self) -> Result<DbConnection, DbError>;

    /// Fails if an existing connection no longer leads to the database that a new one would open.
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

/// On the next start SQLite would apply the old file's log to the new file.
const REPLACED: &str = "the file was replaced while it was open: stop the server, and move the old -wal and -shm files \
                        away before you start it again";

/// A SQLite database, identified by its file rather than by its path alone.
#[derive(Clone, Debug)]
pub(super) struct SqliteFile {
    path: PathBuf,
    /// SQLite identifies files by these, too.
    device_and_inode: (u64, u64),
    open: fn(&Path) -> Result<DbConnection, DbError>,
}

impl SqliteFile {
    /// Remembers which file is at `path` now.
    ///
    /// # Errors
    /// The file does not exist.
    pub(super) fn find(path: &Path, open: fn(&Path) -> Result<DbConnection, DbError>) -> Result<Self, DbError> {
        let device_and_inode = device_and_inode(path).map_err(|error| sqlite::cannot_open(path, &error))?;
        Ok(Self { path: path.to_owned(), device_and_inode, open })
    }
}

impl ConnectionFactory for SqliteFile {
    /// Never creates the file, because a new one would have no tables.
    fn connect(&self) -> Result<DbConnection, DbError> {
        self.check()?;
        (self.open)(&self.path)
    }

    /// Writes to a deleted file are lost when the last connection closes, and SQLite does not check for that.
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
