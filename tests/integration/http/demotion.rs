//! An admin who loses the role while a request of theirs waits for the database.

use std::{sync::mpsc, time::Duration};

use futures_util::future::join3;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;
use tollgate::db::{DbError, Tx};

use crate::support::{
    client::{Answer, Client},
    database::{TestDatabase, execute},
    fixtures::forbidden,
    server::TestServer,
};

/// A server with metrics, which show when a write is waiting, and a browser whose user is an admin.
async fn start(database: TestDatabase) -> (TestServer, Client) {
    let server = TestServer::with(database, &[("METRICS_ADDR", "127.0.0.1:0")]).await;
    let admin = server.admin("editor").await;
    (server, admin)
}

/// Sends a request while another process demotes all users in a transaction, which commits once the request waits for
/// it.
async fn overtaken(server: &TestServer, admin: &Client, method: Method, path: &str, body: Option<Value>) -> Answer {
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (release, released) = mpsc::channel();
    let demote = move |tx: &mut Tx<'_>| {
        execute(tx, "UPDATE users SET role = 'user'")?;
        execute(tx, "UPDATE posts SET title = title")?;
        begun.send(()).unwrap();
        released.recv_timeout(Duration::from_secs(30)).unwrap();
        Ok::<_, DbError>(())
    };
    let other = server.database.open().await;
    let sending = async {
        has_begun.await.unwrap();
        let request = admin.request(method, path);
        admin.send(body.iter().fold(request, |request, body| request.json(body))).await
    };
    let waiting = async {
        let until_it_waits = async { while !is_waiting(server).await {} };
        timeout(Duration::from_secs(30), until_it_waits).await.unwrap();
        release.send(()).unwrap();
    };
    let (demoted, answer, ()) = join3(other.write(demote), sending, waiting).await;
    demoted.unwrap();
    answer
}

/// Whether the server waits for the other process, according to its metrics (SQLite) or to PostgreSQL's statistics.
async fn is_waiting(server: &TestServer) -> bool {
    if server.is_postgres() {
        let waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        return server.execute(waiting).await > 0;
    }
    let metrics = reqwest::get(format!("http://{}/metrics", server.metrics.unwrap())).await.unwrap();
    metrics.text().await.unwrap().contains("tollgate_database_connections_busy{pool=\"writer\"} 1")
}

#[both_databases::test]
async fn deletes_no_post(database: TestDatabase) {
    let (server, admin) = start(database).await;
    let answer = overtaken(&server, &admin, Method::DELETE, "/blog/1", None).await;
    assert_eq!(answer.parts(), forbidden());
    assert_eq!(admin.get("/blog/1").await.status, 200);
}

#[both_databases::test]
async fn replaces_no_post(database: TestDatabase) {
    let (server, admin) = start(database).await;
    let post = json!({ "title": "Late", "data": "Too late." });
    let answer = overtaken(&server, &admin, Method::PUT, "/blog/1", Some(post)).await;
    assert_eq!(answer.parts(), forbidden());
    assert_ne!(admin.get("/blog/1").await.body["title"], json!("Late"));
}

#[both_databases::test]
async fn grants_no_subscription(database: TestDatabase) {
    let (server, admin) = start(database).await;
    let answer = overtaken(&server, &admin, Method::PUT, "/users/1/subscription", Some(json!({}))).await;
    assert_eq!(answer.parts(), forbidden());
    assert_eq!(admin.get("/subscription").await.body["status"], json!("none"));
}

#[both_databases::test]
async fn ends_no_subscription(database: TestDatabase) {
    let (server, admin) = start(database).await;
    assert_eq!(admin.send(admin.request(Method::PUT, "/users/1/subscription")).await.status, 200);
    let answer = overtaken(&server, &admin, Method::DELETE, "/users/1/subscription", None).await;
    assert_eq!(answer.parts(), forbidden());
    assert_eq!(admin.get("/subscription").await.body["status"], json!("active"));
}
