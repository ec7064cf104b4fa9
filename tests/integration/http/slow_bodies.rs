//! A request is authenticated by its head; its body may arrive after the session has ended.

use std::time::Duration;

use futures_util::{FutureExt, future::join, stream};
use reqwest::{Body, Method};
use serde_json::{Value, json};
use tokio::{sync::oneshot, time::timeout};

use crate::support::{
    client::{Client, PASSWORD},
    database::TestDatabase,
    fixtures::login_required,
    server::TestServer,
};

/// Sends a request whose session ends after the server has authenticated it and before its body arrives.
async fn overtaken(server: &TestServer, method: Method, path: &str, body: Value, how: &str) {
    let (slow, other) = (server.signed_in("ada").await, server.client());
    other.login("ada").await;
    server.promote("ada").await;
    // A minute later, so that the request updates its session when it is authenticated.
    server.advance(Duration::from_secs(61));
    let (release, released) = oneshot::channel();
    let body = stream::once(released.map(move |_| Ok::<_, std::io::Error>(body.to_string())));
    let request = slow.request(method.clone(), path).header("content-type", "application/json");
    let sending = slow.send(request.body(Body::wrap_stream(body)));
    let meanwhile = async {
        let let_in = async { while !is_let_in(&other).await {} };
        timeout(Duration::from_secs(30), let_in).await.unwrap();
        match how {
            "disabled" => drop(server.execute("UPDATE users SET is_active = FALSE").await),
            _ => assert_eq!(other.delete("/sessions").await.status, 204),
        }
        release.send(()).unwrap();
    };
    let (answer, ()) = join(sending, meanwhile).await;
    let refused = login_required();
    assert_eq!(answer.parts(), refused, "{method} {path} {how}");
}

async fn is_let_in(other: &Client) -> bool {
    let listed = other.get("/sessions").await.body;
    let sessions = listed.as_array().unwrap();
    sessions.iter().any(|session| {
        session["current"] == json!(false) && session["last_seen_at"] == json!("2026-11-21T10:01:01.000Z")
    })
}

#[both_databases::test]
async fn a_session_that_ended_meanwhile_cannot_rename_the_account(database: TestDatabase) {
    let server = TestServer::start(database).await;
    overtaken(&server, Method::PATCH, "/account", json!({ "username": "eve" }), "revoked").await;
    assert_eq!(server.client().try_login("ada", PASSWORD).await, 200);
}

#[both_databases::test]
async fn a_session_that_ended_meanwhile_cannot_change_the_password(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "seven wiser toads" });
    overtaken(&server, Method::POST, "/account/password", change, "revoked").await;
    assert_eq!(server.client().try_login("ada", PASSWORD).await, 200);
}

#[both_databases::test]
async fn a_session_that_ended_meanwhile_cannot_delete_the_account(database: TestDatabase) {
    let server = TestServer::start(database).await;
    overtaken(&server, Method::DELETE, "/account", json!({ "password": PASSWORD }), "revoked").await;
    assert_eq!(server.client().try_login("ada", PASSWORD).await, 200);
}

#[both_databases::test]
async fn a_session_that_ended_meanwhile_cannot_end_other_sessions(database: TestDatabase) {
    let server = TestServer::start(database).await;
    overtaken(&server, Method::DELETE, "/sessions", json!({ "password": PASSWORD }), "disabled").await;
}

#[both_databases::test]
async fn a_session_that_ended_meanwhile_cannot_write_a_post(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let post = json!({ "title": "Late", "data": "Too late." });
    overtaken(&server, Method::POST, "/blog", post, "revoked").await;
    let posts = server.signed_in("eve").await.get("/blog").await.body;
    assert_eq!(posts.as_array().unwrap().len(), 3);
}

#[both_databases::test]
async fn an_admin_disabled_meanwhile_cannot_replace_a_post(database: TestDatabase) {
    let server = TestServer::start(database).await;
    overtaken(&server, Method::PUT, "/blog/1", json!({ "title": "Late", "data": "Too late." }), "disabled").await;
}

#[both_databases::test]
async fn a_session_that_ended_meanwhile_cannot_grant_a_subscription(database: TestDatabase) {
    let server = TestServer::start(database).await;
    overtaken(&server, Method::PUT, "/users/1/subscription", json!({}), "revoked").await;
}
