//! The schema, embedded in the binary and brought up to date at start.

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Bool},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{connection::DbConnection, error::DbError, schema_status::SchemaStatus};

/// The migrations for SQLite.
pub const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
/// The migrations for PostgreSQL, with the same names.
pub const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// SQLite's writers exclude each other as they are. For PostgreSQL, a number that other programs do not lock: the letters "toll".
const LOCK: i64 = 0x746f_6c6c;

/// Brings the schema up to date, all or nothing. Of several nodes that start at once one does it while the others wait.
/// `on_new` runs in the same transaction if there were no tables before.
///
/// A schema that is up to date is only read, so that a role without the right to create tables can serve, and a start
/// waits for no lock.
///
/// # Errors
/// The database cannot serve, its schema is too new for this binary, or a migration fails; the connection cannot be used
/// again then.
pub(super) fn run(
    connection: &mut DbConnection,
    on_new: impl FnOnce(&mut DbConnection) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let status = SchemaStatus::read(connection)?;
    status.check_compatible()?;
    if !status.unknown.is_empty() {
        tracing::warn!(unknown = ?status.unknown, "the schema is newer than this version, and compatible with it");
    }
    if status.pending.is_empty() {
        return Ok(());
    }
    if !may_create_tables(connection)? {
        return Err(DbError::MayNotMigrate);
    }
    connection.begin()?;
    if let DbConnection::Postgres(c) = connection {
        // Another node may migrate for longer than a request would be waited for.
        sql_query("SET LOCAL statement_timeout = 0").execute(c)?;
        sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(LOCK).execute(c)?;
    }
    migrate(connection, on_new)?;
    connection.commit()
}

/// Fails unless the schema is one that this binary works with, and changes nothing.
pub(super) fn check(connection: &mut DbConnection) -> Result<(), DbError> {
    let status = SchemaStatus::read(connection)?;
    status.check_compatible()?;
    if status.pending.is_empty() { Ok(()) } else { Err(DbError::OldSchema) }
}

fn migrate(
    connection: &mut DbConnection,
    on_new: impl FnOnce(&mut DbConnection) -> Result<(), DbError>,
) -> Result<(), DbError> {
    // Again, under the lock: another node may have been here first, and one of a newer version too.
    let status = SchemaStatus::read(connection)?;
    status.check_compatible()?;
    match connection {
        DbConnection::Sqlite(c) => c.run_pending_migrations(SQLITE).map(drop),
        DbConnection::Postgres(c) => c.run_pending_migrations(POSTGRES).map(drop),
    }
    .map_err(|error| DbError::Query(error.to_string()))?;
    if status.is_empty_database { on_new(connection) } else { Ok(()) }
}

#[derive(QueryableByName)]
struct Right {
    #[diesel(sql_type = Bool)]
    is_granted: bool,
}

/// Asked before, because PostgreSQL's own refusal ("permission denied for schema public") names neither what was tried nor
/// the way out.
fn may_create_tables(connection: &mut DbConnection) -> Result<bool, DbError> {
    let DbConnection::Postgres(connection) = connection else { return Ok(true) };
    // `current_schema()` is NULL if no schema of the search path exists.
    let right = "SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), FALSE) AS is_granted";
    Ok(sql_query(right).get_result::<Right>(connection)?.is_granted)
}
