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
    clock::Timestamp,
    config::DatabaseLimits,
    db::{Db, DbConnection, DbError, Tx, migrations},
    models::{
        days::{self, DayCounts},
        meter_id::MeterId,
        metered_reads::{self, Limits, MeteredRead},
        meters::Meter,
        read_batches,
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

fn migrate(connection: &mut DbConnection, up: bool) -> Result<(), DbError> {
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
        let posts = db.read(|connection| tollgate::models::posts::list(connection, i64::MAX, 10, true));
        assert_eq!(posts.await.unwrap().len(), 1, "only who made the tables fills them");
    }
}

/// The migration that introduced the statistics.
const COUNT_DAYS: &str = "20261122140000";

/// The migration since which reads are added to the statistics later.
const ADD_READ_BATCHES: &str = "20261125210000";

pub(super) fn revert_to_before_days(connection: &mut DbConnection) -> Result<(), DbError> {
    revert_to_before(connection, COUNT_DAYS)
}

/// Reverts the migration `first` and all later ones.
fn revert_to_before(connection: &mut DbConnection, first: &str) -> Result<(), DbError> {
    loop {
        let reverted = match connection {
            DbConnection::Sqlite(c) => c.revert_last_migration(migrations::SQLITE),
            DbConnection::Postgres(c) => c.revert_last_migration(migrations::POSTGRES),
        };
        if reverted.map_err(|error| DbError::Query(error.to_string()))?.to_string() == first {
            return Ok(());
        }
    }
}

#[both_databases::test]
async fn reads_from_before_the_statistics_are_counted_and_older_versions_can_add_more(database: TestDatabase) {
    const AT: i64 = 20_000 * 86_400_000;
    const READ: &str = "INSERT INTO reads (user_id, post_id, read_at, metered) VALUES";
    let db = database.open().await;
    db.write(|tx| revert_to_before_days(tx)).await.unwrap();
    let before = [
        "INSERT INTO users (id, username, username_key, password_hash, created_at) \
         VALUES (1, 'a', 'a', 'h', 0), (2, 'b', 'b', 'h', 0)"
            .to_owned(),
        format!("INSERT INTO meters (user_id, period_started_at, used) VALUES (1, {AT}, 3)"),
        format!("{READ} (1, 7, {}, TRUE), (1, 7, {AT}, TRUE), (1, 7, {AT}, TRUE), (1, 8, {AT}, TRUE)", AT - 1),
        format!("{READ} (2, 7, {AT}, FALSE)"),
        "INSERT INTO refusals (user_id, day, count) VALUES (1, 20000, 2), (2, 20000, 3), (1, 19000, 4)".to_owned(),
    ];
    for sql in before {
        db.write(move |tx| execute(tx, &sql)).await.unwrap();
    }
    db.write(|tx| migrate(tx, true)).await.unwrap();

    let days = db.read(|connection| days::between(connection, 0, 30_000)).await.unwrap();
    let day = |reads, refusals, readers| DayCounts { reads, refusals, readers, ..DayCounts::default() };
    assert_eq!(sorted(days), [(19_000, day(0, 4, 0)), (19_999, day(1, 0, 1)), (20_000, day(4, 5, 2))]);
    let of_post =
        "DELETE FROM post_days WHERE (day, post_id, reads) IN (VALUES (20000, 7, 3), (20000, 8, 1), (19999, 7, 1))";
    assert_eq!(database.execute(of_post).await, 3);
    let now = Timestamp::from_millis(AT + 5);
    let charge = move |tx: &mut Tx<'_>| {
        let read = MeteredRead::by_user(1, 7, now);
        metered_reads::charge(tx, &[read], &Limits { reads: 5, network_reads: 0, period: Duration::from_secs(1) })
    };
    assert_eq!(
        db.write(charge).await.unwrap(),
        [Some(Meter { period_started_at: Timestamp::from_millis(AT), used: 4 })]
    );
    let days = db.read(|connection| days::between(connection, 20_000, 20_000)).await.unwrap();
    assert_eq!(total(days), day(5, 5, 2), "the reader was already counted on this day");

    // As the version before does.
    database.execute(&format!("{READ} (1, 7, {AT}, TRUE), (1, 7, {AT}, TRUE)")).await;
    database.execute(&format!("INSERT INTO meters (user_id, period_started_at, used) VALUES (2, {AT}, 1)")).await;
    assert_eq!(count(&database, "reads").await, 8);
}

#[both_databases::test]
async fn reads_that_are_not_added_up_stay_in_the_statistics_when_the_migration_is_reverted(database: TestDatabase) {
    const AT: Timestamp = Timestamp::from_millis(20_000 * 86_400_000);
    const LIMITS: Limits = Limits { reads: 5, network_reads: 5, period: Duration::from_secs(1) };
    let db = database.open().await;
    database.execute("INSERT INTO days (day, reads, readers) VALUES (20000, 3, 2)").await;
    // As a version before the migration does.
    database.execute("INSERT INTO post_reads (day, post_ids) VALUES (20000, '7,7,8')").await;
    for id in 1..=2 {
        database.execute(&insert_user(id)).await;
    }
    let reader = MeterId::of_reader(1);
    let anonymous = move |post_id| MeteredRead { meter: reader, reader, post_id, at: AT };
    db.write(move |tx| {
        for post_id in [7, 8] {
            metered_reads::charge(tx, &[1, 2].map(|id| MeteredRead::by_user(id, post_id, AT)), &LIMITS)?;
            metered_reads::charge(tx, &[anonymous(post_id)], &LIMITS)?;
        }
        metered_reads::record_free(tx, MeteredRead::by_user(1, 9, AT), true)
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
    let counted = || db.read(|connection| days::between(connection, 20_000, 20_000));
    assert_eq!(total(counted().await.unwrap()), day);
    db.write(|tx| revert_to_before(tx, ADD_READ_BATCHES)).await.unwrap();
    db.write(|tx| migrate(tx, true)).await.unwrap();
    assert_eq!(total(counted().await.unwrap()), day);
    assert_eq!(db.write(|tx| read_batches::add_up(tx, 100)).await.unwrap(), 6);
    assert_eq!(total(counted().await.unwrap()), day);
    let posts =
        "DELETE FROM post_days WHERE (day, post_id, reads) IN (VALUES (20000, 7, 5), (20000, 8, 4), (20000, 9, 1))";
    assert_eq!(database.execute(posts).await, 3);
}

fn total(parts: Vec<(i64, DayCounts)>) -> DayCounts {
    let mut total = DayCounts::default();
    parts.into_iter().for_each(|(_, part)| total += part);
    total
}

fn sorted<T: Ord + Copy, U>(mut rows: Vec<(T, U)>) -> Vec<(T, U)> {
    rows.sort_by_key(|(key, _)| *key);
    rows
}

#[both_databases::test]
async fn deleting_a_user_deletes_all_their_rows(database: TestDatabase) {
    for sql in [
        "INSERT INTO users (id, username, username_key, password_hash, created_at) VALUES (1, 'a', 'a', 'h', 0)",
        "INSERT INTO posts (id, title, data, excerpt, created_at) VALUES (1, 't', 'd', 'e', 0)",
        "INSERT INTO meters (user_id, period_started_at, used) VALUES (1, 0, 1)",
        "INSERT INTO reads (user_id, post_id, read_at, metered) VALUES (1, 1, 0, TRUE)",
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
