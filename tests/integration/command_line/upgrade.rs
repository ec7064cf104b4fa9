//! Commands on a schema of another version.

use serde_json::json;

use super::{command, error_with_status, json_of, run, text};
use crate::support::{
    database::{Kind, TestDatabase},
    newer_version::{CONTRACTING, EXPANDING, UNRELEASED, make_unreleased, migrate, newest},
    server::TestServer,
};

#[both_databases::test]
async fn commands_work_on_an_expanded_schema_and_mention_it(database: TestDatabase) {
    let server = TestServer::start(database).await;
    assert_eq!(json_of(&server, &["migrate"], "").await, json!({ "up_to_date": true, "unknown_migrations": [] }));
    migrate(&server.database.open().await, EXPANDING).await;
    let unknown = json!({ "up_to_date": true, "unknown_migrations": ["20990101000000"] });
    assert_eq!(json_of(&server, &["migrate"], "").await, unknown);
    let said = "the schema is newer than this version, and compatible with it: 20990101000000\n";
    assert_eq!(text(&run(&server, &["migrate"], "").await.stdout), said);
    let finding = "has a schema that is newer than this version, but compatible: 20990101000000";
    let finding = json!([{ "setting": "DATABASE_URL", "is_fault": false, "text": finding }]);
    assert_eq!(json_of(&server, &["doctor"], "").await, finding);
    assert_eq!(json_of(&server, &["user", "list"], "").await, json!([]));
}

#[both_databases::test]
async fn every_command_refuses_a_contracted_schema(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let db = server.database.open().await;
    migrate(&db, EXPANDING).await;
    migrate(&db, CONTRACTING).await;
    let error = format!(
        "the database schema is too new for this version of tollgate: it needs migration 20990101000000, \
         and the newest one of this version is {}; start a newer version, or restore a backup from before the upgrade",
        newest()
    );
    for arguments in [&["migrate"][..], &["user", "list"]] {
        assert_eq!(error_with_status(&server, 69, arguments, "").await, format!("tollgate: {error}\n"));
    }
    let said = error_with_status(&server, 69, &["serve"], "").await;
    assert_eq!(said, format!("tollgate: DATABASE_URL: {error}\n"));
    let doctor = run(&server, &["--json", "doctor"], "").await;
    let found: serde_json::Value = serde_json::from_slice(&doctor.stdout).unwrap();
    assert_eq!(found, json!([{ "setting": "DATABASE_URL", "is_fault": true, "text": error }]));
}

#[both_databases::test]
async fn every_command_rejects_a_database_of_an_unreleased_version(database: TestDatabase) {
    let server = TestServer::start(database).await;
    make_unreleased(&server.database).await;
    for arguments in [&["migrate"][..], &["user", "list"]] {
        assert_eq!(error_with_status(&server, 69, arguments, "").await, format!("tollgate: {UNRELEASED}\n"));
    }
    let said = error_with_status(&server, 69, &["serve"], "").await;
    assert_eq!(said, format!("tollgate: DATABASE_URL: {UNRELEASED}\n"));
    let doctor = run(&server, &["--json", "doctor"], "").await;
    let found: serde_json::Value = serde_json::from_slice(&doctor.stdout).unwrap();
    assert_eq!(found, json!([{ "setting": "DATABASE_URL", "is_fault": true, "text": UNRELEASED }]));
}

#[actix_web::test]
async fn a_command_creates_nothing_in_an_empty_postgresql_database() {
    let Some(database) = TestDatabase::new(Kind::Postgres) else { return };
    let output = command(database.folder(), &database.url, &["user", "list"], "").await;
    let error =
        "tollgate: the database schema is not up to date; run `tollgate migrate` or start the server to migrate it\n";
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), error.to_owned()));
    let (client, connection) = tokio_postgres::connect(&database.url, tokio_postgres::NoTls).await.unwrap();
    actix_web::rt::spawn(connection);
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(client.query_one(tables, &[]).await.unwrap().get::<_, i64>(0), 0);
}
