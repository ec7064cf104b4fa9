//! A clock that jumps: ahead as far as a year, and back.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tollgate::{base::clock::Clock, config::RetentionConfig, jobs::cleanup};

use crate::support::{
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{DAY, HOUR, MINUTE},
    gifts::{give, subscriber},
    server::{START, TestServer},
};

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
const PERIOD: &str = "2592000";

/// The same browser, connected to a node with the session cache and to one without it.
async fn at_both_nodes(server: &TestServer, client: &Client) -> [Client; 2] {
    [client.clone(), client.at(&server.second_node(&[("SESSION_CACHE", "0")]).await)]
}

async fn guess(client: &Client, password: &str) -> Answer {
    client.post("/login", &json!({ "username": "ada", "password": password })).await
}

/// Reads posts 1 to 3 in turn, `count` times. Returns the remaining reads after each.
async fn read(client: &Client, count: usize) -> Vec<String> {
    let mut remaining = Vec::new();
    for number in 0..count {
        let answer = client.get(&format!("/blog/{}", number % 3 + 1)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        remaining.push(answer.header("x-reads-remaining").unwrap().to_owned());
    }
    remaining
}

#[both_databases::test]
async fn after_a_jump_a_session_continues_as_if_it_began_now(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut clients = Vec::new();
    for (name, jump) in [("ada", HOUR), ("eve", YEAR)] {
        server.advance(jump);
        let client = server.signed_in(name).await;
        assert!(client.is_signed_in().await);
        server.set_back(jump);
        for node in at_both_nodes(&server, &client).await {
            assert_eq!(node.get("/check_session").await.status, 200);
            let session = &node.get("/sessions").await.body[0];
            let ends = (&session["idle_expires_at"], &session["expires_at"]);
            assert_eq!(ends, (&json!("2026-11-22T10:00:00.000Z"), &json!("2026-11-28T10:00:00.000Z")), "{jump:?}");
        }
        clients.push(client);
    }
    server.advance(DAY);
    for client in clients {
        assert!(!client.is_signed_in().await, "it was not used for a day");
    }
}

#[both_databases::test]
async fn a_jump_ahead_and_back_does_not_end_a_session(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    server.advance(HOUR);
    for node in at_both_nodes(&server, &client).await {
        assert!(node.is_signed_in().await);
    }
    server.set_back(HOUR);
    for node in at_both_nodes(&server, &client).await {
        assert!(node.is_signed_in().await);
    }
    for _ in 0..13 {
        server.advance(DAY / 2);
        assert!(client.is_signed_in().await);
    }
    server.advance(DAY / 2);
    assert!(!client.is_signed_in().await, "a week has passed");
}

#[both_databases::test]
async fn after_a_jump_a_login_stays_fresh_as_long_as_usual(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.advance(YEAR);
    let client = server.signed_in("ada").await;
    server.set_back(YEAR);
    assert!(client.is_signed_in().await);
    server.advance(15 * MINUTE - Duration::from_millis(1));
    assert_eq!(client.delete("/sessions").await.status, 204);
    server.advance(Duration::from_millis(1));
    assert_eq!(client.delete("/sessions").await.code(), "fresh_login_required");
}

#[both_databases::test]
async fn after_a_jump_a_used_up_meter_stays_so_for_one_period(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.client().register("ada").await;
    server.advance(YEAR);
    let client = server.client();
    client.login("ada").await;
    assert_eq!(read(&client, 5).await, ["4", "3", "2", "1", "0"]);
    server.set_back(YEAR);
    assert_eq!(client.get("/meter").await.body["resets_at"], json!("2026-12-21T10:00:00.000Z"));
    let refused = client.get("/blog/1").await;
    assert_eq!((refused.code(), refused.header("x-reads-reset")), ("payment_required", Some(PERIOD)));

    server.advance(30 * DAY - Duration::from_millis(1));
    client.login("ada").await;
    assert_eq!(client.get("/blog/1").await.header("x-reads-reset"), Some("1"));
    server.advance(Duration::from_millis(1));
    assert_eq!(read(&client, 1).await, ["4"]);
}

#[both_databases::test]
async fn clock_skew_between_nodes_gives_no_read_away(database: TestDatabase) {
    let settings = [("READS_LIMIT", "1"), ("READS_PERIOD", "10s")];
    let server = TestServer::with(database, &settings).await;
    let (behind, ahead) = (server.signed_in("ada").await, Clock::manual(START.after(Duration::from_secs(5))));
    let ahead_of = behind.at(&server.node_with_clock(&settings, ahead.clone()).await);
    assert_eq!(ahead_of.get("/blog/1").await.status, 200);
    for _ in 0..3 {
        assert_eq!(behind.get("/blog/1").await.code(), "payment_required");
        assert_eq!(ahead_of.get("/blog/1").await.code(), "payment_required");
        server.advance(Duration::from_secs(3));
        ahead.advance(Duration::from_secs(3));
    }
    server.advance(Duration::from_secs(1));
    ahead.advance(Duration::from_secs(1));
    assert_eq!(ahead_of.get("/blog/1").await.status, 200, "a whole period later");
}

#[both_databases::test]
async fn after_a_jump_a_partly_used_meter_continues_for_one_period(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    server.advance(HOUR);
    assert_eq!(read(&client, 2).await, ["4", "3"]);
    server.set_back(HOUR);
    let answer = client.get("/blog/1").await;
    assert_eq!((answer.header("x-reads-remaining"), answer.header("x-reads-reset")), (Some("2"), Some(PERIOD)));
    assert_eq!(client.get("/reads").await.body.as_array().unwrap().len(), 3);
    server.advance(30 * DAY);
    client.login("ada").await;
    assert_eq!(read(&client, 1).await, ["4"]);
}

#[both_databases::test]
async fn after_a_jump_each_post_is_counted_once_a_period(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_COUNT", "posts")]).await;
    server.client().register("ada").await;
    server.advance(50 * DAY);
    let client = server.client();
    client.login("ada").await;
    assert_eq!(read(&client, 2).await, ["4", "3"]);
    server.set_back(50 * DAY);
    assert_eq!(read(&client, 3).await, ["3", "3", "2"]);
    assert_eq!(read(&client, 3).await, ["2", "2", "2"]);
    server.advance(30 * DAY);
    client.login("ada").await;
    assert_eq!(read(&client, 3).await, ["4", "3", "2"]);
}

#[both_databases::test]
async fn wrong_passwords_from_the_future_lock_nobody_out(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    server.client().register("ada").await;
    for jump in [HOUR, YEAR] {
        server.advance(jump);
        for _ in 0..5 {
            assert_eq!(guess(&server.client(), "wrong password").await.status, 400);
        }
        assert_eq!(guess(&server.client(), PASSWORD).await.header("retry-after"), Some("300"));
        server.set_back(Duration::from_secs(5));
        assert_eq!(guess(&server.client(), PASSWORD).await.header("retry-after"), Some("305"), "as nodes differ");
        server.set_back(jump);
        assert_eq!(guess(&server.client(), PASSWORD).await.status, 200);
        server.advance(Duration::from_secs(5));
    }
}

#[both_databases::test]
async fn registrations_from_the_future_block_nobody(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    server.advance(YEAR);
    for number in 0..20 {
        server.client().register(&format!("user{number}")).await;
    }
    let one_more = json!({ "username": "ada", "password": PASSWORD });
    assert_eq!(server.client().post("/register", &one_more).await.header("retry-after"), Some("3600"));
    server.set_back(YEAR);
    server.client().register("ada").await;
}

#[both_databases::test]
async fn after_a_jump_cleanup_deletes_only_what_expired(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let client = server.signed_in("ada").await;
    guess(&server.client(), "wrong password").await;
    for jump in [HOUR, YEAR] {
        server.set_back(jump);
        let keep = RetentionConfig { audit: YEAR, reads: YEAR, inactive_accounts: Some(YEAR) };
        let deleted = cleanup::cleanup(&server.database.open().await, server.clock.now(), keep).await.unwrap();
        assert_eq!(deleted, 0, "{jump:?}");
        assert!(client.is_signed_in().await);
    }
}

#[both_databases::test]
async fn no_request_fails_at_any_time(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let since_1970 = Duration::from_millis(START.millis().unsigned_abs());
    let there: [fn(&TestServer, Duration); 2] = [TestServer::advance, TestServer::set_back];
    for (jump, back_first) in [(HOUR, false), (YEAR, false), (HOUR, true), (YEAR, true), (since_1970, true)] {
        for go in if back_first { [there[1], there[0]] } else { there } {
            go(&server, jump);
            client.login("ada").await;
            for path in ["/check_session", "/blog", "/blog/1", "/meter", "/reads", "/sessions", "/account/export"] {
                let answer = client.get(path).await;
                assert!(matches!(answer.status, 200 | 400), "{path}: {answer:?}");
                let reset = answer.header("x-reads-reset").unwrap_or("0");
                assert!(reset.parse::<u32>().unwrap() <= 2_592_000, "{path}: {reset}");
            }
        }
    }
}

#[both_databases::test]
async fn gifts_from_the_future_count_against_no_quota(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let giver = subscriber(&server, "ada").await;
    server.advance(HOUR);
    for _ in 0..5 {
        give(&giver, 1, json!({})).await;
    }
    assert_eq!(giver.post("/blog/1/gifts", &json!({})).await.body["code"], json!("gift_limit_reached"));
    server.set_back(HOUR);
    for _ in 0..5 {
        give(&giver, 1, json!({})).await;
    }
    assert_eq!(giver.post("/blog/1/gifts", &json!({})).await.body["code"], json!("gift_limit_reached"));
}

#[both_databases::test]
async fn a_subscription_that_was_granted_before_a_jump_can_be_ended(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (reader, admin) = (server.signed_in("ada").await, server.admin("editor").await);
    server.advance(HOUR);
    assert_eq!(admin.send(admin.request(Method::PUT, "/users/1/subscription")).await.status, 200);
    server.set_back(HOUR);
    assert_eq!(reader.get("/subscription").await.body["status"], json!("active"));
    assert_eq!(admin.delete("/users/1/subscription").await.status, 204);
    assert_eq!(reader.get("/subscription").await.body["status"], json!("ended"));
}
