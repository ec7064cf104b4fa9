//! Migrations, embedded in the binary and run at start.

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Bool},
};
use diesel_migrations::MigrationHarness;

pub use super::embedded_migrations::{POSTGRES, SQLITE};
use super::{connection::DbConnection, error::DbError, schema_status::SchemaStatus, tx::Tx};

/// The key of PostgreSQL's advisory lock, unlikely to be used by other programs: the letters "toll". SQLite needs none,
/// because its writers exclude each other.
const LOCK: i64 = 0x746f_6c6c;

/// Runs pending migrations in one transaction. If several nodes start at once, one migrates and the others wait.
/// `on_new` runs in the same transaction if the database had no tables.
///
/// A schema that is up to date is only read, so that the server needs no right to create tables and waits for no lock.
///
/// # Errors
/// The database is unavailable, its schema is too new for this binary, or a migration fails. The connection must not be
/// used after an error.
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
    connection.begin()?;
    if let DbConnection::Postgres(c) = connection {
        // Another node's migration may take longer than the timeout for requests.
        sql_query("SET LOCAL statement_timeout = 0").execute(c)?;
        sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(LOCK).execute(c)?;
    }
    migrate(connection, on_new)?;
    connection.commit()
}

/// Fails unless the schema is up to date and compatible. Changes nothing.
pub(super) fn check(connection: &mut DbConnection) -> Result<(), DbError> {
    let status = SchemaStatus::read(connection)?;
    status.check_compatible()?;
    if status.pending.is_empty() { Ok(()) } else { Err(DbError::OldSchema) }
}

fn migrate(
    connection: &mut DbConnection,
    on_new: impl FnOnce(&mut Tx<'_>) -> Result<(), DbError>,
) -> Result<(), DbError> {
    // Check again under the lock: another node, perhaps of a newer version, may have migrated in the meantime.
    let status = SchemaStatus::read(connection)?;
    status.check_compatible()?;
    match connection {
        DbConnection::Sqlite(c) => c.run_pending_migrations(SQLITE).map(drop),
        DbConnection::Postgres(c) => c.run_pending_migrations(POSTGRES).map(drop),
    }
    .map_err(|error| DbError::Query(error.to_string()))?;
    if status.is_empty_database {
        // Nothing is cached yet, so nothing has to be invalidated.
        on_new(&mut Tx::new(connection, &mut Vec::new()))
    } else {
        Ok(())
    }
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
