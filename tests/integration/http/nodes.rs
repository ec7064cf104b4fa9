//! Several servers on one database: changes on one are visible on the other. Caches are invalidated a moment later, for
//! which these tests wait; the meter is exact at once.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    server::TestServer,
};

/// A server with the signed-in user ada, and another node that has her session in its cache.
struct Nodes {
    /// Keep it, even unused: dropping it deletes the database.
    server: TestServer,
    here: Client,
    there: Client,
    cookie: String,
}

impl Nodes {
    async fn start(database: TestDatabase) -> Self {
        Self::with(database, &[]).await
    }

    async fn with(database: TestDatabase, settings: &[(&str, &str)]) -> Self {
        let server = TestServer::with(database, settings).await;
        let here = server.signed_in("ada").await;
        let node = server.second_node(settings).await;
        let cookie = here.login("ada").await.cookie();
        // It keeps its cookie, whatever the first node responds.
        let there = here.at(&node).with_headers(&[("cookie", &cookie)]);
        assert!(there.is_signed_in().await);
        Self { server, here, there, cookie }
    }
}

#[both_databases::test]
async fn a_logout_on_one_node_counts_on_the_other(database: TestDatabase) {
    let Nodes { server: _server, here, there, .. } = Nodes::start(database).await;
    assert_eq!(here.delete("/logout").await.status, 204);
    there.until_signed_out().await;
}

#[both_databases::test]
async fn a_session_ended_on_one_node_is_ended_on_the_other(database: TestDatabase) {
    let Nodes { server, there, .. } = Nodes::start(database).await;
    let other = server.client();
    other.login("ada").await;
    assert_eq!(other.delete("/sessions").await.status, 204);
    there.until_signed_out().await;
    assert!(other.is_signed_in().await);
}

#[both_databases::test]
async fn a_changed_password_ends_sessions_on_the_other_node(database: TestDatabase) {
    let Nodes { server, there, .. } = Nodes::start(database).await;
    let other = server.client();
    other.login("ada").await;
    let passwords = json!({ "current_password": PASSWORD, "new_password": "seven wiser toads" });
    assert_eq!(other.post("/account/password", &passwords).await.status, 204);
    there.until_signed_out().await;
}

#[both_databases::test]
async fn a_disabled_user_is_signed_out_on_all_nodes(database: TestDatabase) {
    let Nodes { server, here, there, .. } = Nodes::start(database).await;
    server.database.execute("UPDATE users SET is_active = FALSE").await;
    here.until_signed_out().await;
    there.until_signed_out().await;
}

#[both_databases::test]
async fn a_deleted_user_is_signed_out_on_all_nodes(database: TestDatabase) {
    let Nodes { server: _server, here, there, .. } = Nodes::start(database).await;
    assert_eq!(here.delete_with("/account", &json!({ "password": PASSWORD })).await.status, 204);
    there.until_signed_out().await;
}

#[both_databases::test]
async fn sessions_deleted_by_an_operator_with_sql_are_ended(database: TestDatabase) {
    let Nodes { server, here, there, .. } = Nodes::start(database).await;
    server.database.execute("UPDATE sessions SET expires_at = 0, idle_expires_at = 0").await;
    here.until_signed_out().await;
    there.until_signed_out().await;
}

#[both_databases::test]
async fn the_other_node_shows_changes_of_the_user(database: TestDatabase) {
    let Nodes { server: _server, here, there, .. } = Nodes::start(database).await;
    let changed = here.patch("/account", &json!({ "email": "ada@example.org" })).await;
    assert_eq!(changed.status, 200);
    there.get_until("/check_session", |answer| answer.body["email"] == json!("ada@example.org")).await;
}

#[both_databases::test]
async fn a_session_no_longer_fresh_is_not_fresh_on_the_other_node(database: TestDatabase) {
    let Nodes { server: _server, here, there, cookie } = Nodes::start(database).await;
    let elsewhere = here.with_headers(&[("user-agent", "another browser"), ("cookie", &cookie)]);
    assert!(elsewhere.is_signed_in().await);
    let is_stale = |answer: &Answer| answer.body["session"]["fresh_until"] == json!("2026-11-21T10:00:00.000Z");
    there.get_until("/check_session", is_stale).await;
}

#[both_databases::test]
async fn the_other_node_serves_an_edited_post(database: TestDatabase) {
    // If each request counted, waiting for the change would use up the meter.
    let Nodes { server, there, .. } = Nodes::with(database, &[("READS_COUNT", "posts")]).await;
    assert_eq!(there.get("/blog/1").await.status, 200);
    server.promote("ada").await;
    let editor = server.client();
    editor.login("ada").await;
    let post = json!({ "title": "Anew", "data": "Words that were not there before." });
    assert_eq!(editor.request(reqwest::Method::PUT, "/blog/1").json(&post).send().await.unwrap().status(), 200);
    let is_new = |answer: &Answer| answer.body["title"] == json!("Anew");
    there.get_until("/blog/1", is_new).await;
}

#[both_databases::test]
async fn all_nodes_share_one_meter(database: TestDatabase) {
    let Nodes { server, here, there, .. } = Nodes::start(database).await;
    let readers = (0..100).map(|n| if n % 2 == 0 { &here } else { &there }).map(|reader| reader.get("/blog/1"));
    let read = join_all(readers).await.into_iter().filter(|answer| answer.status == 200).count();
    assert_eq!(read, 5);
    assert_eq!(server.execute("UPDATE meters SET used = used WHERE used = 5").await, 1);
}

#[both_databases::test]
async fn the_first_reads_of_users_on_two_nodes_at_once_are_counted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let other = server.second_node(&[]).await;
    for number in 0..20 {
        let here = server.signed_in(&format!("user{number}")).await;
        let there = here.at(&other);
        let reads = join_all([&here, &there, &here, &there].map(|reader| reader.get("/blog/1"))).await;
        assert!(reads.iter().all(|answer| answer.status == 200), "{reads:?}");
        assert_eq!(here.get("/meter").await.body["used"], json!(4));
    }
}
