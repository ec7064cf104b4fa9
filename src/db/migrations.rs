//! The schema, embedded in the binary and brought up to date at start.

use diesel::{RunQueryDsl, sql_query, sql_types::BigInt};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{
    connection::{DbConnection, dispatch},
    error::DbError,
};

/// The migrations for SQLite.
pub const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
/// The migrations for PostgreSQL, with the same names.
pub const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// SQLite's writers exclude each other as they are. For PostgreSQL, a number that other programs do not lock: the letters "toll".
const LOCK: i64 = 0x746f_6c6c;

/// Brings the schema up to date, whole or not at all. Of several nodes that start at once one does it while the
/// others wait. `on_new` is run in the same transaction where there were no tables before.
///
/// # Errors
/// The database cannot serve, or a migration does not go through; the connection is then of no more use.
pub(super) fn run(
    connection: &mut DbConnection,
    on_new: impl FnOnce(&mut DbConnection) -> Result<(), DbError>,
) -> Result<(), DbError> {
    connection.begin()?;
    if let DbConnection::Postgres(c) = connection {
        // Another node may migrate for longer than a request would be waited for.
        sql_query("SET LOCAL statement_timeout = 0").execute(c)?;
        sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(LOCK).execute(c)?;
    }
    if migrate(connection)? {
        on_new(connection)?;
    }
    connection.commit()
}

/// Whether there is nothing to be done.
///
/// # Errors
/// There is, or the database cannot serve.
pub(super) fn check(connection: &mut DbConnection) -> Result<(), DbError> {
    let pending = match connection {
        DbConnection::Sqlite(c) => c.has_pending_migration(SQLITE),
        DbConnection::Postgres(c) => c.has_pending_migration(POSTGRES),
    };
    match pending {
        Ok(false) => Ok(()),
        Ok(true) => Err(DbError::OldSchema),
        Err(fault) => Err(DbError::Query(fault.to_string())),
    }
}

/// Whether there was nothing before.
fn migrate(connection: &mut DbConnection) -> Result<bool, DbError> {
    let failed = |fault: Box<dyn std::error::Error + Send + Sync>| DbError::Query(fault.to_string());
    let is_new = dispatch!(connection, |c| c.applied_migrations()).map_err(failed)?.is_empty();
    match connection {
        DbConnection::Sqlite(c) => c.run_pending_migrations(SQLITE).map(drop),
        DbConnection::Postgres(c) => c.run_pending_migrations(POSTGRES).map(drop),
    }
    .map_err(failed)?;
    Ok(is_new)
}
