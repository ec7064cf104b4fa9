//! API tokens

use serde_json::json;

use super::client::Client;

/// Creates a token with these scopes for the user of a browser that is signed in, and returns its text.
pub(crate) async fn create(client: &Client, scopes: &[&str]) -> String {
    let answer = client.post("/account/tokens", &json!({ "name": "a script", "scopes": scopes })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body.get("token").unwrap().as_str().unwrap().to_owned()
}

/// A program that sends this token, and no cookies.
pub(crate) fn bearer(client: &Client, token: &str) -> Client {
    client.with_headers(&[("authorization", &format!("Bearer {token}"))])
}

/// A program with a new token of the user.
pub(crate) async fn program(client: &Client, scopes: &[&str]) -> Client {
    bearer(client, &create(client, scopes).await)
}
