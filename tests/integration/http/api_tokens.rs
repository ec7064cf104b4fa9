//! API tokens: creating and deleting them, and what ends them.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tollgate::{config::RetentionConfig, jobs::cleanup};

use super::{
    email::{ADA, start, verified},
    email_notices::{reset, secure},
    metrics::value,
};
use crate::support::{
    api_tokens::{bearer, create, program},
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{DAY, HOUR, MINUTE, incorrect_password, invalid_fields, login_required, not_found},
    server::TestServer,
    smtp::SmtpServer,
};

pub(super) fn invalid_token() -> (u16, Value) {
    (401, json!({ "error": "the API token is invalid, has expired or was deleted", "code": "invalid_token" }))
}

async fn post(client: &Client, body: Value) -> (u16, Value) {
    client.post("/account/tokens", &body).await.parts()
}

async fn events(client: &Client) -> Vec<Value> {
    let audit = client.get("/account/audit").await.body;
    audit.as_array().unwrap().iter().map(|entry| entry["event"].clone()).collect()
}

/// Asserts that everything refuses the program's token.
async fn assert_is_dead(program: &Client) {
    for path in ["/meter", "/blog/1", "/check_session", "/account/export", "/nowhere"] {
        assert_eq!(program.get(path).await.parts(), invalid_token(), "{path}");
    }
}

#[both_databases::test]
async fn a_token_is_created_listed_and_deleted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    assert_eq!(client.get("/account/tokens").await.parts(), (200, json!([])));
    let body =
        json!({ "name": " backup on nas ", "scopes": ["account", "read"], "expires_at": "2026-11-22T10:00:00Z" });
    let mut created = client.post("/account/tokens", &body).await;
    let text = created.body.as_object_mut().unwrap().remove("token").unwrap();
    let text = text.as_str().unwrap();
    assert!(text.starts_with("tgt_") && text.len() == 53, "{text}");
    let mut token = json!({
        "id": 1, "name": "backup on nas", "scopes": ["read", "account"], "created_at": "2026-11-21T10:00:00.000Z",
        "expires_at": "2026-11-22T10:00:00.000Z", "last_used_at": null,
    });
    assert_eq!(created.parts(), (201, token.clone()));
    assert_eq!(client.get("/account/tokens").await.parts(), (200, json!([token])));
    let second = create(&client, &["read"]).await;
    assert_ne!(second, text);

    let program = bearer(&client, text);
    let whoami = program.get("/check_session").await;
    token["last_used_at"] = json!("2026-11-21T10:00:00.000Z");
    let user = json!({
        "id": 1, "username": "ada", "email": null, "email_verified": false, "pending_email": null, "second_factors": [],
        "role": "user", "created_at": "2026-11-21T10:00:00.000Z", "updated_at": null, "token": token,
    });
    assert_eq!(whoami.header("set-cookie"), None);
    assert_eq!(whoami.parts(), (200, user));
    let listed = client.get("/account/tokens").await.body;
    assert_eq!((listed[0]["id"].clone(), listed[1].clone()), (json!(2), token), "newest first");

    let deleted = client.delete("/account/tokens/1").await;
    assert_eq!(deleted.parts(), (204, Value::Null));
    assert_is_dead(&program).await;
    assert_eq!(bearer(&client, &second).get("/meter").await.status, 200, "another one lives");
    assert_eq!(events(&client).await[..2], [json!("api_token_deleted"), json!("api_token_created")]);
}

