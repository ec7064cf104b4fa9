//! Dry runs of user imports.

use serde_json::json;

use super::{
    json_of, run, text,
    user_import::{HASH, names, write},
};
use crate::support::{client::PASSWORD, database::TestDatabase, server::TestServer};

#[both_databases::test]
async fn a_dry_run_reports_what_an_import_would_do_and_adds_nobody(database: TestDatabase) {
    let server = TestServer::start(database).await;
    json_of(&server, &["user", "add", "ada", "--email", "ada@example.org"], PASSWORD).await;
    let first = format!(
        "username,email,password_hash\n\
         ADA,,{HASH}\n\
         Ada,ADA@example.org,{HASH}\n\
         bob,ada@example.org,{HASH}\n\
         a b,,{HASH}\n\
         zoe,zoe@example.org,{HASH}\n"
    );
    // Enough lines for a second batch.
    let between: String = (0..600).map(|number| format!("user{number},,{HASH}\n")).collect();
    let last = format!("ZOE,zoe@example.org,{HASH}\nzoe,,{HASH}\nmax,ZOE@example.org,{HASH}\n");
    write(&server, "users.csv", &(first + &between + &last));
    let rehearsed = run(&server, &["user", "import", "users.csv", "--dry-run"], "").await;
    assert_eq!(text(&rehearsed.stdout), "601 would be imported, 1 already exist, 6 would be refused\n");
    let refused = "line 2 (ADA): the name is taken\n\
         line 4 (bob): the email address is taken\n\
         line 5 (a b): the username must not contain spaces\n\
         line 607 (ZOE): another line of this file has the same name\n\
         line 608 (zoe): another line of this file has the same name\n\
         line 609 (max): the email address is taken\n";
    assert_eq!(text(&rehearsed.stderr), format!("{refused}tollgate: 6 lines would be refused\n"));
    assert_eq!(rehearsed.status.code(), Some(1));
    assert_eq!(names(&server).await, ["ada"]);

    let imported = run(&server, &["user", "import", "users.csv"], "").await;
    assert_eq!(text(&imported.stdout), "601 imported, 1 already exist, 6 refused\n");
    assert_eq!(text(&imported.stderr), format!("{refused}tollgate: 6 lines were refused\n"));
    let good = json!({ "username": "new", "password_hash": HASH }).to_string();
    let rehearsed = json_of(&server, &["user", "import", "-", "--format", "jsonl", "--dry-run"], &good).await;
    assert_eq!(rehearsed, json!({ "imported": 1, "there_already": 0, "refused": 0 }));
}
