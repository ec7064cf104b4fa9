//! How long a session lasts, and cookies that are not a session.

use std::time::Duration;

use futures_util::future::{join, join_all};
use serde_json::json;

use crate::support::{
    client::{Client, PASSWORD},
    database::TestDatabase,
    fixtures::{DAY, HOUR, MINUTE, login_required},
    server::TestServer,
};

#[both_databases::test]
async fn a_session_ends_when_it_is_idle_for_a_day(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    server.advance(DAY - Duration::from_millis(1));
    assert_eq!(client.get("/check_session").await.status, 200);
    server.advance(DAY);
    let over = client.get("/check_session").await;
    assert!(over.header("set-cookie").unwrap().starts_with("session=;"), "the cookie is cleared");
    assert_eq!(over.status, 401);
}

#[both_databases::test]
async fn a_session_ends_after_a_week_however_much_it_is_used(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    for _ in 0..13 {
        server.advance(12 * HOUR);
        assert_eq!(client.get("/check_session").await.status, 200);
    }
    let last = client.get("/check_session").await;
    assert_eq!(last.body["session"]["idle_expires_at"], json!("2026-11-28T10:00:00.000Z"), "never past its end");
    server.advance(12 * HOUR);
    assert_eq!(client.get("/check_session").await.status, 401);
}

#[both_databases::test]
async fn stay_signed_in_lasts_ninety_days_at_most(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    client.post("/login", &json!({ "username": "ada", "password": PASSWORD, "stay_signed_in": true })).await;
    for day in [29, 58, 87] {
        server.advance(29 * DAY);
        let seen = client.get("/check_session").await;
        let max_age = if day == 87 { 3 } else { 30 } * DAY.as_secs();
        let cookie = seen.header("set-cookie").unwrap().to_owned();
        assert!(cookie.ends_with(&format!("; Max-Age={max_age}")), "{cookie}");
        assert_eq!(seen.status, 200);
    }
    server.advance(3 * DAY);
    assert_eq!(client.get("/check_session").await.status, 401);
}

#[both_databases::test]
async fn the_last_use_is_written_once_a_minute(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let idle_end = async || client.get("/check_session").await.body["session"]["idle_expires_at"].clone();
    server.advance(MINUTE - Duration::from_millis(1));
    assert_eq!(idle_end().await, json!("2026-11-22T10:00:00.000Z"));
    server.advance(Duration::from_millis(1));
    assert_eq!(idle_end().await, json!("2026-11-22T10:01:00.000Z"));
    assert_eq!(idle_end().await, json!("2026-11-22T10:01:00.000Z"));
}

#[both_databases::test]
async fn a_used_session_stays_valid_however_short_its_idle_time(database: TestDatabase) {
    let settings = [("SESSION_IDLE", "2m"), ("REMEMBER_IDLE", "30s"), ("SESSION_MAX", "1d")];
    let server = TestServer::with(database, &settings).await;
    for (stay_signed_in, idle) in [(false, 2 * MINUTE), (true, MINUTE / 2)] {
        let client = server.client();
        client.post("/register", &json!({ "username": format!("ada{stay_signed_in}"), "password": PASSWORD })).await;
        let login = json!({ "username": format!("ada{stay_signed_in}"), "password": PASSWORD, "stay_signed_in": stay_signed_in });
        client.post("/login", &login).await;
        for _ in 0..10 {
            // The first use extends the session by a tenth, so that the second one is still in time.
            for span in [idle / 10, idle - Duration::from_millis(1)] {
                server.advance(span);
                assert_eq!(client.get("/check_session").await.status, 200, "{idle:?} idle");
            }
        }
        server.advance(idle);
        assert_eq!(client.get("/check_session").await.status, 401, "{idle:?} idle");
    }
}

#[both_databases::test]
async fn forged_truncated_and_foreign_cookies_are_ignored_and_cleared(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client().without_cookies();
    client.register("ada").await;
    let answer = client.login("ada").await;
    let good = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let (head, last) = good.split_at(good.len() - 1);
    let tampered = format!("{head}{}", if last == "A" { "B" } else { "A" });
    let long = format!("session={}", "x".repeat(5000));
    for wrong in ["session=", "session=x", "session=%00%ff", "session=\"", head, &tampered, &long] {
        assert_eq!(client.get_with("/meter", &[("cookie", wrong)]).await.parts(), login_required(), "{wrong}");
        for (path, accept) in [("/check_session", "application/json"), ("/meter", "text/html")] {
            let refused = client.get_with(path, &[("cookie", wrong), ("accept", accept)]).await;
            let cleared = refused.header("set-cookie").unwrap_or_default();
            assert!(cleared.starts_with("session=;") && cleared.contains("Max-Age=0"), "{path} {wrong}: {cleared}");
        }
    }
    assert_eq!(client.get_with("/meter", &[("cookie", &good)]).await.status, 200);
    let beside = format!("theirs=%ff; {good}");
    assert_eq!(client.get_with("/meter", &[("cookie", &beside)]).await.status, 200, "others' cookies do no harm");
    assert_eq!(client.get("/meter").await.header("set-cookie"), None, "without one there is nothing to clear");
}

#[both_databases::test]
async fn one_user_can_have_fifty_sessions(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.client().register("ada").await;
    let clients: Vec<_> = (0..50).map(|number| server.client().in_network(number)).collect();
    join_all(clients.iter().map(|client| client.login("ada"))).await;
    let live = join_all(clients.iter().map(|client| client.get("/check_session"))).await;
    assert!(live.iter().all(|answer| answer.status == 200));
}

#[both_databases::test]
async fn beyond_a_hundred_sessions_the_one_idle_longest_ends(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (used, idle) = (server.signed_in("ada").await, server.client());
    idle.login("ada").await;
    server.advance(2 * MINUTE);
    assert!(used.is_signed_in().await);
    let more = server.client().without_cookies();
    for _ in 0..98 {
        more.login("ada").await;
    }
    assert!(idle.is_signed_in().await, "this is the hundredth, and it is used now");
    server.advance(2 * MINUTE);
    assert!(idle.is_signed_in().await);
    more.login("ada").await;
    assert!(!used.is_signed_in().await);
    assert!(idle.is_signed_in().await);
}

#[both_databases::test]
async fn simultaneous_logins_leave_a_hundred_sessions(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let more = server.client().without_cookies();
    for _ in 0..95 {
        more.login("ada").await;
    }
    server.advance(2 * MINUTE);
    assert!(client.is_signed_in().await);
    let clients: Vec<_> = (0..20).map(|number| server.client().in_network(number)).collect();
    join_all(clients.iter().map(|client| client.login("ada"))).await;
    assert_eq!(client.get("/sessions").await.body.as_array().unwrap().len(), 100);
    assert!(join_all(clients.iter().map(Client::is_signed_in)).await.iter().all(|is_signed_in| *is_signed_in));
}

#[both_databases::test]
async fn a_request_in_flight_does_not_revive_a_session(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let other_tab = client.clone();
    server.advance(2 * MINUTE);
    let readers = join_all((0..20).map(|_| other_tab.get("/check_session")));
    let (_, logout) = join(readers, client.delete("/logout")).await;
    assert_eq!(logout.status, 204);
    assert_eq!(client.get("/check_session").await.status, 401);
}
