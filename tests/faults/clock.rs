//! A clock that jumps: ahead as far as a year, and back.

use std::time::Duration;

use serde_json::json;
use tollgate::sweeper;

use crate::{
    on_both_databases,
    support::{
        client::{Answer, Client, PASSWORD},
        server::TestServer,
    },
};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
const PERIOD: &str = "2592000";

async fn guess(client: &Client, password: &str) -> Answer {
    client.post("/login", &json!({ "username": "ada", "password": password })).await
}

/// Reads posts 1 to 3 in turn until so many were read, with the reads that are left after each.
async fn read(client: &Client, count: usize) -> Vec<String> {
    let mut remaining = Vec::new();
    for number in 0..count {
        let answer = client.get(&format!("/blog/{}", number % 3 + 1)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        remaining.push(answer.header("x-reads-remaining").unwrap().to_owned());
    }
    remaining
}

on_both_databases! {
    async fn a_meter_that_is_used_up_stays_so_for_one_period(database) {
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

    async fn a_meter_that_is_not_goes_on_where_it_stands_for_one_period(database) {
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

    async fn where_posts_count_each_is_paid_once_a_period(database) {
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

    async fn wrong_passwords_of_the_future_hold_nobody_back(database) {
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

    async fn registrations_of_the_future_hold_nobody_back(database) {
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

    async fn the_sweeper_deletes_nothing_that_is_not_over(database) {
        let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
        let client = server.signed_in("ada").await;
        guess(&server.client(), "wrong password").await;
        for jump in [HOUR, YEAR] {
            server.set_back(jump);
            let swept = sweeper::sweep(&server.database.open().await, server.clock.now(), YEAR).await.unwrap();
            assert_eq!(swept, 0, "{jump:?}");
            assert!(client.is_signed_in().await);
        }
    }
}
