//! Migrations, embedded in the binary and run at start.

use std::{
    thread,
    time::{Duration, Instant},
};

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Bool, Text},
};
use diesel_migrations::MigrationHarness;

pub use super::schema_status::{POSTGRES, SQLITE};
use super::{connection::DbConnection, error::DbError, schema_status::SchemaStatus, tx::Tx};

/// The key of PostgreSQL's advisory lock, unlikely to be used by other programs: the letters "toll". SQLite needs none,
/// because its writers exclude each other.
const LOCK: i64 = 0x746f_6c6c;

/// How long a migration may wait for the lock on a table. Meanwhile all requests that need the table queue behind it,
/// even those that would not wait for the transaction that holds the lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// How long requests have the tables to themselves before the next attempt.
const PAUSE: Duration = Duration::from_secs(1);

const MAX_ATTEMPTS: u32 = 5;

/// Runs pending migrations in one transaction. If several nodes start at once, one migrates and the others wait.
/// `on_new` runs in the same transaction if the database had no tables.
///
/// A schema that is up to date is only read, so that the server needs no right to create tables and waits for no lock.
///
/// # Errors
/// The database is unavailable, its schema is too new for this binary or that of an unreleased version, or a migration
/// fails. The connection must not be used after an error.
pub(super) fn run(
    connection: &mut DbConnection,
    on_new: impl FnOnce(&mut Tx<'_>) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let status = SchemaStatus::read(connection)?;
    status.check_compatible()?;
    if !status.unknown.is_empty() {
        tracing::warn!(unknown = ?status.unknown, "database schema is newer than this version, but compatible");
    }
    if status.pending.is_empty() {
        return Ok(());
    }
    if !may_create_tables(connection)? {
        return Err(DbError::MayNotMigrate);
    }
    let (steps, begun) = (status.pending.len(), Instant::now());
    tracing::info!(steps, "migrating the database");
    let was_empty = begin_and_migrate(connection)?;
    if was_empty {
        // Nothing is cached yet, so nothing has to be invalidated.
        on_new(&mut Tx::new(connection, &mut Vec::new()))?;
    }
    connection.commit()?;
    tracing::info!(steps, elapsed = ?begun.elapsed(), "migrated the database");
    // An operator who expects data finds out that DATABASE_URL leads elsewhere, or that the file is lost.
    if was_empty {
        tracing::info!("created a new database");
    }
    Ok(())
}

/// Fails unless the schema is up to date and compatible. Changes nothing.
pub(super) fn check(connection: &mut DbConnection) -> Result<(), DbError> {
    let status = SchemaStatus::read(connection)?;
    status.check_compatible()?;
    if status.pending.is_empty() { Ok(()) } else { Err(DbError::OldSchema) }
}

/// Starts a transaction and migrates in it; returns whether the database had no tables.
fn begin_and_migrate(connection: &mut DbConnection) -> Result<bool, DbError> {
    let mut attempt = 1;
    loop {
        connection.begin()?;
        exclude_other_nodes(connection)?;
        let begun = Instant::now();
        let error = match migrate(connection) {
            // The error itself does not tell, because the server writes it in its own language. A migration that takes
            // this long and fails for another reason is repeated in vain, but does no harm.
            Err(DbError::Query(error)) if is_postgres(connection) && begun.elapsed() >= LOCK_TIMEOUT => error,
            done => return done,
        };
        if attempt == MAX_ATTEMPTS {
            let text = "another transaction may hold the lock on a table, so that the schema cannot be changed; end it";
            return Err(DbError::Unavailable(format!("{error}: {text}")));
        }
        tracing::warn!(attempt, error, "migration did not get a lock in time; trying again");
        connection.rollback()?;
        thread::sleep(PAUSE);
        attempt += 1;
    }
}

fn is_postgres(connection: &DbConnection) -> bool {
    matches!(connection, DbConnection::Postgres(_))
}

/// Waits for another node's migration, which may take longer than the timeout for requests.
fn exclude_other_nodes(connection: &mut DbConnection) -> Result<(), DbError> {
    let DbConnection::Postgres(c) = connection else { return Ok(()) };
    sql_query("SET LOCAL statement_timeout = 0").execute(c)?;
    sql_query("SET LOCAL lock_timeout = 0").execute(c)?;
    sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(LOCK).execute(c)?;
    let timeout = LOCK_TIMEOUT.as_millis().to_string();
    sql_query("SELECT set_config('lock_timeout', $1, TRUE)").bind::<Text, _>(timeout).execute(c)?;
    Ok(())
}

fn migrate(connection: &mut DbConnection) -> Result<bool, DbError> {
    // Check again under the lock: another node, perhaps of a newer version, may have migrated in the meantime.
    let status = SchemaStatus::read(connection)?;
    status.check_compatible()?;
    match connection {
        DbConnection::Sqlite(c) => c.run_pending_migrations(SQLITE).map(drop),
        DbConnection::Postgres(c) => c.run_pending_migrations(POSTGRES).map(drop),
    }
    .map_err(|error| DbError::Query(error.to_string()))?;
    Ok(status.is_empty_database)
}

#[derive(QueryableByName)]
struct Right {
    #[diesel(sql_type = Bool)]
    is_granted: bool,
}

/// Checked up front because PostgreSQL's own error ("permission denied for schema public") names neither what was
/// attempted nor how to fix it.
fn may_create_tables(connection: &mut DbConnection) -> Result<bool, DbError> {
    let DbConnection::Postgres(connection) = connection else { return Ok(true) };
    // `current_schema()` is NULL if no schema of the search path exists.
    let right = "SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), FALSE) AS is_granted";
    Ok(sql_query(right).get_result::<Right>(connection)?.is_granted)
}
