//! Schemas of other versions.

use std::fs;

use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use tollgate::db::{Db, DbConnection, DbError, Tx};

use super::database::TestDatabase;

/// `tests/operations/next-version` builds a binary that has it.
pub(crate) const EXPANDING: (&str, &str) =
    ("2099-01-01-000000_expand", include_str!("../operations/next-migration/2099-01-01-000000_expand/up.sql"));

pub(crate) const CONTRACTING: (&str, &str) = (
    "2099-02-01-000000_contract",
    "ALTER TABLE posts DROP COLUMN slug; INSERT INTO schema_compatibility VALUES ('20990101000000');",
);

/// Runs a migration that this version does not know, as a newer version does when it starts.
pub(crate) async fn migrate(db: &Db, (name, sql): (&str, &str)) {
    let folder = tempfile::tempdir().unwrap();
    let migration = folder.path().join(name);
    fs::create_dir(&migration).unwrap();
    fs::write(migration.join("up.sql"), sql).unwrap();
    let migrations = FileBasedMigrations::from_path(folder.path()).unwrap();
    let run = move |tx: &mut Tx<'_>| {
        match tx.connection() {
            DbConnection::Sqlite(c) => c.run_pending_migrations(migrations).map(drop),
            DbConnection::Postgres(c) => c.run_pending_migrations(migrations).map(drop),
        }
        .map_err(|error| DbError::Query(error.to_string()))
    };
    db.write(run).await.unwrap();
}

/// Makes the database one of an unreleased version, whose migrations were older than those of all releases.
pub(crate) async fn make_unreleased(database: &TestDatabase) {
    let first = "UPDATE __diesel_schema_migrations SET version = '20261121000000'";
    assert_eq!(database.execute(first).await, 1);
}

/// The error for such a database.
pub(crate) const UNRELEASED: &str = "this database was created by an unreleased version of tollgate and cannot be upgraded; save its users with that \
     version (`tollgate user export`, without their passwords) if you need them, and start with a new database";

/// The newest migration that this version knows.
pub(crate) fn newest() -> String {
    let folders = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite")).unwrap();
    let names = folders.map(|folder| folder.unwrap().file_name().into_string().unwrap());
    names.max().unwrap().split('_').next().unwrap().replace('-', "")
}
