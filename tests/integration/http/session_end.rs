//! An ended session stays invalid, however it ended. Sessions cannot be fixed before the login.

use std::time::Duration;

use futures_util::future::{join, join_all};
use serde_json::json;

use crate::support::{
    client::{Client, PASSWORD},
    database::TestDatabase,
    fixtures::DAY,
    server::TestServer,
};

/// A server, a signed-in browser, and a copy of its cookie.
async fn start(database: TestDatabase, settings: &[(&str, &str)]) -> (TestServer, Client, String) {
    let server = TestServer::with(database, settings).await;
    let client = server.client();
    client.register("ada").await;
    let cookie = client.login("ada").await.cookie();
    (server, client, cookie)
}

/// Asserts that everything that needs a session refuses the copy.
async fn assert_is_dead(server: &TestServer, cookie: &str) {
    let thief = server.client().without_cookies();
    for path in ["/meter", "/blog/1", "/sessions", "/account/export", "/check_session", "/nowhere"] {
        let answer = thief.get_with(path, &[("cookie", cookie)]).await;
        assert_eq!((answer.status, answer.header("set-cookie").is_some()), (401, path == "/check_session"), "{path}");
    }
    let logout = thief.request(reqwest::Method::DELETE, "/logout").header("cookie", cookie);
    assert_eq!(thief.send(logout).await.status, 401);
}

#[both_databases::test]
async fn after_a_logout(database: TestDatabase) {
    let (server, client, cookie) = start(database, &[]).await;
    assert_eq!(client.delete("/logout").await.status, 204);
    assert_is_dead(&server, &cookie).await;
    client.login("ada").await;
    assert_is_dead(&server, &cookie).await;
}

#[both_databases::test]
async fn after_it_was_ended_from_another_session(database: TestDatabase) {
    let (server, client, cookie) = start(database, &[]).await;
    let id = client.get("/sessions").await.body[0]["id"].clone();
    let elsewhere = server.client();
    elsewhere.login("ada").await;
    assert_eq!(elsewhere.delete(&format!("/sessions/{id}")).await.status, 204);
    assert_is_dead(&server, &cookie).await;
}

#[both_databases::test]
async fn after_all_other_sessions_were_ended(database: TestDatabase) {
    let (server, _, cookie) = start(database, &[]).await;
    let elsewhere = server.client();
    elsewhere.login("ada").await;
    assert_eq!(elsewhere.delete("/sessions").await.status, 204);
    assert_is_dead(&server, &cookie).await;
}

#[both_databases::test]
async fn after_the_next_login_in_the_same_browser(database: TestDatabase) {
    let (server, client, cookie) = start(database, &[]).await;
    client.login("ada").await;
    assert_is_dead(&server, &cookie).await;
}

#[both_databases::test]
async fn after_a_new_password(database: TestDatabase) {
    let (server, client, cookie) = start(database, &[]).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "seven wiser toads" });
    assert_eq!(client.post("/account/password", &change).await.status, 204);
    assert_is_dead(&server, &cookie).await;
}

#[both_databases::test]
async fn after_the_account_was_disabled_and_enabled(database: TestDatabase) {
    let (server, _, cookie) = start(database, &[]).await;
    server.execute("UPDATE users SET is_active = FALSE").await;
    assert_is_dead(&server, &cookie).await;
    server.execute("UPDATE users SET is_active = TRUE").await;
    assert_is_dead(&server, &cookie).await;
}

#[both_databases::test]
async fn after_the_account_was_deleted(database: TestDatabase) {
    let (server, client, cookie) = start(database, &[]).await;
    assert_eq!(client.delete_with("/account", &json!({ "password": PASSWORD })).await.status, 204);
    assert_is_dead(&server, &cookie).await;
    client.register("ada").await;
    assert_is_dead(&server, &cookie).await;
}

#[both_databases::test]
async fn after_a_day_without_use(database: TestDatabase) {
    let (server, _, cookie) = start(database, &[]).await;
    server.advance(DAY);
    assert_is_dead(&server, &cookie).await;
}

#[both_databases::test]
async fn after_a_week(database: TestDatabase) {
    let (server, client, cookie) = start(database, &[]).await;
    for _ in 0..14 {
        server.advance(DAY / 2);
        client.get("/check_session").await;
    }
    assert_is_dead(&server, &cookie).await;
}

#[both_databases::test]
async fn after_it_was_used_from_elsewhere_with_strong_protection(database: TestDatabase) {
    let (server, _, cookie) = start(database, &[("SESSION_PROTECTION", "strong")]).await;
    let thief = server.client().without_cookies().with_headers(&[("user-agent", "thief/1")]);
    assert_eq!(thief.get_with("/meter", &[("cookie", &cookie)]).await.status, 401);
    assert_is_dead(&server, &cookie).await;
}

#[both_databases::test]
async fn a_login_prevents_session_fixation(database: TestDatabase) {
    let (server, _, attackers) = start(database, &[]).await;
    server.client().register("eve").await;
    let victim = server.client().without_cookies();
    for planted in ["session=chosen-by-the-attacker", attackers.as_str()] {
        let login = victim.request(reqwest::Method::POST, "/login").header("cookie", planted);
        let answer = victim.send(login.json(&json!({ "username": "eve", "password": PASSWORD }))).await;
        assert_eq!(answer.status, 200);
        assert_ne!(answer.cookie(), planted);
        assert_eq!(victim.get_with("/meter", &[("cookie", planted)]).await.status, 401, "{planted}");
        let seen = victim.get_with("/check_session", &[("cookie", &answer.cookie())]).await;
        assert_eq!(seen.body["username"], json!("eve"));
    }
}

#[both_databases::test]
async fn two_tabs_share_one_session(database: TestDatabase) {
    let (server, client, cookie) = start(database, &[("READS_LIMIT", "1000")]).await;
    let other_tab = server.client().without_cookies();
    let ours = join_all((0..50).map(|_| client.get("/blog/1")));
    let headers = [("cookie", cookie.as_str())];
    let theirs = join_all((0..50).map(|_| other_tab.get_with("/check_session", &headers)));
    let (ours, theirs) = join(ours, theirs).await;
    assert!(ours.iter().chain(&theirs).all(|answer| answer.status == 200));
    assert_eq!(client.get("/meter").await.body["used"], json!(50));
}

#[both_databases::test]
async fn a_logout_wins_over_simultaneous_requests(database: TestDatabase) {
    let (server, client, cookie) = start(database, &[("READS_LIMIT", "1000")]).await;
    server.advance(Duration::from_secs(2 * 60));
    let tab = server.client().without_cookies();
    let requests =
        join_all(
            (0..30).map(|number| {
                let (tab, cookie) = (tab.clone(), cookie.clone());
                async move {
                    tab.get_with(["/blog/1", "/check_session", "/sessions"][number % 3], &[("cookie", &cookie)]).await
                }
            }),
        );
    let change = json!({ "current_password": PASSWORD, "new_password": "seven wiser toads" });
    let change = tab.request(reqwest::Method::POST, "/account/password").header("cookie", &cookie).json(&change);
    let ((answers, changed), out) = join(join(requests, tab.send(change)), client.delete("/logout")).await;
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 401)));
    assert!(matches!((changed.status, out.status), (204, _) | (401, 204)), "{changed:?} {out:?}");
    assert_is_dead(&server, &cookie).await;
}
