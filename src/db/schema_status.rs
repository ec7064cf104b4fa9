//! Checks whether this binary is compatible with the database's schema.
//!
//! `MigrationHarness::applied_migrations` is not used because it creates Diesel's table: it fails for a role that may
//! not create tables, and would leave the table behind in an empty database.

use std::collections::BTreeSet;

use diesel::{
    QueryDsl, QueryableByName, RunQueryDsl,
    dsl::max,
    migration::MigrationSource,
    sql_query,
    sql_types::{Bool, Text},
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::{
    connection::{DbConnection, dispatch},
    error::DbError,
    schema::schema_compatibility,
};

pub const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
/// Has a migration of the same name for each of SQLite's.
pub const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The database's schema compared with the one this binary expects. Migrations are identified by their versions, which
/// sort as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaStatus {
    /// Migrations that the database lacks.
    pub pending: Vec<String>,
    /// Migrations of a newer version, which this binary does not know.
    pub unknown: Vec<String>,
    /// Whether no migration was ever run.
    pub(super) is_empty_database: bool,
    /// Whether a migration was run that is older than this binary's first one. Releases never change that one, so only an
    /// unreleased version can have run it.
    is_unreleased: bool,
    newest: String,
    needs: Option<String>,
}

#[derive(QueryableByName)]
struct Existence {
    #[diesel(sql_type = Bool)]
    exists: bool,
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

impl SchemaStatus {
    pub(super) fn read(connection: &mut DbConnection) -> Result<Self, DbError> {
        let (known, applied) = (known()?, applied(connection)?);
        let unknown: Vec<_> = applied.difference(&known).cloned().collect();
        // Every newer version has this table. If it is missing, nothing declares the unknown migrations compatible.
        let needs = match unknown.last() {
            None => None,
            Some(_) if has_table(connection, "schema_compatibility")? => declared(connection)?,
            Some(newest) => Some(newest.clone()),
        };
        Ok(Self {
            pending: known.difference(&applied).cloned().collect(),
            is_empty_database: applied.is_empty(),
            is_unreleased: applied.first().is_some_and(|oldest| Some(oldest) < known.first()),
            newest: known.last().cloned().unwrap_or_default(),
            unknown,
            needs,
        })
    }

    /// Fails if this binary cannot work with the schema, even after running its own migrations.
    ///
    /// A database that has unknown migrations and lacks known ones matches no version before or after this one. It is
    /// not migrated either, because the migrations have never been tested in that order.
    pub(super) fn check_compatible(&self) -> Result<(), DbError> {
        if self.is_unreleased {
            return Err(DbError::UnreleasedSchema);
        }
        match (self.unknown.last(), &self.needs) {
            (Some(unknown), _) if !self.pending.is_empty() => Err(too_new(unknown, &self.newest)),
            (_, Some(needs)) if *needs > self.newest => Err(too_new(needs, &self.newest)),
            _ => Ok(()),
        }
    }
}

/// Fails if a newer version has declared the schema incompatible with this binary since the database was opened. A
/// single short query.
pub(super) fn check_declared(connection: &mut DbConnection) -> Result<(), DbError> {
    let newest = known()?.pop_last().unwrap_or_default();
    match declared(connection)? {
        Some(needs) if needs > newest => Err(too_new(&needs, &newest)),
        _ => Ok(()),
    }
}

fn too_new(needs: &str, newest: &str) -> DbError {
    DbError::NewerSchema { needs: needs.to_owned(), newest: newest.to_owned() }
}

/// The versions of this binary's migrations, which are the same for both databases.
fn known() -> Result<BTreeSet<String>, DbError> {
    let embedded = MigrationSource::<Sqlite>::migrations(&SQLITE);
    let embedded = embedded.map_err(|error| DbError::Query(error.to_string()))?;
    Ok(embedded.iter().map(|migration| migration.name().version().to_string()).collect())
}

fn applied(connection: &mut DbConnection) -> Result<BTreeSet<String>, DbError> {
    if !has_table(connection, "__diesel_schema_migrations")? {
        return Ok(BTreeSet::new());
    }
    let applied = sql_query("SELECT version FROM __diesel_schema_migrations");
    let applied: Vec<Applied> = dispatch!(connection, |c| applied.load(c))?;
    Ok(applied.into_iter().map(|Applied { version }| version).collect())
}

/// The oldest migration version that is compatible with the schema; `None` if all are.
fn declared(connection: &mut DbConnection) -> Result<Option<String>, DbError> {
    let newest = schema_compatibility::table.select(max(schema_compatibility::compatible_since));
    Ok(dispatch!(connection, |c| newest.get_result(c))?)
}

fn has_table(connection: &mut DbConnection, name: &str) -> Result<bool, DbError> {
    let Existence { exists } = match connection {
        DbConnection::Sqlite(c) => {
            let exists = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?) AS \"exists\"";
            sql_query(exists).bind::<Text, _>(name).get_result(c)?
        }
        DbConnection::Postgres(c) => {
            // Not `to_regclass`, which may answer from the session's cache and miss a table that another node created
            // while this one waited for the lock.
            let exists = "SELECT EXISTS (SELECT FROM pg_class WHERE relname = $1 AND relkind = 'r' \
                          AND pg_table_is_visible(oid)) AS \"exists\"";
            sql_query(exists).bind::<Text, _>(name).get_result(c)?
        }
    };
    Ok(exists)
}
