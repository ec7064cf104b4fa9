//! Connections to a file.

use std::{
    fmt::Display,
    fs::{self, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use diesel::{
    Connection, QueryResult, RunQueryDsl, SqliteConnection,
    result::Error::DatabaseError,
    sql_query,
    sql_types::{BigInt, Text},
};
use rustix::fs::{Access, access, statvfs};

use super::{
    connection::{DbConnection, dispatch},
    error::DbError,
    statement::{self, Statement},
};

/// WAL lets readers go on while somebody writes; FULL syncs it at each commit, so that an answered write survives a
/// power cut. <https://sqlite.org/pragma.html#pragma_synchronous>
///
/// The limit cuts the log back after a checkpoint: a log that once grew would keep its size on the disk.
const WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                      PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16000;";

/// Pages of the log that gather before a checkpoint, at most: 32 MB, eight times SQLite's default. A page that many reads
/// change is written back once for all of them, which takes a third off a counted read where a thousand users read.
const MAX_WAL_PAGES: u64 = 8000;
/// And at least: SQLite's default. <https://sqlite.org/pragma.html#pragma_wal_autocheckpoint>
const MIN_WAL_PAGES: u64 = 1000;
/// Bytes of a page.
const PAGE_SIZE: u64 = 4096;

const READER: &str = "PRAGMA query_only = ON;";

/// How long to wait for a lock that another process holds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 5000;";

/// Opens the file to write to it; where there is none it is made, for its owner only: it holds password hashes.
///
/// A file that cannot be written is refused here: SQLite would open it all the same, and neither tell before the first
/// write nor write with that connection when it can be written again. Not by opening it, as to close it again would let go
/// of the locks that this process has on it. <https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_>
///
/// # Errors
/// The file cannot be made, opened or written, or is not a database.
pub(super) fn writer(path: &Path) -> Result<DbConnection, DbError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(cannot_open(path, &error)),
        _ => access(path, Access::WRITE_OK).map_err(|error| cannot_open(path, &io::Error::from(error)))?,
    }
    open(path, &format!("{WRITER} PRAGMA wal_autocheckpoint = {};", wal_autocheckpoint_pages(path)))
}

/// A quarter of what room there is, so that a checkpoint has some to let the database grow. A log that fills the disk
/// could not be written back, and nothing be written any more: to cut it back only then is too late.
fn wal_autocheckpoint_pages(path: &Path) -> u64 {
    let room = statvfs(path).map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    (room / 4 / PAGE_SIZE).clamp(MIN_WAL_PAGES, MAX_WAL_PAGES)
}

/// Opens the file to read from it.
///
/// # Errors
/// The file cannot be opened, or is not a database.
pub(super) fn reader(path: &Path) -> Result<DbConnection, DbError> {
    open(path, READER)
}

/// A number that is another one when somebody else has written since this connection last asked.
/// <https://sqlite.org/pragma.html#pragma_data_version>
///
/// # Errors
/// The file is lost.
pub(super) fn data_version(connection: &mut DbConnection) -> Result<i64, DbError> {
    match connection {
        DbConnection::Sqlite(connection) => Ok(Statement::new(DataVersion, []).get_result(connection)?),
        DbConnection::Postgres(_) => Err(DbError::Query("PostgreSQL has no data_version".to_owned())),
    }
}

struct DataVersion;

impl statement::RawSql for DataVersion {
    type Row = BigInt;
    const PIECES: &'static [&'static str] = &["PRAGMA data_version"];
}

/// Copies a database into a new file, as it is at one moment and while others write to it.
///
/// `VACUUM INTO` rather than SQLite's backup interface, which begins anew whenever somebody writes.
/// <https://sqlite.org/lang_vacuum.html#vacuuminto>
///
/// # Errors
/// There is no such database, or the new file is there already or cannot be written.
pub fn backup(path: &Path, to: &Path) -> Result<(), DbError> {
    let name = to.to_str().ok_or_else(|| cannot_open(to, &"the path is not UTF-8"))?;
    // SQLite would make the file for others to read.
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
    made.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => DbError::BackupExists(to.display().to_string()),
        _ => cannot_open(to, &error),
    })?;
    let copied = open(path, "").and_then(|mut connection| {
        let copy = sql_query("VACUUM INTO ?").bind::<Text, _>(name);
        dispatch!(&mut connection, |c| copy.execute(c)).map_err(|error| cannot_open(to, &error))
    });
    if copied.is_err() {
        // Half a copy is none.
        let _ = fs::remove_file(to);
    }
    copied.map(drop)
}

fn open(path: &Path, pragmas: &str) -> Result<DbConnection, DbError> {
    let name = path.to_str().ok_or_else(|| cannot_open(path, &"the path is not UTF-8"))?;
    let connection = SqliteConnection::establish(name).map_err(|error| cannot_open(path, &error))?;
    let mut connection = DbConnection::Sqlite(connection);
    for statements in [BUSY_TIMEOUT, pragmas] {
        set_up(&mut connection, statements).map_err(|error| cannot_open(path, &error))?;
    }
    Ok(connection)
}

/// Two connections that make a new file a WAL's at once do not wait for each other, whatever the timeout: one of them has
/// to come again.
fn set_up(connection: &mut DbConnection, statements: &str) -> QueryResult<()> {
    let until = Instant::now() + LOCK_TIMEOUT;
    loop {
        match connection.batch_execute(statements) {
            Err(DatabaseError(_, info)) if info.message().contains("locked") && Instant::now() < until => {
                thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

pub(super) fn cannot_open(path: &Path, error: &dyn Display) -> DbError {
    DbError::Unavailable(format!("{}: {error}", path.display()))
}
