//! Users with the role `editor`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    api_tokens::program,
    client::{CHROMIUM, Client},
    database::TestDatabase,
    fixtures::{forbidden, forbidden_to_readers},
    gifts::link,
    server::TestServer,
};

/// A browser whose user is an editor.
async fn editor(server: &TestServer, username: &str) -> Client {
    let editor = server.signed_in(username).await;
    let sql = format!("UPDATE users SET role = 'editor' WHERE username_key = '{username}'");
    assert_eq!(server.execute(&sql).await, 1);
    editor
}

#[both_databases::test]
async fn an_editor_writes_posts_and_sees_the_statistics(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "0")]).await;
    let client = editor(&server, "ada").await;
    assert_eq!(client.get("/check_session").await.body["role"], json!("editor"));
    let draft = json!({ "title": "Soon", "data": "Words.", "published": false, "access": "subscribers" });
    assert_eq!(client.post("/blog", &draft).await.status, 201);
    assert_eq!(client.get("/blog/4").await.body["data"], json!("Words."));
    assert_eq!(client.head("/blog/4").await.status, 200);
    assert_eq!(client.get("/blog?limit=1").await.body[0]["published"], json!(false));
    assert!(client.get_with("/blog", &[("accept", CHROMIUM)]).await.body.to_string().contains("Draft"));
    assert_eq!(client.patch("/blog/4", &json!({ "published": true })).await.status, 200);
    assert_eq!(client.get("/blog/4").await.status, 200, "what is for subscribers is for editors as well");
    let put = client.request(Method::PUT, "/blog/4").json(&json!({ "title": "t", "data": "d" }));
    assert_eq!(client.send(put).await.status, 200);
    assert_eq!(client.delete("/blog/4").await.status, 204);
    assert_eq!(client.get("/stats").await.status, 200);
    assert_eq!(client.get("/stats/posts").await.status, 200);
}

#[both_databases::test]
async fn an_editor_does_nothing_else_of_an_admins(database: TestDatabase) {
    let server = TestServer::with(database, &[("REQUIRE_SECOND_FACTOR", "admins")]).await;
    let client = editor(&server, "ada").await;
    assert_eq!(client.get("/users/1/meter").await.parts(), forbidden());
    for method in [Method::PUT, Method::DELETE] {
        assert_eq!(client.send(client.request(method, "/users/1/subscription")).await.parts(), forbidden());
    }
    assert_eq!(client.post("/blog/1/gifts", &json!({})).await.body["code"], json!("subscription_required"));
    assert_eq!(client.get("/blog/1").await.header("x-reads-remaining"), Some("4"), "metered like any user");
    let shown = client.get("/forward-auth").await;
    assert_eq!((shown.status, shown.header("x-tollgate-role")), (204, Some("editor")));
    let refused = client.get("/forward-auth?require=admin").await;
    assert_eq!((refused.status, refused.header("x-tollgate-code")), (403, Some("forbidden")));
}

#[both_databases::test]
async fn a_token_of_an_editor_needs_the_scope_admin(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = editor(&server, "ada").await;
    let post = json!({ "title": "t", "data": "d" });
    let (weak, strong) = (program(&client, &["account"]).await, program(&client, &["admin"]).await);
    assert_eq!(weak.post("/blog", &post).await.body["code"], json!("insufficient_scope"));
    assert_eq!(weak.get("/forward-auth").await.header("x-tollgate-role"), Some("user"));
    assert_eq!(strong.post("/blog", &post).await.status, 201);
    assert_eq!(strong.get("/stats").await.status, 200);
    assert_eq!(strong.get("/stats/posts").await.status, 200);
    assert_eq!(strong.get("/users/1/meter").await.parts(), forbidden());
    server.execute("UPDATE users SET role = 'user'").await;
    assert_eq!(strong.post("/blog", &post).await.parts(), forbidden_to_readers());
    assert_eq!(client.post("/blog", &post).await.parts(), forbidden_to_readers());
    let refused = client.post("/account/tokens", &json!({ "name": "n", "scopes": ["admin"] })).await;
    let rule = "must not contain admin, because this account is neither an admin's nor an editor's";
    assert_eq!((refused.status, &refused.body["fields"]), (422, &json!({ "scopes": rule })));
}

#[both_databases::test]
async fn an_editor_who_subscribes_gives_posts_away(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = editor(&server, "ada").await;
    server.execute("UPDATE users SET subscribed_until = 4102444800000").await;
    let gift = link(&client.post("/blog/1/gifts", &json!({})).await);
    assert_eq!(server.client().get(&gift).await.status, 200);
    assert_eq!(client.get("/meter").await.body["subscribed"], Value::Bool(true));
}