#[both_databases::test]
async fn every_invalid_field_is_reported(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let missing = json!({ "name": "is missing", "scopes": "is missing" });
    assert_eq!(post(&client, json!({})).await, invalid_fields(&missing));
    let fields = json!({
        "name": "must not be empty", "scopes": "must only contain read, account and admin",
        "expires_at": "must be in the future",
    });
    let body = json!({ "name": " ", "scopes": ["write"], "expires_at": "2026-11-21T10:00:00Z" });
    assert_eq!(post(&client, body).await, invalid_fields(&fields));
    for (name, error) in
        [("a\nb", "must not contain control characters"), (&"ä".repeat(101), "must have at most 100 characters")]
    {
        let body = json!({ "name": name, "scopes": ["read"] });
        assert_eq!(post(&client, body).await, invalid_fields(&json!({ "name": error })));
    }
    for (scopes, error) in [
        (json!([]), "must not be empty"),
        (json!("read"), "must be a list of strings"),
        (json!([1]), "must be a list of strings"),
        (json!(["admin"]), "must not contain admin, because this account is neither an admin's nor an editor's"),
    ] {
        let body = json!({ "name": "a", "scopes": scopes });
        assert_eq!(post(&client, body).await, invalid_fields(&json!({ "scopes": error })), "{scopes}");
    }
    let day = json!({ "name": "a", "scopes": ["read"], "expires_at": "2027-01-01" });
    let error = json!({ "expires_at": "must be a time such as 2026-11-21T10:00:00Z" });
    assert_eq!(post(&client, day).await, invalid_fields(&error));
    assert_eq!(client.get("/account/tokens").await.parts(), (200, json!([])));
    for id in ["1", "0", "x", "01", "1%30"] {
        assert_eq!(client.delete(&format!("/account/tokens/{id}")).await.parts(), not_found(), "{id}");
    }
}

#[both_databases::test]
async fn creating_a_token_needs_a_fresh_session_or_the_password_and_deleting_does_not(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    server.advance(16 * MINUTE);
    let body = json!({ "name": "a", "scopes": ["read"] });
    let stale =
        json!({ "error": "sign in again, or send your password with the request", "code": "fresh_login_required" });
    assert_eq!(post(&client, body).await, (401, stale));
    let wrong = json!({ "name": "a", "scopes": ["read"], "current_password": "wrong" });
    assert_eq!(post(&client, wrong).await, incorrect_password());
    let right = json!({ "name": "a", "scopes": ["read"], "current_password": PASSWORD });
    assert_eq!(post(&client, right).await.0, 201);
    let stranger = server.signed_in("eve").await;
    assert_eq!(stranger.delete("/account/tokens/1").await.parts(), not_found());
    assert_eq!(stranger.get("/account/tokens").await.parts(), (200, json!([])));
    assert_eq!(server.client().delete("/account/tokens/1").await.parts(), login_required());
    assert_eq!(client.delete("/account/tokens/1").await.status, 204);
}

#[both_databases::test]
async fn an_account_has_at_most_50_tokens_and_creates_20_in_an_hour(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let client = server.signed_in("ada").await;
    let body = json!({ "name": "a", "scopes": ["read"], "current_password": PASSWORD });
    let many = join_all((0..25).map(|_| post(&client, json!({ "name": "a", "scopes": ["read"] })))).await;
    let statuses = |status| many.iter().filter(|(found, _)| *found == status).count();
    assert_eq!((statuses(201), statuses(429)), (20, 5), "{many:?}");
    for _ in 0..2 {
        server.advance(HOUR);
        for _ in 0..15 {
            assert_eq!(post(&client, body.clone()).await.0, 201);
        }
    }
    let error = json!({ "error": "this account has too many API tokens; delete one first", "code": "too_many_tokens" });
    assert_eq!(post(&client, body.clone()).await, (409, error));
    assert_eq!(client.delete("/account/tokens/1").await.status, 204);
    assert_eq!(post(&client, body).await.0, 201);
}

#[both_databases::test]
async fn a_token_expires_and_is_deleted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let body = json!({ "name": "a", "scopes": ["account"], "expires_at": "2026-11-21T11:00:00Z" });
    let created = client.post("/account/tokens", &body).await;
    let program = bearer(&client, created.body["token"].as_str().unwrap());
    server.advance(HOUR - MINUTE / 60);
    assert_eq!(program.get("/meter").await.status, 200);
    server.advance(MINUTE / 60);
    assert_is_dead(&program).await;
    assert_eq!(client.get("/account/tokens").await.parts(), (200, json!([])));
    let keep = RetentionConfig { audit: 100 * DAY, reads: 100 * DAY, inactive_accounts: None };
    cleanup::cleanup(&server.database.open().await, server.clock.now(), keep).await.unwrap();
    assert_eq!(server.execute("UPDATE api_tokens SET name = ''").await, 0);
}

