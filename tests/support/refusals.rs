//! Responses of a server that cannot write to its database.

use serde_json::json;

use super::client::{Answer, Client, PASSWORD};
use super::fixtures::unavailable;

/// Asserts that a response is the 503 of the contract, without the cause. Returns the request id.
pub(crate) fn assert_refused(answer: Answer) -> String {
    assert_eq!(answer.header("retry-after"), Some("1"), "{answer:?}");
    assert_eq!(answer.header("set-cookie"), None, "the session may still be valid");
    let id = answer.header("x-request-id").unwrap().to_owned();
    assert_eq!(answer.parts(), unavailable());
    id
}

/// Sends requests that write, without and with a session, and asserts that all are refused. Returns their request ids.
pub(crate) async fn refused_writes(stranger: &Client, signed_in: &Client) -> Vec<String> {
    let answers = [
        stranger.post("/register", &json!({ "username": "eve", "password": PASSWORD })).await,
        stranger.post("/login", &json!({ "username": "ada", "password": PASSWORD })).await,
        signed_in.get("/blog/1").await,
        signed_in.patch("/account", &json!({ "email": "ada@example.org" })).await,
        signed_in.delete("/logout").await,
        signed_in.get("/blog/2").await,
    ];
    answers.into_iter().map(assert_refused).collect()
}

/// Requests that only read succeed. So does `/readyz`: other nodes use the same database.
pub(crate) async fn assert_reads_are_served(signed_in: &Client) {
    for path in ["/check_session", "/blog", "/meter", "/reads", "/sessions", "/readyz", "/healthz"] {
        assert_eq!(signed_in.get(path).await.status, 200, "{path}");
    }
}
