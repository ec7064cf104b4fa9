//! Which ways to sign in the server offers.

use serde_json::json;

use crate::support::{database::TestDatabase, server::TestServer};

#[both_databases::test]
async fn anyone_can_ask_for_the_ways_to_sign_in(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let expected = json!({ "password": true, "passkey": cfg!(feature = "passkeys"), "email": false, "oidc": [] });
    let stranger = server.client().get("/login/methods").await;
    assert_eq!((stranger.header("set-cookie"), stranger.header("cache-control")), (None, Some("no-store")));
    assert_eq!(stranger.parts(), (200, expected.clone()));
    let member = server.signed_in("ada").await;
    assert_eq!(member.get("/login/methods").await.parts(), (200, expected));
    let wrong = member.post("/login/methods", &json!({})).await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, HEAD")));
}
