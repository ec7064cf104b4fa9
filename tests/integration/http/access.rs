//! Access levels of posts.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, CHROMIUM, Client, PASSWORD},
    database::TestDatabase,
    fixtures::login_required,
    server::TestServer,
};

const TEXT: &str = "An opening. The locked-away words, and a few more of them.";

const UNSUBSCRIBE: &str = "UPDATE users SET subscribed_until = NULL";

/// Adds a post, which has the id 4.
async fn publish(server: &TestServer, access: &str) -> Client {
    let editor = server.admin("editor").await;
    let post = json!({ "title": "On tolls", "data": TEXT, "access": access });
    let added = editor.post("/blog", &post).await;
    assert_eq!((added.status, &added.body["id"], &added.body["access"]), (201, &json!(4), &json!(access)));
    editor
}

async fn replace(editor: &Client, post: &Value) -> Answer {
    editor.send(editor.request(Method::PUT, "/blog/4").json(post)).await
}

async fn subscribe(server: &TestServer, username: &str) {
    let sql = format!("UPDATE users SET subscribed_until = 9000000000000 WHERE username_key = '{username}'");
    assert_eq!(server.execute(&sql).await, 1);
}

fn post(access: &str) -> Value {
    json!({
        "id": 4, "title": "On tolls", "data": TEXT, "excerpt": "An opening.", "slug": "on-tolls", "access": access,
        "published": true, "author": null, "image": null, "published_at": "2026-11-21T10:00:00.000Z",
        "created_at": "2026-11-21T10:00:00.000Z", "updated_at": null,
    })
}

fn for_subscribers() -> (u16, Value) {
    let body = json!({
        "error": "this needs a subscription", "code": "subscription_required", "post_title": "On tolls",
        "excerpt": "An opening.",
    });
    (403, body)
}

#[both_databases::test]
async fn a_free_post_needs_no_session_and_costs_nothing(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "0")]).await;
    publish(&server, "free").await;
    let (nobody, ada) = (server.client(), server.signed_in("ada").await);
    let read = nobody.get("/blog/4").await;
    assert_eq!((read.header("x-reads-limit"), read.header("set-cookie")), (None, None));
    assert_eq!(read.header("cache-control"), Some("private, no-store"));
    assert_eq!(read.parts(), (200, post("free")));
    assert_eq!(nobody.head("/blog/4").await.parts(), (200, Value::Null));
    let page = nobody.get_with("/blog/4", &[("accept", CHROMIUM)]).await;
    assert!(page.status == 200 && page.body.as_str().unwrap().contains("class=\"prose\""), "{page:?}");

    let read = ada.get("/blog/4").await;
    assert_eq!((read.header("x-reads-limit"), read.header("x-reads-remaining")), (Some("0"), Some("0")));
    assert_eq!(read.parts(), (200, post("free")));
    assert_eq!(ada.get("/blog/4").await.status, 200);
    assert_eq!(ada.get("/meter").await.body["used"], json!(0));
    let reads = ada.get("/reads").await.body;
    assert_eq!((&reads[0]["post_id"], &reads[0]["metered"], &reads[1]), (&json!(4), &json!(false), &Value::Null));
}

#[both_databases::test]
async fn a_free_post_opens_nothing_else(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let editor = publish(&server, "free").await;
    let nobody = server.client();
    assert_eq!(nobody.get("/blog/4").await.status, 200);
    for path in ["/blog", "/blog/1", "/blog/5", "/blog/04", "/blog/%34", "/blog/4/", "//blog/4", "/blog/x", "/meter"] {
        assert_eq!(nobody.get(path).await.parts(), login_required(), "{path}");
        assert_eq!(nobody.head(path).await.status, 401, "{path}");
    }
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
        let answer = nobody.send(nobody.request(method.clone(), "/blog/4")).await;
        assert_eq!(answer.parts(), login_required(), "{method}");
    }
    let prefetch = nobody.get_with("/blog/4", &[("sec-purpose", "prefetch")]).await;
    assert_eq!((prefetch.status, prefetch.code()), (403, "not_a_read"));

    replace(&editor, &json!({ "title": "t", "data": TEXT, "access": "free", "published": false })).await;
    assert_eq!(nobody.get("/blog/4").await.parts(), login_required(), "a draft");
    replace(&editor, &json!({ "title": "t", "data": TEXT, "published": true, "access": "metered" })).await;
    assert_eq!(nobody.get("/blog/4").await.parts(), login_required(), "metered");
    replace(&editor, &json!({ "title": "t", "data": TEXT, "access": "free" })).await;
    assert_eq!(nobody.get("/blog/4").await.status, 200);
    editor.delete("/blog/4").await;
    assert_eq!(nobody.get("/blog/4").await.parts(), login_required(), "deleted");
}

