//! Users who give posts away, and the links of their gifts.

use serde_json::{Value, json};

use super::{
    client::{Answer, Client},
    server::TestServer,
};

/// A browser whose user subscribes.
pub(crate) async fn subscriber(server: &TestServer, username: &str) -> Client {
    let client = server.signed_in(username).await;
    let until = "subscribed_until = 4102444800000";
    server.execute(&format!("UPDATE users SET {until} WHERE username_key = '{username}'")).await;
    client
}

pub(crate) async fn give(client: &Client, post: i64, body: Value) -> Answer {
    let answer = client.post(&format!("/blog/{post}/gifts"), &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer
}

/// The path and query of the link.
pub(crate) fn link(gift: &Answer) -> String {
    let url = gift.body.get("url").and_then(Value::as_str).unwrap();
    format!("/{}", url.split("://").nth(1).unwrap().split_once('/').unwrap().1)
}

/// The link of a new gift of the first post.
pub(crate) async fn new_link(giver: &Client, opens: i64) -> String {
    link(&give(giver, 1, json!({ "opens": opens })).await)
}

/// How many readers have opened the newest gift.
pub(crate) async fn opened(giver: &Client) -> Value {
    giver.get("/gifts").await.body.get(0).unwrap().get("opened").unwrap().clone()
}
