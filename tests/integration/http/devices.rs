//! `/sessions`: listing and ending one's own sessions.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    client::PASSWORD,
    database::TestDatabase,
    fixtures::{incorrect_password, not_found},
    server::TestServer,
};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
const QUARTER: Duration = Duration::from_secs(15 * 60);

fn fresh_login_required() -> (u16, Value) {
    let error = "sign in again, or send your password with the request";
    (401, json!({ "error": error, "code": "fresh_login_required" }))
}

#[both_databases::test]
async fn users_sessions_are_listed_with_what_distinguishes_them(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let laptop = server.client().with_headers(&[("user-agent", FIREFOX)]);
    laptop.register("ada").await;
    laptop.login("ada").await;
    server.signed_in("eve").await;
    server.advance(QUARTER);
    let script = server.client().with_headers(&[("user-agent", "curl/8.5.0")]);
    script.post("/login", &json!({ "username": "ada", "password": PASSWORD, "stay_signed_in": true })).await;

    let listed = laptop.get("/sessions").await;
    assert_eq!(listed.status, 200);
    let expected = json!([
        {
            "id": listed.body[0]["id"], "current": true, "device": "Firefox on Linux", "ip": "127.0.0.1", "user_agent": FIREFOX,
            "created_at": "2026-11-21T10:00:00.000Z", "last_seen_at": "2026-11-21T10:15:00.000Z",
            "idle_expires_at": "2026-11-22T10:15:00.000Z", "expires_at": "2026-11-28T10:00:00.000Z", "stay_signed_in": false,
            "trusted_browser": false,
        },
        {
            "id": listed.body[1]["id"], "current": false, "device": "curl", "ip": "127.0.0.1", "user_agent": "curl/8.5.0",
            "created_at": "2026-11-21T10:15:00.000Z", "last_seen_at": "2026-11-21T10:15:00.000Z",
            "idle_expires_at": "2026-12-21T10:15:00.000Z", "expires_at": "2027-02-19T10:15:00.000Z", "stay_signed_in": true,
            "trusted_browser": false,
        },
    ]);
    let mut by_id = expected.as_array().unwrap().clone();
    // Both were last seen at the same time; the later login comes first.
    by_id.sort_by_key(|session| std::cmp::Reverse(session["id"].as_i64()));
    let mut found = listed.body.as_array().unwrap().clone();
    found.sort_by_key(|session| std::cmp::Reverse(session["id"].as_i64()));
    for (found, expected) in found.iter().zip([&expected[1], &expected[0]]) {
        let mut expected = expected.clone();
        expected["id"] = found["id"].clone();
        assert_eq!(found, &expected);
    }
}

#[both_databases::test]
async fn one_session_can_be_ended_without_the_others(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (here, there) = (server.signed_in("ada").await, server.client());
    there.login("ada").await;
    let listed = here.get("/sessions").await;
    let other = listed.body.as_array().unwrap().iter().find(|session| session["current"] == json!(false)).unwrap();
    let path = format!("/sessions/{}", other["id"]);
    assert_eq!(here.delete(&path).await.parts(), (204, Value::Null));
    assert!(!there.is_signed_in().await);
    assert!(here.is_signed_in().await);
    assert_eq!(here.delete(&path).await.parts(), not_found());
    assert_eq!(here.get("/sessions").await.body.as_array().unwrap().len(), 1);
}

#[both_databases::test]
async fn another_users_session_is_404(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (ada, eve) = (server.signed_in("ada").await, server.signed_in("eve").await);
    let id = ada.get("/sessions").await.body[0]["id"].clone();
    for path in [
        format!("/sessions/{id}"),
        format!("/sessions/0{id}"),
        "/sessions/0".to_owned(),
        "/sessions/x".to_owned(),
        "/sessions/99999999999999999999".to_owned(),
        "/sessions/%31".to_owned(),
    ] {
        assert_eq!(eve.delete(&path).await.parts(), not_found(), "{path}");
    }
    assert!(ada.is_signed_in().await);
}

#[both_databases::test]
async fn ending_the_current_session_is_a_logout(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let id = client.get("/sessions").await.body[0]["id"].clone();
    server.advance(QUARTER);
    let ended = client.delete(&format!("/sessions/{id}")).await;
    assert!(ended.header("set-cookie").unwrap().starts_with("session=;"));
    assert_eq!(ended.parts(), (204, Value::Null), "it need not be fresh");
    assert!(!client.is_signed_in().await);
}

#[both_databases::test]
async fn all_other_sessions_can_be_ended_at_once(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (here, stranger) = (server.signed_in("ada").await, server.signed_in("eve").await);
    let others = [server.client(), server.client(), server.client()];
    for other in &others {
        other.login("ada").await;
    }
    assert_eq!(here.delete("/sessions").await.parts(), (204, Value::Null));
    for other in &others {
        assert!(!other.is_signed_in().await);
    }
    assert!(here.is_signed_in().await && stranger.is_signed_in().await);
    assert_eq!(here.delete("/sessions").await.parts(), (204, Value::Null), "none is left, which is fine");
}

#[both_databases::test]
async fn ending_other_sessions_needs_a_fresh_session_or_the_password(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (here, there) = (server.signed_in("ada").await, server.client());
    server.advance(QUARTER);
    there.login("ada").await;
    let listed = here.get("/sessions").await;
    let other = listed.body.as_array().unwrap().iter().find(|session| session["current"] == json!(false)).unwrap();
    let one = format!("/sessions/{}", other["id"]);
    for path in ["/sessions", one.as_str()] {
        assert_eq!(here.delete(path).await.parts(), fresh_login_required(), "{path}");
        let wrong = here.delete_with(path, &json!({ "password": "wrong password" })).await;
        assert_eq!(wrong.parts(), incorrect_password());
        let odd = here.delete_with(path, &json!({ "password": 1 })).await;
        assert_eq!((odd.status, &odd.body["fields"]), (422, &json!({ "password": "must be a string" })));
        let list = here.delete_with(path, &json!([])).await;
        assert_eq!((list.status, &list.body["fields"]), (422, &json!({ "body": "must be an object" })));
    }
    assert!(there.is_signed_in().await);
    let right = here.delete_with("/sessions", &json!({ "password": PASSWORD })).await;
    assert_eq!(right.parts(), (204, Value::Null));
    assert!(!there.is_signed_in().await);
    assert_eq!(here.delete_with(&one, &json!({ "password": PASSWORD })).await.parts(), not_found());
}
