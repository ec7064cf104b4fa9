//! `/account/audit`

use serde_json::{Value, json};

use crate::support::{
    client::{Client, PASSWORD},
    database::TestDatabase,
    fixtures::login_required,
    server::TestServer,
};

async fn events(client: &Client) -> Vec<String> {
    let audit = client.get("/account/audit").await;
    assert_eq!(audit.status, 200);
    audit.body.as_array().unwrap().iter().map(|entry| entry["event"].as_str().unwrap().to_owned()).collect()
}

#[both_databases::test]
async fn the_audit_records_events_and_who_caused_them(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let home = server.client().with_headers(&[("x-forwarded-for", "203.0.113.7"), ("user-agent", "home/1")]);
    let thief = server.client().with_headers(&[("x-forwarded-for", "198.51.100.9"), ("user-agent", "thief/1")]);
    home.register("ada").await;
    for _ in 0..7 {
        thief.try_login("ada", "wrong password").await;
    }
    home.login("ada").await;
    home.delete("/logout").await;
    home.login("ada").await;
    home.patch("/account", &json!({ "email": "ada@example.org" })).await;
    home.patch("/account", &json!({ "email": "x@example.org", "current_password": "wrong password" })).await;
    home.post("/account/password", &json!({ "current_password": PASSWORD, "new_password": "seven wiser toads" })).await;
    let elsewhere = server.client();
    elsewhere.post("/login", &json!({ "username": "ada", "password": "seven wiser toads" })).await;
    home.delete("/sessions").await;

    let mut expected = [
        "revoked",
        "signed_in",
        "password_changed",
        "failed",
        "account_changed",
        "signed_in",
        "signed_out",
        "signed_in",
    ]
    .to_vec();
    expected.extend(["throttled", "failed", "failed", "failed", "failed", "failed", "registered"]);
    assert_eq!(events(&home).await, expected, "two refused guesses are none");
    let audit = home.get("/account/audit").await.body;
    let now = "2026-11-21T10:00:00.000Z";
    let registered = json!({ "at": now, "event": "registered", "ip": "203.0.113.7", "user_agent": "home/1" });
    let throttled = json!({ "at": now, "event": "throttled", "ip": "198.51.100.9", "user_agent": "thief/1" });
    assert_eq!((&audit[14], &audit[8]), (&registered, &throttled));
}

#[both_databases::test]
async fn users_see_the_last_hundred_events_of_their_own_account(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (client, stranger) = (server.signed_in("ada").await, server.signed_in("eve").await);
    for _ in 0..60 {
        client.login("ada").await;
        client.delete("/logout").await;
    }
    client.login("ada").await;
    let seen = events(&client).await;
    assert_eq!((seen.len(), seen[0].as_str(), seen[1].as_str()), (100, "signed_in", "signed_out"));
    assert_eq!(events(&stranger).await, ["signed_in", "registered"]);
    let nobody = server.client().get("/account/audit").await.parts();
    assert_eq!(nobody, login_required());
}

#[both_databases::test]
async fn a_repeated_logout_is_recorded_once(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let outs = futures_util::future::join_all((0..10).map(|_| client.delete("/logout"))).await;
    assert!(outs.iter().all(|out| matches!(out.status, 204 | 401)));
    let again = server.client();
    again.login("ada").await;
    assert_eq!(events(&again).await, ["signed_in", "signed_out", "signed_in", "registered"]);
    let cookies: Vec<_> = outs.iter().filter_map(|out| out.header("set-cookie")).collect();
    assert!(cookies.iter().all(|cookie| cookie.starts_with("session=;")), "{cookies:?}");
    assert_eq!(outs.into_iter().find(|out| out.status == 204).unwrap().body, Value::Null);
}
