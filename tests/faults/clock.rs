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
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

async fn guess(client: &Client, password: &str) -> Answer {
    client.post("/login", &json!({ "username": "ada", "password": password })).await
}

on_both_databases! {
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
