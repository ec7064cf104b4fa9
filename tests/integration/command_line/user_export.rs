//! User exports.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::{Value, json};

use super::{
    error_of, json_of, not_found_of, run, text,
    user_import::{HASH, write},
};
use crate::support::{client::PASSWORD, database::TestDatabase, server::TestServer};

#[both_databases::test]
async fn all_users_are_exported_in_order_without_hashes(database: TestDatabase) {
    let server = TestServer::start(database).await;
    json_of(&server, &["user", "add", "=1+1", "--email", "\"a,b\"@example.org", "--admin"], PASSWORD).await;
    json_of(&server, &["user", "add", "Zoë"], PASSWORD).await;
    json_of(&server, &["user", "disable", "zoë"], "").await;
    json_of(&server, &["grant", "=1+1", "--until", "2127-01-01T00:00:00Z"], "").await;
    server.execute("UPDATE users SET created_at = 0, updated_at = CASE WHEN id = 2 THEN 1 END").await;
    let exported = run(&server, &["user", "export", "users.csv"], "").await;
    assert_eq!(
        (text(&exported.stdout), text(&exported.stderr)),
        ("users exported to users.csv: 2\n".to_owned(), String::new())
    );
    let file = server.database.folder().join("users.csv");
    let csv = "id,username,email,email_verified,pending_email,role,is_active,created_at,updated_at,subscribed_until\n\
         1,=1+1,\"\"\"a,b\"\"@example.org\",false,,admin,true,1970-01-01T00:00:00.000Z,,2127-01-01T00:00:00.000Z\n\
         2,Zoë,,false,,user,false,1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.001Z,\n";
    assert_eq!(fs::read_to_string(&file).unwrap(), csv);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    assert_eq!(json_of(&server, &["user", "export", "users.jsonl"], "").await, json!({ "exported": 2 }));
    let lines = fs::read_to_string(server.database.folder().join("users.jsonl")).unwrap();
    let users: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json!(users), json_of(&server, &["user", "list"], "").await);
    assert_eq!(text(&run(&server, &["user", "export", "-", "--format", "csv"], "").await.stdout), csv);

    let nameless = error_of(&server, &["user", "export", "-"], "").await;
    assert_eq!(nameless, "tollgate: the format of - is unknown: add --format csv or --format jsonl\n");
    let again = error_of(&server, &["user", "export", "users.csv"], "").await;
    assert!(again.starts_with("tollgate: users.csv: File exists"), "{again}");
    assert_eq!(fs::read_to_string(&file).unwrap(), csv);
}

#[both_databases::test]
async fn an_export_of_several_pages_is_complete(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let empty = run(&server, &["user", "export", "-", "--format", "csv"], "").await;
    assert_eq!(
        text(&empty.stdout),
        "id,username,email,email_verified,pending_email,role,is_active,created_at,updated_at,subscribed_until\n"
    );
    let rows: String = (0..2000).map(|number| format!("user{number},{HASH}\n")).collect();
    write(&server, "users.csv", &format!("username,password_hash\n{rows}"));
    json_of(&server, &["user", "import", "users.csv"], "").await;
    // Ids have gaps.
    assert_eq!(server.execute("DELETE FROM users WHERE username_key IN ('user0', 'user999', 'user1000')").await, 3);
    assert_eq!(json_of(&server, &["user", "export", "all.jsonl"], "").await, json!({ "exported": 1997 }));
    let lines = fs::read_to_string(server.database.folder().join("all.jsonl")).unwrap();
    let users: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json!(users), json_of(&server, &["user", "list"], "").await);
}

#[both_databases::test]
async fn what_is_stored_about_one_user_is_the_document_that_the_user_gets(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let ada = server.signed_in("ada").await;
    server.client().register("eve").await;
    assert_eq!(ada.get("/blog/1").await.status, 200);
    let shown: Value = json_of(&server, &["user", "export", "-", "--user", "ada"], "").await;
    assert_eq!(shown, ada.get("/account/export").await.body);
    assert_eq!((&shown["user"]["username"], shown["reads"].as_array().unwrap().len()), (&json!("ada"), 1));
    let saved = json_of(&server, &["user", "export", "ada.json", "--user", "ada"], "").await;
    assert_eq!(saved, json!({ "username": "ada", "file": "ada.json" }));
    let file = server.database.folder().join("ada.json");
    assert_eq!(serde_json::from_str::<Value>(&fs::read_to_string(&file).unwrap()).unwrap(), shown);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let error = not_found_of(&server, &["user", "export", "bob.json", "--user", "bob"]).await;
    assert_eq!(error, "tollgate: user not found: bob\n");
    assert!(!server.database.folder().join("bob.json").exists());
}