#[both_databases::test]
async fn a_post_that_becomes_free_on_one_node_is_free_on_the_other(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let node = server.second_node(&[]).await;
    let nobody = server.client().at(&node);
    assert_eq!(nobody.get("/blog/4").await.parts(), login_required());
    let editor = publish(&server, "free").await;
    nobody.get_until("/blog/4", |answer| answer.status == 200).await;
    replace(&editor, &json!({ "title": "t", "data": TEXT, "access": "subscribers" })).await;
    nobody.get_until("/blog/4", |answer| answer.status == 401).await;
}

#[both_databases::test]
async fn a_post_for_subscribers_is_refused_to_others(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let editor = publish(&server, "subscribers").await;
    let (nobody, ada) = (server.client(), server.signed_in("ada").await);
    assert_eq!(nobody.get("/blog/4").await.parts(), login_required());
    let redirected = nobody.get_with("/blog/4", &[("accept", CHROMIUM)]).await;
    assert_eq!((redirected.status, redirected.header("location")), (302, Some("/login?next=%2Fblog%2F4")));

    let refused = ada.get("/blog/4").await;
    assert_eq!((refused.header("x-reads-limit"), refused.header("x-reads-remaining")), (Some("5"), Some("5")));
    assert_eq!(refused.parts(), for_subscribers());
    assert_eq!(ada.head("/blog/4").await.parts(), (200, Value::Null));
    assert_eq!(ada.get("/meter").await.body["used"], json!(0));
    let day = editor.get("/stats").await.body.as_array().unwrap().last().unwrap().clone();
    assert_eq!((&day["refusals"], &day["reads"]), (&json!(1), &json!(0)));

    subscribe(&server, "ada").await;
    assert_eq!(ada.get("/blog/4").await.parts(), (200, post("subscribers")));
    assert_eq!(ada.get("/meter").await.body["used"], json!(0));
    server.execute(UNSUBSCRIBE).await;
    assert_eq!(ada.get("/blog/4").await.parts(), for_subscribers(), "once read is not read for ever");
    assert_eq!(editor.get("/blog/4").await.parts(), (200, post("subscribers")), "admins have written it");
    assert_eq!(editor.get("/meter").await.body["used"], json!(0));
}

#[both_databases::test]
async fn the_refusal_of_a_post_for_subscribers_names_the_checkout(database: TestDatabase) {
    let settings = [("CHECKOUT_URL", "https://buy.example/plan"), ("CONTRACT", "modern")];
    let server = TestServer::with(database, &settings).await;
    publish(&server, "subscribers").await;
    let mut expected = for_subscribers();
    for (key, value) in [
        ("type", json!("about:blank")),
        ("title", json!("Forbidden")),
        ("status", json!(403)),
        ("detail", json!("this needs a subscription")),
        ("checkout_url", json!("https://buy.example/plan?client_reference_id=2")),
        ("checkout", json!([{ "label": null, "url": "https://buy.example/plan?client_reference_id=2" }])),
    ] {
        expected.1[key] = value;
    }
    assert_eq!(server.signed_in("ada").await.get("/blog/4").await.parts(), expected);
}

#[both_databases::test]
async fn lists_show_who_may_read_a_post(database: TestDatabase) {
    let server = TestServer::start(database).await;
    publish(&server, "subscribers").await;
    let listed = server.signed_in("ada").await.get("/blog?limit=1").await.parts();
    let summary = json!({ "id": 4, "title": "On tolls", "excerpt": "An opening.", "slug": "on-tolls", "access": "subscribers",
                "author": null, "image": null, "published_at": "2026-11-21T10:00:00.000Z", "updated_at": null });
    assert_eq!(listed, (200, json!([summary])));
}

#[both_databases::test]
async fn an_unverified_address_does_not_keep_anybody_from_free_posts(database: TestDatabase) {
    let folder = format!("file:{}", database.folder().join("mail").display());
    let settings = [("MAIL_URL", folder.as_str()), ("REQUIRE_VERIFIED_EMAIL", "true")];
    let server = TestServer::with(database, &settings).await;
    server.execute("UPDATE posts SET access = 'free' WHERE id = 1").await;
    let ada = server.client();
    ada.post("/register", &json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" })).await;
    ada.login("ada").await;
    assert_eq!(ada.get("/blog/1").await.status, 200);
    for path in ["/blog/2", "/blog/99", "/blog/x"] {
        assert_eq!(ada.get(path).await.code(), "email_not_verified", "{path}");
    }
}
