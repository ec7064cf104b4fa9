//! The meter is exact under any load.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use tollgate::base::clock::Clock;

use crate::support::{
    client::Client,
    database::TestDatabase,
    fixtures::DAY,
    server::{START, TestServer},
};

fn meter(used: i64, resets_at: Option<&str>) -> (u16, Value) {
    let remaining = (5 - used).max(0);
    let body = json!({ "limit": 5, "used": used, "remaining": remaining, "resets_at": resets_at, "subscribed": false });
    (200, body)
}

/// How many of these simultaneous reads succeed; the others must be refused with 402.
async fn granted(readers: &[(Client, String)]) -> usize {
    let answers = join_all(readers.iter().map(|(client, path)| client.get(path))).await;
    let (granted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert!(refused.iter().all(|answer| answer.code() == "payment_required"), "{refused:?}");
    granted.len()
}

#[both_databases::test]
async fn exactly_the_limit_of_two_hundred_simultaneous_reads_succeeds(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let first = server.signed_in("ada").await;
    let second = server.client();
    second.login("ada").await;
    let readers: Vec<_> =
        (0..200).map(|n| (if n % 2 == 0 { &first } else { &second }.clone(), format!("/blog/{}", n % 3 + 1))).collect();
    assert_eq!(granted(&readers).await, 5);
    assert_eq!(first.get("/meter").await.parts(), meter(5, Some("2026-12-21T10:00:00.000Z")));
}

#[both_databases::test]
async fn simultaneous_readers_have_separate_meters(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let names: Vec<_> = (0..20).map(|n| format!("reader{n}")).collect();
    // One after the other, because at most 16 passwords of one network may wait to be hashed.
    let mut clients = Vec::new();
    for name in &names {
        clients.push(server.signed_in(name).await);
    }
    let granted = join_all(clients.iter().map(|client| async {
        let readers: Vec<_> = (0..10).map(|n| (client.clone(), format!("/blog/{}", n % 3 + 1))).collect();
        granted(&readers).await
    }));
    assert_eq!(granted.await, [5; 20]);
    let reads = server.execute("UPDATE reads SET metered = metered WHERE metered").await;
    assert_eq!((reads, server.execute("UPDATE meters SET used = used WHERE used = 5").await), (100, 20));
}

#[both_databases::test]
async fn the_meter_belongs_to_the_user_not_the_session(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    for _ in 0..5 {
        assert_eq!(client.get("/blog/1").await.status, 200);
    }
    client.delete("/logout").await;
    let elsewhere = server.client();
    elsewhere.login("ada").await;
    assert_eq!(elsewhere.get("/blog/2").await.code(), "payment_required");
    assert_eq!(server.signed_in("eve").await.get("/blog/1").await.status, 200, "others have their own");
}

#[both_databases::test]
async fn a_period_begins_with_its_first_read_and_ends_to_the_millisecond(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    client
        .post(
            "/login",
            &json!({ "username": "ada", "password": crate::support::client::PASSWORD, "stay_signed_in": true }),
        )
        .await;
    server.advance(10 * DAY);
    assert_eq!(client.get("/meter").await.parts(), meter(0, None));
    for _ in 0..5 {
        assert_eq!(client.get("/blog/1").await.status, 200);
    }
    server.advance(15 * DAY);
    assert_eq!(client.get("/blog/1").await.header("x-reads-reset"), Some("1296000"));
    server.advance(15 * DAY - Duration::from_millis(1));
    assert_eq!(client.get("/blog/1").await.header("x-reads-reset"), Some("1"));
    assert_eq!(client.get("/meter").await.parts(), meter(5, Some("2026-12-31T10:00:00.000Z")));

    server.advance(Duration::from_millis(1));
    assert_eq!(client.get("/meter").await.parts(), meter(0, None));
    assert_eq!(client.get("/blog/1").await.header("x-reads-remaining"), Some("4"));
    assert_eq!(client.get("/meter").await.parts(), meter(1, Some("2027-01-30T10:00:00.000Z")));
}

#[both_databases::test]
async fn a_limit_of_0_refuses_the_first_read(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "0")]).await;
    let client = server.signed_in("ada").await;
    let refused = client.get("/blog/1").await;
    assert_eq!((refused.status, &refused.body["resets_at"]), (400, &Value::Null));
    let by_posts = client.at(&server.second_node(&[("READS_LIMIT", "0"), ("READS_COUNT", "posts")]).await);
    let refused = by_posts.get("/blog/1").await;
    assert_eq!((refused.status, &refused.body["resets_at"]), (400, &Value::Null));
}