#[both_databases::test]
async fn the_last_use_is_known_to_within_a_minute(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let program = program(&client, &["read"]).await;
    let last_use = async || client.get("/account/tokens").await.body[0]["last_used_at"].clone();
    assert_eq!(last_use().await, Value::Null);
    for (advance, at) in [(0, "10:00:00"), (59, "10:00:00"), (1, "10:01:00"), (60, "10:02:00"), (30, "10:02:00")] {
        server.advance(MINUTE / 60 * advance);
        for _ in 0..3 {
            assert_eq!(program.get("/meter").await.status, 200);
        }
        assert_eq!(last_use().await, json!(format!("2026-11-21T{at}.000Z")), "after {advance} s");
    }
    server.set_back(DAY);
    assert_eq!(program.get("/meter").await.status, 200);
    assert_eq!(last_use().await, json!("2026-11-20T10:02:30.000Z"), "the clock was set back");
}

#[both_databases::test]
async fn a_used_token_keeps_its_account_in_use(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let program = program(&client, &["account"]).await;
    server.advance(3 * DAY);
    let seen = program.get("/account/export").await.body["user"]["last_seen_at"].clone();
    assert_eq!(seen, json!("2026-11-24T10:00:00.000Z"));
}

#[both_databases::test]
async fn a_token_outlives_sessions_and_a_change_of_the_password(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let program = program(&client, &["read"]).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "seven wiser toads" });
    assert_eq!(client.post("/account/password", &change).await.status, 204);
    assert_eq!(client.delete("/logout").await.status, 204);
    server.advance(100 * DAY);
    assert_eq!(program.get("/meter").await.status, 200);
}

#[both_databases::test]
async fn a_change_of_the_password_deletes_the_tokens_if_the_user_wants_it(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let program = program(&client, &["read"]).await;
    let change = |delete: Value| json!({ "current_password": PASSWORD, "new_password": "seven wiser toads", "delete_tokens": delete });
    let malformed = client.post("/account/password", &change(json!("yes"))).await;
    assert_eq!(malformed.parts(), invalid_fields(&json!({ "delete_tokens": "must be true or false" })));
    let body = json!({ "current_password": "wrong", "new_password": "seven wiser toads", "delete_tokens": true });
    assert_eq!(client.post("/account/password", &body).await.status, 400);
    assert_eq!(program.get("/meter").await.status, 200, "nothing was changed");
    assert_eq!(client.post("/account/password", &change(json!(true))).await.status, 204);
    assert_is_dead(&program).await;
    assert_eq!(client.get("/account/tokens").await.parts(), (200, json!([])));
}

#[both_databases::test]
async fn disabling_the_account_ends_its_tokens_for_good(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let program = program(&client, &["account"]).await;
    assert_eq!(program.get("/meter").await.status, 200);
    server.execute("UPDATE users SET is_active = FALSE").await;
    assert_is_dead(&program).await;
    server.execute("UPDATE users SET is_active = TRUE").await;
    assert_is_dead(&program).await;
}

#[both_databases::test]
async fn deleting_the_account_ends_its_tokens(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let program = program(&client, &["account"]).await;
    assert_eq!(program.get("/meter").await.status, 200);
    assert_eq!(client.delete_with("/account", &json!({ "password": PASSWORD })).await.status, 204);
    assert_is_dead(&program).await;
    assert_eq!(server.execute("UPDATE api_tokens SET name = ''").await, 0);
}

#[both_databases::test]
async fn resetting_the_password_ends_tokens(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    let program = program(&client, &["account"]).await;
    assert_eq!(program.get("/meter").await.status, 200);
    server.client().post("/password/forgot", &json!({ "email": ADA })).await;
    let link = smtp.nth(2).await;
    assert_eq!(reset(&server.client(), &link, "seven wiser toads").await, 204);
    assert_is_dead(&program).await;
}

#[both_databases::test]
async fn a_new_token_is_reported_and_the_link_ends_it(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    let program = program(&client, &["account"]).await;
    let notice = smtp.notice(ADA, 1).await;
    assert_eq!(notice.subject(), "Your account has a new API token");
    let line = "2026-11-21 10:00 UTC: API token created, Unknown device, 127.0.0.1";
    assert!(notice.text().contains(line), "{}", notice.text());
    assert_eq!(program.get("/meter").await.status, 200);
    assert_eq!(secure(&server.client(), &notice).await.parts(), (204, Value::Null));
    assert_is_dead(&program).await;
    assert!(!client.is_signed_in().await);
}

