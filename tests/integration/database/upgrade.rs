//! A schema that a newer version has changed.

use std::sync::mpsc;

use actix_web::rt::{
    spawn,
    task::{spawn_blocking, yield_now},
};
use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query,
    sql_types::BigInt,
};
use serde_json::json;
use tollgate::{
    config::DatabaseLimits,
    db::{Db, DbConnection, DbError, Tx},
};

use super::schema;
use crate::support::{
    database::{Kind, TestDatabase, execute},
    fixtures::unavailable,
    newer_version::{CONTRACTING, EXPANDING, UNRELEASED, make_unreleased, migrate, newest},
    postgres::SHARED,
    server::TestServer,
};

/// Opens the database as a server does, and as a command does.
async fn open(database: &TestDatabase) -> [Result<Db, DbError>; 2] {
    let url = database.config_url();
    let open = move || [Db::open(&url, DatabaseLimits::default(), |_| Ok(())), Db::open_current(&url)];
    actix_web::rt::task::spawn_blocking(open).await.unwrap()
}

async fn assert_too_new(database: &TestDatabase, needs: &str) {
    for opened in open(database).await {
        let text = format!(
            "the database schema is too new for this version of tollgate: it needs migration {needs}, and the \
             newest one of this version is {}; start a newer version, or restore a backup from before the upgrade",
            newest()
        );
        assert_eq!(opened.err().unwrap().to_string(), text);
    }
}

#[both_databases::test]
async fn a_node_serves_and_starts_on_an_expanded_schema(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let db = server.database.open().await;
    migrate(&db, EXPANDING).await;
    assert_eq!(db.schema_status().await.unwrap().unknown, ["20990101000000"]);
    assert!(open(&server.database).await.iter().all(Result::is_ok));
    for node in [server.address.clone(), server.second_node(&[]).await] {
        let client = server.client().at(&node);
        assert_eq!(client.get("/readyz").await.parts(), (200, json!({ "status": "ok" })));
        let name = format!("ada{}", node.len() + usize::from(node == server.address));
        client.register(&name).await;
        client.login(&name).await;
        assert_eq!(client.get("/blog/1").await.status, 200);
    }
}

#[both_databases::test]
async fn a_contracted_schema_makes_nodes_unready_and_prevents_their_start(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let db = server.database.open().await;
    migrate(&db, EXPANDING).await;
    migrate(&db, CONTRACTING).await;
    assert_eq!(client.get("/readyz").await.parts(), unavailable());
    assert_eq!(client.get("/check_session").await.status, 200, "what still works is served");
    assert_too_new(&server.database, "20990101000000").await;
}

#[both_databases::test]
async fn a_schema_that_requires_this_version_is_served(database: TestDatabase) {
    let db = database.open().await;
    let declare = format!("INSERT INTO schema_compatibility VALUES ('{}')", newest());
    migrate(&db, ("2099-03-01-000000_declare", &declare)).await;
    db.ping().await.unwrap();
    assert!(open(&database).await.iter().all(Result::is_ok));
}

#[both_databases::test]
async fn a_schema_with_unknown_and_missing_migrations_is_not_migrated(database: TestDatabase) {
    let db = database.open().await;
    migrate(&db, EXPANDING).await;
    let newest = newest();
    let forget = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{newest}'");
    assert_eq!(database.execute(&forget).await, 1);
    assert_too_new(&database, "20990101000000").await;
    assert_eq!(db.schema_status().await.unwrap().pending, [newest]);
}

#[both_databases::test]
async fn unknown_migrations_without_a_compatibility_row_are_refused(database: TestDatabase) {
    let db = database.open().await;
    migrate(&db, ("2099-04-01-000000_forget", "DROP TABLE schema_compatibility")).await;
    assert_too_new(&database, "20990401000000").await;
}

#[both_databases::test]
async fn a_database_of_an_unreleased_version_is_neither_opened_nor_changed(database: TestDatabase) {
    let db = database.open().await;
    make_unreleased(&database).await;
    let before = db.schema_status().await.unwrap();
    for opened in open(&database).await {
        assert_eq!(opened.err().unwrap().to_string(), UNRELEASED);
    }
    assert_eq!(db.schema_status().await.unwrap(), before);
    // Migrations of a release do not make it compatible.
    migrate(&db, EXPANDING).await;
    for opened in open(&database).await {
        assert_eq!(opened.err().unwrap().to_string(), UNRELEASED);
    }
}

#[both_databases::test]
async fn opening_a_current_schema_neither_writes_nor_locks(database: TestDatabase) {
    database.open().await;
    let name = database.url.rsplit('/').next().unwrap();
    let mut writer = match database.kind {
        Kind::Sqlite => Some(SqliteConnection::establish(database.url.strip_prefix("sqlite://").unwrap()).unwrap()),
        Kind::Postgres => {
            let read_only = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
            SHARED.as_ref().unwrap().execute(&read_only);
            None
        }
    };
    // Another process holds the write lock. It waits for it, because connections that are being closed may still lock
    // the file.
    writer.iter_mut().for_each(|writer| writer.batch_execute("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE").unwrap());
    assert!(open(&database).await.iter().all(Result::is_ok));
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    waiting: i64,
}

fn waiting_for_locks(connection: &mut DbConnection) -> Result<i64, DbError> {
    const WAITING: &str = "SELECT count(*) AS waiting FROM pg_stat_activity \
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let DbConnection::Postgres(connection) = connection else { panic!("only PostgreSQL has this view") };
    Ok(sql_query(WAITING).get_result::<Waiting>(connection)?.waiting)
}

#[actix_web::test]
async fn a_migration_that_waits_for_a_lock_does_not_hold_up_requests() {
    const WRITE: &str = "LOCK TABLE busy IN ROW EXCLUSIVE MODE";
    let Some(database) = TestDatabase::new(Kind::Postgres) else { return };
    let db = database.open().await;
    db.write(|tx| schema::migrate(tx, false)).await.unwrap();
    // Makes the migration lock a table as one that adds a column does.
    for sql in [
        "CREATE TABLE busy (id BIGINT)",
        "CREATE FUNCTION lock_busy() RETURNS event_trigger LANGUAGE plpgsql AS $$ \
         BEGIN LOCK TABLE busy IN ACCESS EXCLUSIVE MODE; END $$",
        "CREATE EVENT TRIGGER lock_busy ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION lock_busy()",
    ] {
        db.write(move |tx| execute(tx, sql)).await.unwrap();
    }
    let (locked, is_locked) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    let long_transaction = move |tx: &mut Tx<'_>| {
        execute(tx, WRITE)?;
        locked.send(()).unwrap();
        let _ = ended.recv();
        Ok::<_, DbError>(())
    };
    let holder = db.clone();
    let long_transaction = spawn(async move { holder.write(long_transaction).await });
    spawn_blocking(move || is_locked.recv().unwrap()).await.unwrap();

    let url = database.config_url();
    let migrated = spawn_blocking(move || Db::open(&url, DatabaseLimits::default(), |_| Ok(())));
    while db.read(waiting_for_locks).await.unwrap() == 0 {
        yield_now().await;
    }
    // A request like that of the long transaction, which alone would not keep it waiting.
    db.write(|tx| execute(tx, WRITE)).await.unwrap();
    assert!(!migrated.is_finished() && !db.schema_status().await.unwrap().pending.is_empty());
    drop(end);
    long_transaction.await.unwrap().unwrap();
    migrated.await.unwrap().unwrap();
    assert_eq!(db.schema_status().await.unwrap().pending, Vec::<String>::new());
}
