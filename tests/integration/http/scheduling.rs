//! Posts that are published in the future.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    client::{CHROMIUM, Client},
    database::TestDatabase,
    gifts::{link, subscriber},
    server::TestServer,
};

const MINUTE: Duration = Duration::from_secs(60);
const MILLISECOND: Duration = Duration::from_millis(1);

fn not_found() -> (u16, Value) {
    (404, json!({ "error": "Blog not found", "code": "blog_not_found" }))
}

fn scheduled(access: &str) -> Value {
    json!({ "title": "Soon", "data": "Secret words.", "access": access, "published_at": "2026-11-21T10:01:00Z" })
}

async fn ids(client: &Client, path: &str) -> Vec<i64> {
    client.get(path).await.body.as_array().unwrap().iter().map(|post| post["id"].as_i64().unwrap()).collect()
}

#[both_databases::test]
async fn a_scheduled_post_appears_at_its_time_on_every_node(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_ANONYMOUS", "5")]).await;
    let (editor, reader) = (server.admin("editor").await, server.signed_in("ada").await);
    let node = server.client().at(&server.second_node(&[("READS_ANONYMOUS", "5")]).await);
    let created = editor.post("/blog", &scheduled("metered")).await;
    assert_eq!((created.status, &created.body["published"]), (201, &json!(true)));
    assert_eq!(created.body["published_at"], json!("2026-11-21T10:01:00.000Z"));
    // An editor's request brings the post into the cache of the first node.
    assert_eq!(editor.get("/blog/4").await.parts(), (200, created.body.clone()));

    server.advance(MINUTE - MILLISECOND);
    for client in [&reader, &server.client(), &node] {
        assert_eq!(client.get("/blog/4").await.parts(), not_found());
        assert_eq!(client.head("/blog/4").await.status, 404);
        assert_eq!(client.get_with("/blog/4", &[("accept", CHROMIUM)]).await.status, 404);
        assert_eq!(ids(client, "/blog").await, [3, 2, 1]);
    }
    assert_eq!(ids(&editor, "/blog").await, [4, 3, 2, 1]);
    assert_eq!(editor.get("/meter").await.body["used"], json!(0), "reading it is free for editors");
    let page = editor.get_with("/blog", &[("accept", CHROMIUM)]).await;
    assert!(
        page.body.to_string().contains("Scheduled")
            && editor.open("/blog/4-soon").await.body.to_string().contains(" · Scheduled")
    );

    server.advance(MILLISECOND);
    for client in [&reader, &server.client(), &node] {
        assert_eq!(client.get("/blog/4").await.parts(), (200, created.body.clone()));
        assert_eq!(client.head("/blog/4").await.status, 200);
        assert_eq!(ids(client, "/blog").await, [4, 3, 2, 1]);
    }
    assert!(!editor.get_with("/blog", &[("accept", CHROMIUM)]).await.body.to_string().contains("Scheduled"));
}

#[both_databases::test]
async fn a_scheduled_free_post_needs_a_session_until_its_time(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let editor = server.admin("editor").await;
    let visitor = server.client();
    editor.post("/blog", &scheduled("free")).await;
    assert_eq!(visitor.get("/blog/4").await.status, 401);
    server.advance(MINUTE - MILLISECOND);
    assert_eq!(visitor.get("/blog/4").await.status, 401);
    server.advance(MILLISECOND);
    assert_eq!(visitor.get("/blog/4").await.body["data"], json!("Secret words."));
}

#[both_databases::test]
async fn a_scheduled_post_cannot_be_given_away_or_opened_by_a_gift(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (editor, giver) = (server.admin("editor").await, subscriber(&server, "ada").await);
    editor.post("/blog", &scheduled("metered")).await;
    assert_eq!(giver.post("/blog/4/gifts", &json!({})).await.parts(), not_found());
    let gift = link(&giver.post("/blog/1/gifts", &json!({})).await);
    editor.patch("/blog/1", &json!({ "published_at": "2026-11-21T10:01:00Z" })).await;
    assert_eq!(server.client().get(&gift).await.status, 401);
    server.advance(MINUTE);
    assert_eq!(giver.post("/blog/4/gifts", &json!({})).await.status, 201);
    assert_eq!(server.client().get(&gift).await.status, 200);
}

#[both_databases::test]
async fn a_read_has_no_title_while_its_post_is_scheduled(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (editor, reader) = (server.admin("editor").await, server.signed_in("ada").await);
    assert_eq!(reader.get("/blog/1").await.status, 200);
    editor.patch("/blog/1", &json!({ "title": "Another", "published_at": "2026-11-21T10:01:00Z" })).await;
    assert_eq!(reader.get("/reads").await.body[0]["title"], json!(null));
    server.advance(MINUTE);
    assert_eq!(reader.get("/reads").await.body[0]["title"], json!("Another"));
}

#[both_databases::test]
async fn the_list_is_sorted_by_date_and_continues_after_a_post(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (editor, reader) = (server.admin("editor").await, server.signed_in("ada").await);
    for (title, at) in [
        ("old", json!("2020-01-01T00:00:00+01:00")),
        ("older", json!("2019-01-01T00:00:00Z")),
        ("old as well", json!("2019-12-31T23:00:00Z")),
        ("soon", json!("2026-11-21T10:01:00Z")),
    ] {
        let post = json!({ "title": title, "data": "Words.", "published_at": at });
        assert_eq!(editor.post("/blog", &post).await.status, 201, "{title}");
    }
    editor.post("/blog", &json!({ "title": "draft", "data": "Words.", "published": false })).await;
    assert_eq!(ids(&reader, "/blog").await, [3, 2, 1, 6, 4, 5]);
    assert_eq!(ids(&editor, "/blog").await, [7, 8, 3, 2, 1, 6, 4, 5]);
    for (before, rest) in [(3, vec![2, 1, 6, 4, 5]), (1, vec![6, 4, 5]), (6, vec![4, 5]), (4, vec![5]), (5, vec![])] {
        assert_eq!(ids(&reader, &format!("/blog?before={before}")).await, rest, "{before}");
    }
    assert_eq!(
        reader.get("/blog?limit=3&before=3").await.header("link"),
        Some("</blog?limit=3&before=6>; rel=\"next\"")
    );
    // What readers cannot see is no position for them, and neither is what was deleted.
    editor.delete("/blog/6").await;
    for hidden in [6, 7, 8, 99] {
        assert_eq!(ids(&reader, &format!("/blog?before={hidden}")).await, [5], "{hidden}");
    }
}

#[both_databases::test]
async fn a_clock_that_is_behind_hides_no_post_that_was_published(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (editor, reader) = (server.admin("editor").await, server.signed_in("ada").await);
    let free = json!({ "title": "Now", "data": "Words.", "access": "free" });
    assert_eq!(editor.post("/blog", &free).await.status, 201);
    assert_eq!(editor.post("/blog", &scheduled("metered")).await.status, 201);
    server.set_back(MINUTE);
    assert_eq!(ids(&reader, "/blog").await, [4, 3, 2, 1]);
    assert_eq!(reader.head("/blog/4").await.status, 200);
    assert_eq!(server.client().get("/blog/4").await.status, 200);
    assert_eq!(reader.get("/blog/5").await.parts(), not_found());
}
