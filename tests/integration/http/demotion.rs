//! An admin who loses the role, or is disabled, while a request of theirs waits for the database.

use std::{sync::mpsc, time::Duration};

use futures_util::future::join3;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;
use tollgate::db::{DbError, Tx};

use super::{
    admin_access::is_for_editors,
    email::{self, verified},
};
use crate::support::{
    api_tokens::create,
    client::Answer,
    contract::DOCUMENT,
    database::{TestDatabase, execute},
    fixtures::{forbidden, forbidden_to_readers, login_required},
    server::TestServer,
    smtp::SmtpServer,
};

/// A server with metrics, which show when a write is waiting.
pub(super) async fn start(database: TestDatabase, smtp: &SmtpServer) -> TestServer {
    email::start(database, smtp, &[("METRICS_ADDR", "127.0.0.1:0")]).await
}

pub(super) const DEMOTE: &str = "UPDATE users SET role = 'user'";
pub(super) const DISABLE: &str = "UPDATE users SET is_active = FALSE WHERE id = 1";

/// Sends a request while another process takes the rights of its sender in a transaction, which commits once the request
/// waits for it.
pub(super) async fn overtaken(
    server: &TestServer,
    loss: &'static str,
    sending: impl Future<Output = Answer>,
) -> Answer {
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (release, released) = mpsc::channel();
    let locks_tables = server.is_postgres();
    let demote = move |tx: &mut Tx<'_>| {
        if locks_tables {
            execute(tx, "LOCK TABLE users, posts, outbox, payments, sessions IN EXCLUSIVE MODE")?;
        }
        execute(tx, loss)?;
        begun.send(()).unwrap();
        released.recv_timeout(Duration::from_secs(30)).unwrap();
        Ok::<_, DbError>(())
    };
    let other = server.database.open().await;
    let sending = async {
        has_begun.await.unwrap();
        sending.await
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

/// A request that would change something, by its operation in `openapi.yaml`. A new operation for admins must be added.
fn request(operation: &str) -> Option<(&'static str, Value)> {
    let post = json!({ "title": "Late", "data": "Too late." });
    Some(match operation {
        "createPost" => ("/blog", post),
        "replacePost" | "updatePost" => ("/blog/1", post),
        "deletePost" => ("/blog/1", Value::Null),
        "grantUserSubscription" | "endUserSubscription" => ("/users/2/subscription", json!({})),
        "setUserMeter" => ("/users/2/meter", json!({ "used": 3 })),
        "updateUser" => ("/users/2", json!({ "role": "admin", "is_active": false, "username": "late" })),
        "deleteUser" => ("/users/2", Value::Null),
        "endUserSessions" => ("/users/2/sessions", Value::Null),
        "deleteUserTokens" => ("/users/2/tokens", Value::Null),
        "deleteUserToken" => ("/users/2/tokens/1", Value::Null),
        "removeUserSecondFactors" => ("/users/2/second-factors", Value::Null),
        "unlockUser" => ("/users/2/lockout", Value::Null),
        "deleteAllTokens" => ("/tokens?all=1", Value::Null),
        "retryMessage" => ("/outbox/1000/retry", Value::Null),
        "discardMessage" => ("/outbox/1000", Value::Null),
        "assignPayment" => ("/payments/cs_1", json!({ "user_id": 2 })),
        "sendPasswordReset" => ("/users/2/password-reset", Value::Null),
        _ => return None,
    })
}

#[both_databases::test]
async fn changes_nothing(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp).await;
    verified(&server, &smtp, "editor", "editor@example.org", 0).await;
    let reader = verified(&server, &smtp, "reader", "reader@example.org", 1).await;
    create(&reader, &["account"]).await;
    let columns = "id, kind, recipient, payload, message_id, created_at, next_attempt_at, failed_at";
    let now = server.clock.now().millis();
    server
        .execute(&format!(
            "INSERT INTO outbox ({columns}) VALUES (1000, 'test', 'x@y.example', '{{}}', '<x>', {now}, 0, 1)"
        ))
        .await;
    server.execute("INSERT INTO payments (id, subscription, received_at) VALUES ('cs_1', 'sub_1', 1)").await;
    let unsent = "UPDATE outbox SET attempts = attempts WHERE id = 1000 AND failed_at = 1";
    let unmatched = "UPDATE payments SET received_at = 1 WHERE user_id IS NULL";
    let state = async || {
        assert_eq!((server.execute(unsent).await, server.execute(unmatched).await), (1, 1));
        let posts = reader.get("/blog").await.body;
        let account = reader.get("/check_session").await.body;
        (posts, account, reader.get("/meter").await.body, reader.get("/account/tokens").await.body)
    };
    let before = state().await;
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for method in ["post", "put", "patch", "delete"] {
            let operation = &item[method];
            if operation["security"][1]["token"] != json!(["admin"]) {
                continue;
            }
            let name = operation["operationId"].as_str().unwrap();
            // It writes a file and no row, so that it waits for nobody.
            if name == "uploadMedia" {
                continue;
            }
            let (address, body) = request(name).unwrap_or_else(|| panic!("what does {name} of {path} send?"));
            let method: Method = method.to_uppercase().parse().unwrap();
            let body = Some(body).filter(|body| !body.is_null());
            let demoted = if is_for_editors(&method, path) { forbidden_to_readers() } else { forbidden() };
            for (loss, refusal) in [(DEMOTE, demoted), (DISABLE, login_required())] {
                server.execute("UPDATE users SET is_active = TRUE").await;
                let admin = server.client();
                admin.login("editor").await;
                server.promote("editor").await;
                let request = admin.request(method.clone(), address);
                let request = body.iter().fold(request, |request, body| request.json(body));
                let answer = overtaken(&server, loss, admin.send(request)).await;
                assert_eq!(answer.parts(), refusal, "{name}: {loss}");
                assert_eq!(state().await, before, "{name}: {loss}");
            }
        }
    }
}
