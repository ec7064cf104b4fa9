//! Connections to a SQLite file.

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
    Connection, QueryResult, QueryableByName, RunQueryDsl, SqliteConnection,
    result::Error::DatabaseError,
    sql_query,
    sql_types::{BigInt, Text},
};
use rustix::fs::{Access, access, statvfs};

use super::{
    connection::{DbConnection, dispatch},
    error::DbError,
    size::measure,
    statement::{self, Statement},
};

/// WAL mode lets readers proceed during a write. `synchronous = FULL` syncs the log at each commit, so that an
/// acknowledged write survives a power failure. <https://sqlite.org/pragma.html#pragma_synchronous>
///
/// `journal_size_limit` truncates the log after a checkpoint; otherwise it would never shrink on disk.
///
/// `secure_delete` overwrites deleted content with zeros. `FAST` would leave pages that are free as they are, and with
/// them the names of deleted users. <https://sqlite.org/pragma.html#pragma_secure_delete>
const WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                      PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16000; \
                      PRAGMA secure_delete = ON;";

/// Maximum number of log pages before a checkpoint: 32 MB, eight times SQLite's default. A page that is changed many
/// times between checkpoints is written back only once, which makes a metered read a third cheaper with a thousand
/// users.
const MAX_WAL_PAGES: u64 = 8000;
/// SQLite's default. <https://sqlite.org/pragma.html#pragma_wal_autocheckpoint>
const MIN_WAL_PAGES: u64 = 1000;
/// In bytes.
const PAGE_SIZE: u64 = 4096;

const READER: &str = "PRAGMA query_only = ON;";

/// How long to wait for a lock that another process holds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 5000;";

/// Opens the file for writing. Creates it if it does not exist, readable by its owner only, because it contains
/// password hashes.
///
/// # Errors
/// The file cannot be created, opened or written, or is not a database.
pub(super) fn writer(path: &Path) -> Result<DbConnection, DbError> {
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match created {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(cannot_open(path, &error)),
        // SQLite opens a file that is not writable too, reports that only at the first write, and such a connection
        // never becomes writable. Checked without opening the file, because closing it would release this process's
        // locks:
        // <https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_>
        _ => access(path, Access::WRITE_OK).map_err(|error| cannot_open(path, &io::Error::from(error)))?,
    }
    open(path, &format!("{WRITER} PRAGMA wal_autocheckpoint = {};", wal_autocheckpoint_pages(path)))
}

/// Limits the log to a quarter of the free disk space, so that the database can still grow during a checkpoint. A log
/// that fills the disk can no longer be checkpointed, and every write fails from then on.
fn wal_autocheckpoint_pages(path: &Path) -> u64 {
    let room = statvfs(path).map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    (room / 4 / PAGE_SIZE).clamp(MIN_WAL_PAGES, MAX_WAL_PAGES)
}

/// Opens the file read-only.
pub(super) fn reader(path: &Path) -> Result<DbConnection, DbError> {
    open(path, READER)
}

/// Returns a number that changes whenever another connection has written to the file.
/// <https://sqlite.org/pragma.html#pragma_data_version>
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

#[derive(QueryableByName)]
struct Check {
    #[diesel(sql_type = Text)]
    quick_check: String,
}

#[derive(QueryableByName)]
struct IntegrityCheck {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// The first damage of the file. <https://sqlite.org/pragma.html#pragma_quick_check>
pub(super) fn damage(connection: &mut DbConnection) -> Result<Option<String>, DbError> {
    let DbConnection::Sqlite(connection) = connection else { return Ok(None) };
    let Check { quick_check } = sql_query("PRAGMA quick_check(1)").get_result(connection)?;
    // The first line of several only names the database.
    Ok((quick_check != "ok").then(|| quick_check.lines().last().unwrap_or_default().to_owned()))
}

/// Copies a consistent snapshot of a database into a new file; other processes may keep writing to the database.
///
/// Uses `VACUUM INTO` because SQLite's backup API restarts whenever another process writes.
/// <https://sqlite.org/lang_vacuum.html#vacuuminto>
///
/// # Errors
/// The database does not exist, or the new file exists already or cannot be written.
pub fn backup(path: &Path, to: &Path) -> Result<(), DbError> {
    let name = to.to_str().ok_or_else(|| cannot_open(to, &"the path is not UTF-8"))?;
    // SQLite would create a file that other users can read.
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
    created.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => DbError::BackupExists(to.display().to_string()),
        _ => cannot_open(to, &error),
    })?;
    let copied = open(path, "").and_then(|mut connection| {
        let copy = sql_query("VACUUM INTO ?").bind::<Text, _>(name);
        dispatch!(&mut connection, |c| copy.execute(c)).map_err(|error| cannot_open(to, &error))
    });
    if copied.is_err() {
        // Don't leave a partial copy behind.
        let _ = fs::remove_file(to);
    }
    copied.map(drop)
}

/// Rebuilds a database file without the space that deleted rows have left. Others may read it meanwhile, and wait to write.
/// Returns the size in bytes before and after, with that of the write-ahead log.
pub fn vacuum(path: &Path) -> Result<(u64, u64), DbError> {
    let mut connection = open(path, "")?;
    let before = measure(&mut connection)?.total();
    // The rebuilt database is in the write-ahead log until it is copied to the file, which is then truncated.
    for statement in ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] {
        connection.batch_execute(statement)?;
    }
    Ok((before, measure(&mut connection)?.total()))
}

/// Reads all of a backup, and returns what is wrong with it; `None` for a sound one. Unlike [`damage`], it compares the
/// indexes with their tables as well.
///
/// # Errors
/// The file cannot be read, or is no database.
pub fn verify(path: &Path) -> Result<Option<String>, DbError> {
    let mut connection = open(path, "")?;
    let check = sql_query("PRAGMA integrity_check(1)");
    let IntegrityCheck { integrity_check } = dispatch!(&mut connection, |c| check.get_result(c))?;
    Ok((integrity_check != "ok").then_some(integrity_check))
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

/// If two connections switch a new file to WAL mode at the same time, one of them fails at once despite the busy
/// timeout, so this retries.
fn set_up(connection: &mut DbConnection, statements: &str) -> QueryResult<()> {
    let deadline = Instant::now() + LOCK_TIMEOUT;
    loop {
        match connection.batch_execute(statements) {
            Err(DatabaseError(_, info)) if info.message().contains("locked") && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

pub(super) fn cannot_open(path: &Path, error: &dyn Display) -> DbError {
    DbError::Unavailable(format!("{}: {error}", path.display()))
}
