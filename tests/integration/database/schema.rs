//! The migrations, and whether `schema.rs` matches them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Bool, Text},
};
use diesel_migrations::MigrationHarness;
use futures_util::future::join_all;
use tollgate::{
    base::clock::Timestamp,
    config::DatabaseLimits,
    daily_counts::{self, DayCounts},
    db::{Db, DbConnection, DbError, Tx, migrations},
    paywall::{
        content::ContentId,
        counting::{self, Limits, MeteredRead, batches},
        meter_id::MeterId,
        posts::{self, Audience},
    },
};

use crate::support::{
    database::{TestDatabase, execute},
    fixtures::{INSERT_POST, insert_user},
};

/// Tables with their columns and the columns' Diesel types.
type Tables = BTreeMap<String, BTreeMap<String, String>>;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    data_type: String,
    #[diesel(sql_type = Bool)]
    is_nullable: bool,
}

const SQLITE_COLUMNS: &str = "SELECT t.name AS table_name, c.name AS column_name, c.type AS data_type, \
    c.\"notnull\" = 0 AS is_nullable FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND t.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\'";

const POSTGRES_COLUMNS: &str = "SELECT table_name::text, column_name::text, data_type::text, \
    is_nullable = 'YES' AS is_nullable FROM information_schema.columns \
    WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'";

fn tables(connection: &mut DbConnection) -> Result<Tables, DbError> {
    let columns: Vec<Column> = match connection {
        DbConnection::Sqlite(c) => sql_query(SQLITE_COLUMNS).load(c)?,
        DbConnection::Postgres(c) => sql_query(POSTGRES_COLUMNS).load(c)?,
    };
    let mut tables = Tables::new();
    for column in columns {
        let kind = diesel_type(&column.data_type);
        let kind = if column.is_nullable { format!("Nullable<{kind}>") } else { kind.to_owned() };
        tables.entry(column.table_name).or_default().insert(column.column_name, kind);
    }
    Ok(tables)
}

fn diesel_type(declared: &str) -> &'static str {
    match declared.to_lowercase().as_str() {
        "integer" | "bigint" => "BigInt",
        "text" => "Text",
        "blob" | "bytea" => "Binary",
        "boolean" => "Bool",
        other => panic!("{other} is not a type that both databases have alike"),
    }
}

/// The tables in the text of `schema.rs`.
fn written() -> Tables {
    let source = include_str!("../../../src/db/schema.rs");
    let tables = source.split("diesel::table! {").skip(1).map(|table| {
        let (head, columns) = table.split_once(") {").unwrap();
        let name = head.split('(').next().unwrap().trim().to_owned();
        let columns = columns.split('}').next().unwrap().split(',').filter_map(|column| column.split_once("->"));
        (name, columns.map(|(name, kind)| (name.trim().to_owned(), kind.trim().to_owned())).collect())
    });
    tables.collect()
}

/// Runs all migrations, or reverts them.
pub(super) fn migrate(connection: &mut DbConnection, up: bool) -> Result<(), DbError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| DbError::Query(error.to_string());
    match (connection, up) {
        (DbConnection::Sqlite(c), true) => c.run_pending_migrations(migrations::SQLITE).map(drop),
        (DbConnection::Sqlite(c), false) => c.revert_all_migrations(migrations::SQLITE).map(drop),
        (DbConnection::Postgres(c), true) => c.run_pending_migrations(migrations::POSTGRES).map(drop),
        (DbConnection::Postgres(c), false) => c.revert_all_migrations(migrations::POSTGRES).map(drop),
    }
    .map_err(failed)
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        folders.map(|entry| entry.file_name().into_string().unwrap()).collect()
    };
    assert!(!names("sqlite").is_empty());
    assert_eq!(names("sqlite"), names("postgres"));
}

#[both_databases::test]
async fn schema_rs_matches_the_migrations(database: TestDatabase) {
    let made = database.open().await.read(tables).await.unwrap();
    assert_eq!(made, written());
}

#[both_databases::test]
async fn migrations_can_be_reverted_and_run_again(database: TestDatabase) {
    let db = database.open().await;
    db.write(|tx| migrate(tx, false)).await.unwrap();
    assert_eq!(db.read(tables).await.unwrap(), Tables::new());
    db.write(|tx| migrate(tx, true)).await.unwrap();
    assert_eq!(db.read(tables).await.unwrap(), written());
}

