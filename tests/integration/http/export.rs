//! `/account/export`: complete at any length, and only one per account at a time.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{
    client::{Client, PASSWORD},
    database::TestDatabase,
    server::TestServer,
};

/// Adds `count` events to the account of user 1, starting long ago, each with a user agent of `width` letters.
async fn add_events(server: &TestServer, count: usize, width: usize) {
    let padding = "x".repeat(width);
    let insert = format!(
        "INSERT INTO audit (user_id, event, at, ip, user_agent) WITH RECURSIVE n(i) AS \
        (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT 1, 'signed_in', i, '192.0.2.7', '{padding}' FROM n"
    );
    server.execute(&insert).await;
}

/// An export whose client stops reading. It is much larger than the buffers of a connection.
async fn stalled(server: &TestServer, client: &Client) -> Response {
    add_events(server, 20_000, 512).await;
    let response = client.request(Method::GET, "/account/export").send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    response
}

#[both_databases::test]
async fn long_lists_are_exported_completely_and_in_order(database: TestDatabase) {
    // The rows are of 1970, and the cleanup that every server starts with must not delete them.
    let server = TestServer::with(database, &[("AUDIT_KEEP", "30000d"), ("READS_KEEP", "30000d")]).await;
    let client = server.signed_in("ada").await;
    // Pages that are full, not full, and just full.
    for (table, columns, row, count) in [
        ("audit", "user_id, event, at", "1, 'signed_in', i", 1003),
        ("reads", "id, user_id, post_id, read_at, metered", "i, 1, 1, i / 7, TRUE", 600),
        ("refusals", "user_id, day, count", "1, i, i", 401),
    ] {
        let insert = format!(
            "INSERT INTO {table} ({columns}) WITH RECURSIVE n(i) AS \
                (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT {row} FROM n"
        );
        server.execute(&insert).await;
    }
    let export = client.get("/account/export").await.body;
    let of = |list: &str, key: &str| -> Vec<Value> {
        export[list].as_array().unwrap().iter().map(|row| row[key].clone()).collect()
    };
    let times = |millis: &mut dyn Iterator<Item = i64>| -> Vec<Value> {
        millis.map(|at| json!(tollgate::base::clock::Timestamp::from_millis(at))).collect()
    };
    assert_eq!(of("audit", "at")[..1003], times(&mut (1..=1003).rev()));
    assert_eq!(of("audit", "event")[1003..], [json!("signed_in"), json!("registered")]);
    assert_eq!(of("reads", "read_at"), times(&mut (1..=600).rev().map(|i| i / 7)));
    assert_eq!(of("refusals", "count"), (1..=401).rev().map(|i| json!(i)).collect::<Vec<_>>());
    assert_eq!(export["sessions"].as_array().unwrap().len(), 1);
}

#[both_databases::test]
async fn only_one_export_of_an_account_runs_at_a_time(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (ada, eve) = (server.signed_in("ada").await, server.signed_in("eve").await);
    let response = stalled(&server, &ada).await;
    let second = ada.get("/account/export").await;
    assert_eq!(second.header("retry-after"), Some("5"));
    let running = json!({ "error": "an export of this account is already running", "code": "too_many_requests" });
    assert_eq!(second.parts(), (429, running));
    assert_eq!(ada.head("/account/export").await.parts(), (200, Value::Null), "that exports nothing");
    assert_eq!(eve.get("/account/export").await.status, 200, "another account");

    let document: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(document["audit"].as_array().unwrap().len(), 20_002);
    assert_eq!(ada.try_get("/account/export").await, Some(200), "it is over");
}

#[both_databases::test]
async fn an_abandoned_export_ends(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    drop(stalled(&server, &client).await);
    server.execute("DELETE FROM audit").await;
    client.get_until("/account/export", |answer| answer.status == 200).await;
}

#[both_databases::test]
async fn an_export_stops_when_its_session_ends(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (thief, owner) = (server.signed_in("ada").await, server.client());
    let response = stalled(&server, &thief).await;
    owner.login("ada").await;
    let change = json!({ "current_password": PASSWORD, "new_password": "seven wiser toads" });
    assert_eq!(owner.post("/account/password", &change).await.status, 204);
    let read = tokio::time::timeout(Duration::from_secs(30), response.bytes()).await.unwrap();
    assert!(read.is_err(), "the download is not complete");
    assert_eq!(owner.try_get("/account/export").await, Some(200), "and the next one can run");
}
