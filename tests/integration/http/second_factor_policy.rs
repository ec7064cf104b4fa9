//! `REQUIRE_SECOND_FACTOR`

use serde_json::{Value, json};

use super::email;
#[cfg(feature = "passkeys")]
use crate::support::passkeys::{Device, add};
use crate::support::{
    authenticator::enrol, client::CHROMIUM, database::TestDatabase, server::TestServer, smtp::SmtpServer,
};

fn required() -> (u16, Value) {
    (403, json!({ "error": "add a second factor to your account first", "code": "second_factor_required_by_policy" }))
}

#[both_databases::test]
async fn whoever_must_have_a_second_factor_can_only_enrol_one_or_sign_out(database: TestDatabase) {
    let server = TestServer::with(database, &[("REQUIRE_SECOND_FACTOR", "all")]).await;
    let client = server.signed_in("ada").await;
    for path in ["/meter", "/blog", "/blog/1", "/sessions", "/account/audit", "/account/export", "/nothing"] {
        assert_eq!(client.get(path).await.parts(), required(), "{path}");
    }
    assert_eq!(client.patch("/account", &json!({ "username": "eve" })).await.parts(), required());
    assert_eq!(client.delete("/sessions").await.parts(), required());
    let page = client.get_with("/", &[("accept", CHROMIUM)]).await;
    assert_eq!((page.status, page.header("location")), (302, Some("/second-factor")));
    assert_eq!(client.get_with("/second-factor", &[("accept", CHROMIUM)]).await.status, 200);
    assert_eq!(client.get("/check_session").await.status, 200);
    assert_eq!(client.get("/healthz").await.status, 200);
    let other = server.client();
    other.login("ada").await;
    assert_eq!(other.delete("/logout").await.status, 204);

    enrol(&server, &client).await;
    assert_eq!(client.get("/meter").await.status, 200);
    assert_eq!(client.delete("/account/totp").await.status, 204);
    assert_eq!(client.get("/meter").await.parts(), required());
}

#[both_databases::test]
async fn the_policy_may_be_for_admins_only(database: TestDatabase) {
    let server = TestServer::with(database, &[("REQUIRE_SECOND_FACTOR", "admins")]).await;
    let (user, admin) = (server.signed_in("ada").await, server.admin("eve").await);
    assert_eq!(user.get("/meter").await.status, 200);
    assert_eq!(admin.get("/stats").await.parts(), required());
    enrol(&server, &admin).await;
    assert_eq!(admin.get("/stats").await.status, 200);
}

#[both_databases::test]
async fn links_in_messages_work_before_the_enrolment(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = email::start(database, &smtp, &[("REQUIRE_SECOND_FACTOR", "all")]).await;
    let client = server.signed_in("ada").await;
    for path in ["/secure-account", "/reset-password", "/verify-email", "/forgot-password"] {
        let page = client.get_with(&format!("{path}?token=abc"), &[("accept", CHROMIUM)]).await;
        assert_eq!((page.status, page.header("location")), (200, None), "{path}");
        assert!(
            path == "/forgot-password" || page.body.as_str().unwrap().contains("value=\"abc\""),
            "{path} has the token"
        );
    }
    let code = client.post("/account/secure", &json!({ "token": "abc" })).await;
    assert_eq!((code.status, code.code()), (400, "invalid_token"));
}

#[cfg(feature = "passkeys")]
#[both_databases::test]
async fn a_passkey_is_enough_for_the_policy(database: TestDatabase) {
    let server = TestServer::with(database, &[("REQUIRE_SECOND_FACTOR", "all")]).await;
    let client = server.signed_in("ada").await;
    assert_eq!(client.get("/meter").await.parts(), required());
    assert_eq!(client.get("/account/passkeys").await.parts(), (200, json!([])));
    assert_eq!(add(&client, &mut Device::new(&server)).await.status, 201);
    assert_eq!(client.get("/meter").await.status, 200);
    assert_eq!(client.delete("/account/passkeys/1").await.status, 204);
    assert_eq!(client.get("/meter").await.parts(), required());
    assert_eq!(client.patch("/account/passkeys/1", &json!({ "name": "x" })).await.parts(), required());
}
