//! Whether the schema of the database is one that this binary works with.
//!
//! Not by `MigrationHarness::applied_migrations`, which creates Diesel's table: a role that may not create tables could
//! not ask, and a command would leave that table in an empty database.

use std::collections::BTreeSet;

use diesel::{
    QueryDsl, QueryableByName, RunQueryDsl,
    dsl::max,
    migration::MigrationSource,
    sql_query,
    sql_types::{Bool, Text},
    sqlite::Sqlite,
};

use super::{
    connection::{DbConnection, dispatch},
    error::DbError,
    migrations,
    schema::schema_compatibility,
};

/// How the database's schema compares with the one of this binary. Migrations are known by their versions, which sort as
/// text does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaStatus {
    /// Migrations that the database lacks.
    pub pending: Vec<String>,
    /// Migrations that the database has and this binary does not know, because they are of a newer version.
    pub unknown: Vec<String>,
    /// Whether no migration was ever run.
    pub(super) is_empty_database: bool,
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
        // Every version that has migrations unknown here has this table. If it is missing, nothing vouches for them.
        let needs = match unknown.last() {
            None => None,
            Some(_) if has_table(connection, "schema_compatibility")? => declared(connection)?,
            Some(newest) => Some(newest.clone()),
        };
        Ok(Self {
            pending: known.difference(&applied).cloned().collect(),
            is_empty_database: applied.is_empty(),
            newest: known.last().cloned().unwrap_or_default(),
            unknown,
            needs,
        })
    }

    /// Fails if this binary cannot work with the schema, even if it first ran its own migrations.
    ///
    /// A database that has unknown migrations and lacks known ones is of no version before or after this one. To bring it
    /// forward is refused as well: nobody has tried these migrations in that order.
    pub(super) fn check_compatible(&self) -> Result<(), DbError> {
        match (self.unknown.last(), &self.needs) {
            (Some(unknown), _) if !self.pending.is_empty() => Err(too_new(unknown, &self.newest)),
            (_, Some(needs)) if *needs > self.newest => Err(too_new(needs, &self.newest)),
            _ => Ok(()),
        }
    }
}

/// Fails if a newer version has since declared the schema incompatible with this binary. One short query, for a database
/// whose schema was checked when it was opened.
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

/// The versions of this binary's migrations; those for PostgreSQL have the same.
fn known() -> Result<BTreeSet<String>, DbError> {
    let embedded = MigrationSource::<Sqlite>::migrations(&migrations::SQLITE);
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

/// The oldest version that can work with the schema; `None` if all can.
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
            // Not `to_regclass`: it may answer from the session's cache of names, which does not know yet what another node
            // has created while this one waited for its lock.
            let exists = "SELECT EXISTS (SELECT FROM pg_class WHERE relname = $1 AND relkind = 'r' \
                          AND pg_table_is_visible(oid)) AS \"exists\"";
            sql_query(exists).bind::<Text, _>(name).get_result(c)?
        }
    };
    Ok(exists)
}