#[both_databases::test]
async fn the_export_has_the_tokens_without_secrets(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let text = create(&client, &["account"]).await;
    let export = bearer(&client, &text).get("/account/export").await;
    let token = json!({
        "id": 1, "name": "a script", "scopes": ["account"], "created_at": "2026-11-21T10:00:00.000Z", "expires_at": null,
        "last_used_at": "2026-11-21T10:00:00.000Z",
    });
    assert_eq!((export.status, &export.body["api_tokens"]), (200, &json!([token])));
    assert!(!export.body.to_string().contains(&text));
}

#[both_databases::test]
async fn a_stalled_export_stops_when_its_token_is_deleted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let program = program(&client, &["account"]).await;
    let padding = "x".repeat(512);
    let insert = format!(
        "INSERT INTO audit (user_id, event, at, ip, user_agent) WITH RECURSIVE n(i) AS \
        (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT 1, 'signed_in', i, '192.0.2.7', '{padding}' FROM n"
    );
    server.execute(&insert).await;
    let response = program.request(Method::GET, "/account/export").send().await.unwrap();
    assert_eq!(client.delete("/account/tokens/1").await.status, 204);
    assert!(response.bytes().await.is_err(), "it breaks off");
}

#[both_databases::test]
async fn requests_with_tokens_are_counted(database: TestDatabase) {
    let server = TestServer::with(database, &[("METRICS_ADDR", "127.0.0.1:0"), ("SESSION_CACHE", "100")]).await;
    let client = server.signed_in("ada").await;
    let program = program(&client, &["read"]).await;
    let page = async || {
        let response = reqwest::get(format!("http://{}/metrics", server.metrics.unwrap())).await.unwrap();
        response.text().await.unwrap()
    };
    let counts = |page: &str, outcome: &str, count: u8| {
        page.contains(&format!("\ntollgate_api_tokens_total{{outcome=\"{outcome}\"}} {count}\n"))
    };
    let before = page().await;
    assert!(counts(&before, "accepted", 0) && counts(&before, "invalid", 0), "{before}");
    assert_eq!(program.get("/meter").await.status, 200);
    assert_eq!(program.get("/meter").await.status, 200);
    assert_eq!(bearer(&client, "tgt_").get("/meter").await.status, 401);
    let after = page().await;
    assert!(counts(&after, "accepted", 2) && counts(&after, "invalid", 1), "{after}");
    let hits = "tollgate_cache_lookups_total{cache=\"api_tokens\",result=\"hit\"}";
    // The cache is unused until the listener has started.
    while value(&page().await, hits) < Some(1.0) {
        assert_eq!(program.get("/meter").await.status, 200);
    }
}

#[both_databases::test]
async fn a_token_deleted_on_one_node_is_refused_on_the_other(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let program = program(&client, &["account"]).await;
    let there = program.at(&server.second_node(&[]).await);
    assert_eq!(there.get("/check_session").await.status, 200, "it is in the cache of the other node");
    assert_eq!(client.delete("/account/tokens/1").await.status, 204);
    assert_eq!(program.get("/check_session").await.parts(), invalid_token());
    let refused: Answer = there.get_until("/check_session", |answer| answer.status == 401).await;
    assert_eq!(refused.parts(), invalid_token());
}

#[both_databases::test]
async fn tokens_changed_by_an_operator_with_sql_are_read_again_on_all_nodes(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let program = program(&client, &["read", "account"]).await;
    let there = program.at(&server.second_node(&[]).await);
    for node in [&program, &there] {
        assert_eq!(node.get("/check_session").await.status, 200);
    }
    server.database.execute("UPDATE api_tokens SET scopes = 'read'").await;
    for node in [&program, &there] {
        node.get_until("/check_session", |answer| answer.status == 403).await;
    }
    server.database.execute("DELETE FROM api_tokens").await;
    for node in [&program, &there] {
        node.get_until("/meter", |answer| answer.status == 401).await;
    }
}