#[both_databases::test]
async fn nodes_that_start_together_migrate_once(database: TestDatabase) {
    let nodes = (0..4).map(|_| {
        let url = database.config_url();
        let fill = |tx: &mut Tx<'_>| {
            execute(tx, INSERT_POST)?;
            Ok(())
        };
        actix_web::rt::task::spawn_blocking(move || Db::open(&url, DatabaseLimits::default(), fill))
    });
    for node in join_all(nodes).await {
        let db = node.unwrap().unwrap();
        let posts = db.read(|connection| posts::list(connection, Audience::Editors, None, 10));
        assert_eq!(posts.await.unwrap().len(), 1, "only who made the tables fills them");
    }
}

#[both_databases::test]
async fn reads_are_in_the_statistics_before_and_after_they_are_added_up(database: TestDatabase) {
    const AT: Timestamp = Timestamp::from_millis(20_000 * 86_400_000);
    const LIMITS: Limits = Limits { user: 5, anonymous: 5, network: 5, period: Duration::from_secs(1) };
    let db = database.open().await;
    for id in 1..=2 {
        database.execute(&insert_user(id)).await;
    }
    let reader = MeterId::of_reader(1);
    let anonymous = move |post_id| MeteredRead { meter: reader, reader, content: ContentId::post(post_id), at: AT };
    db.write(move |tx| {
        daily_counts::add(tx, 20_000, DayCounts { reads: 3, readers: 2, ..DayCounts::default() })?;
        for post_id in [7, 8] {
            counting::charge(tx, &[1, 2].map(|id| MeteredRead::by_user(id, ContentId::post(post_id), AT)), &LIMITS)?;
            counting::charge(tx, &[anonymous(post_id)], &LIMITS)?;
        }
        counting::record_free(tx, MeteredRead::by_user(1, ContentId::post(9), AT), true)
    })
    .await
    .unwrap();

    let day = DayCounts {
        reads: 10,
        readers: 5,
        anonymous_reads: 2,
        anonymous_readers: 1,
        subscriber_reads: 1,
        ..DayCounts::default()
    };
    let counted = || db.read(|connection| daily_counts::between(connection, 20_000, 20_000));
    assert_eq!(total(counted().await.unwrap()), day);
    assert_eq!(db.write(|tx| batches::add_up(tx, 100)).await.unwrap(), 5);
    assert_eq!(total(counted().await.unwrap()), day);
    let posts =
        "DELETE FROM post_days WHERE (day, post_id, reads) IN (VALUES (20000, 7, 3), (20000, 8, 3), (20000, 9, 1))";
    assert_eq!(database.execute(posts).await, 3);
}

fn total(parts: Vec<(i64, DayCounts)>) -> DayCounts {
    let mut total = DayCounts::default();
    parts.into_iter().for_each(|(_, part)| total += part);
    total
}

#[both_databases::test]
async fn deleting_a_user_deletes_all_their_rows(database: TestDatabase) {
    for sql in [
        insert_user(1).as_str(),
        INSERT_POST,
        "INSERT INTO meters (id, user_id, period_started_at, used) VALUES (1, 1, 0, 1)",
        "INSERT INTO reads (id, user_id, post_id, read_at, metered) VALUES (1, 1, 1, 0, TRUE)",
        "INSERT INTO refusals (user_id, day, count) VALUES (1, 0, 1)",
        "INSERT INTO subscriptions (id, user_id) VALUES ('s', 1)",
        "INSERT INTO customers (id, user_id, user_event) VALUES ('c', 1, 'e')",
        "DELETE FROM users",
    ] {
        database.execute(sql).await;
    }
    for table in ["meters", "reads", "refusals", "subscriptions", "customers"] {
        assert_eq!(count(&database, table).await, 0, "{table}");
    }
}

async fn count(database: &TestDatabase, table: &'static str) -> usize {
    let db = database.open().await;
    db.write(move |tx| execute(tx, &format!("DELETE FROM {table}"))).await.unwrap()
}