#[both_databases::test]
async fn a_lowered_limit_leaves_0_and_never_less(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    for _ in 0..5 {
        client.get("/blog/1").await;
    }
    let stricter = client.at(&server.second_node(&[("READS_LIMIT", "2")]).await);
    assert_eq!(stricter.get("/meter").await.body["remaining"], json!(0));
    assert_eq!(stricter.get("/blog/1").await.header("x-reads-remaining"), Some("0"));
}

#[both_databases::test]
async fn counting_posts_each_post_costs_one_read_a_period(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_COUNT", "posts"), ("READS_LIMIT", "2")]).await;
    let client = server.signed_in("ada").await;
    for (path, remaining) in [("/blog/1", "1"), ("/blog/1", "1"), ("/blog/2", "0")] {
        assert_eq!(client.get(path).await.header("x-reads-remaining"), Some(remaining), "{path}");
    }
    assert_eq!(client.get("/blog/3").await.code(), "payment_required");
    assert_eq!(client.get("/blog/1").await.status, 200, "what is paid for can be read again");

    server.advance(30 * DAY);
    let again = server.client();
    again.login("ada").await;
    assert_eq!(again.get("/blog/1").await.header("x-reads-remaining"), Some("1"), "a new period");
}

#[both_databases::test]
async fn counting_posts_simultaneous_first_reads_cost_one(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_COUNT", "posts")]).await;
    let client = server.signed_in("ada").await;
    let other = client.at(&server.second_node(&[("READS_COUNT", "posts")]).await);
    let readers: Vec<_> =
        (0..100).map(|n| (if n % 2 == 0 { &client } else { &other }.clone(), "/blog/1".to_owned())).collect();
    assert_eq!(granted(&readers).await, 100);
    assert_eq!(client.get("/meter").await.body["used"], json!(1));
}

#[both_databases::test]
async fn counting_posts_a_late_clock_charges_nothing_twice(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_COUNT", "posts")]).await;
    let ahead = server.signed_in("ada").await;
    let clock = Clock::manual(START.before(Duration::from_millis(5)));
    let behind = ahead.at(&server.node_with_clock(&[("READS_COUNT", "posts")], clock).await);
    assert_eq!(ahead.get("/blog/1").await.header("x-reads-remaining"), Some("4"));
    for _ in 0..2 {
        assert_eq!(behind.get("/blog/2").await.header("x-reads-remaining"), Some("3"));
    }
    assert_eq!(ahead.get("/blog/2").await.header("x-reads-remaining"), Some("3"));
}

#[both_databases::test]
async fn counting_posts_exactly_the_limit_of_simultaneous_reads_succeeds(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_COUNT", "posts"), ("READS_LIMIT", "2")]).await;
    let client = server.signed_in("ada").await;
    let readers: Vec<_> = (0..90).map(|n| (client.clone(), format!("/blog/{}", n % 3 + 1))).collect();
    assert_eq!(granted(&readers).await, 60, "two posts of three, thirty times each");
    assert_eq!(client.get("/meter").await.body["used"], json!(2));
}

#[both_databases::test]
async fn a_period_of_a_century_starts_with_the_first_metered_read(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_PERIOD", "36500d"), ("READS_LIMIT", "2")]).await;
    let client = server.signed_in("ada").await;
    server.execute("UPDATE users SET subscribed_until = 9000000000000").await;
    assert_eq!(client.get("/blog/1").await.status, 200, "free of charge");
    server.execute("UPDATE users SET subscribed_until = NULL").await;
    for used in 1..=2 {
        assert_eq!(client.get("/blog/1").await.status, 200);
        assert_eq!(client.get("/meter").await.body["used"], json!(used));
    }
    assert_eq!(client.get("/blog/1").await.code(), "payment_required");
}
