//! A session that is used from another place (`SESSION_PROTECTION`).

use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{MINUTE, login_required},
    server::TestServer,
};

const LOGIN: &str = "2026-11-21T10:15:00.000Z";

/// A cookie that can be sent from any address and browser.
struct Cookie {
    value: String,
    client: Client,
}

impl Cookie {
    async fn new(server: &TestServer) -> Self {
        let client = server.client().without_cookies();
        client.register("ada").await;
        let login =
            client.request(reqwest::Method::POST, "/login").json(&json!({ "username": "ada", "password": PASSWORD }));
        let login = client.send(login.header("x-forwarded-for", "203.0.113.7").header("user-agent", "home/1")).await;
        Self { value: login.cookie(), client }
    }

    async fn get(&self, path: &str, ip: &str, user_agent: &str) -> Answer {
        let headers = [("cookie", self.value.as_str()), ("x-forwarded-for", ip), ("user-agent", user_agent)];
        self.client.get_with(path, &headers).await
    }

    async fn fresh_until(&self, ip: &str, user_agent: &str) -> Value {
        self.get("/check_session", ip, user_agent).await.body["session"]["fresh_until"].clone()
    }
}

async fn start(database: TestDatabase, protection: &str) -> TestServer {
    TestServer::with(database, &[("SESSION_PROTECTION", protection), ("TRUSTED_PROXIES", "127.0.0.1")]).await
}

#[both_databases::test]
async fn basic_treats_a_session_from_elsewhere_as_not_fresh(database: TestDatabase) {
    for (ip, user_agent) in [("203.0.114.7", "home/1"), ("203.0.113.7", "thief/1"), ("2001:db8::1", "home/1")] {
        let server = start(TestDatabase::new(database.kind).unwrap(), "basic").await;
        let cookie = Cookie::new(&server).await;
        server.advance(MINUTE);
        assert_eq!(cookie.fresh_until("203.0.113.200", "home/1").await, json!(LOGIN), "the same /24");
        assert_eq!(cookie.fresh_until(ip, user_agent).await, json!("2026-11-21T10:01:00.000Z"), "{ip} {user_agent}");
        let change = cookie.client.request(reqwest::Method::PATCH, "/account").header("cookie", &cookie.value);
        let change = change
            .header("x-forwarded-for", ip)
            .header("user-agent", user_agent)
            .json(&json!({ "email": "eve@example.org" }));
        let refused = cookie.client.send(change).await;
        assert_eq!((refused.status, refused.code()), (401, "fresh_login_required"));
        assert_eq!(cookie.get("/blog/1", ip, user_agent).await.status, 200, "it goes on");
        server.advance(MINUTE);
        assert_eq!(
            cookie.fresh_until("203.0.113.7", "home/1").await,
            json!("2026-11-21T10:01:00.000Z"),
            "at home as well"
        );
    }
}

#[both_databases::test]
async fn the_list_shows_where_a_session_was_last_seen(database: TestDatabase) {
    let server = start(database, "basic").await;
    let cookie = Cookie::new(&server).await;
    let seen = async |ip, user_agent| {
        let listed = cookie.get("/sessions", ip, user_agent).await.body[0].clone();
        (listed["ip"].clone(), listed["user_agent"].clone())
    };
    assert_eq!(
        seen("203.0.113.8", "home/1").await,
        (json!("203.0.113.7"), json!("home/1")),
        "near, and less than a minute ago"
    );
    assert_eq!(seen("198.51.100.9", "thief/1").await, (json!("198.51.100.9"), json!("thief/1")));
    assert_eq!(seen("203.0.113.7", "home/1").await, (json!("198.51.100.9"), json!("thief/1")), "once a minute");
    server.advance(MINUTE);
    assert_eq!(seen("203.0.113.7", "home/1").await, (json!("203.0.113.7"), json!("home/1")));
}

#[both_databases::test]
async fn strong_ends_a_session_from_elsewhere(database: TestDatabase) {
    let server = start(database, "strong").await;
    let cookie = Cookie::new(&server).await;
    assert_eq!(cookie.get("/blog/1", "203.0.113.200", "home/1").await.status, 200);
    let ended = cookie.get("/blog/1", "203.0.114.7", "home/1").await;
    assert_eq!(ended.parts(), login_required());
    let over = cookie.get("/check_session", "203.0.113.7", "home/1").await;
    assert!(over.header("set-cookie").unwrap().starts_with("session=;"));
    assert_eq!(over.status, 401, "for everybody");

    let client = server.client();
    client.login("ada").await;
    let events = client.get("/account/audit").await.body;
    assert_eq!((&events[1]["event"], &events[1]["ip"]), (&json!("revoked"), &json!("203.0.114.7")));
}

#[both_databases::test]
async fn off_ignores_where_a_session_comes_from(database: TestDatabase) {
    let server = start(database, "off").await;
    let cookie = Cookie::new(&server).await;
    assert_eq!(cookie.fresh_until("198.51.100.9", "thief/1").await, json!(LOGIN));
}

#[both_databases::test]
async fn a_session_without_an_address_stays_valid(database: TestDatabase) {
    let server = start(database, "strong").await;
    let cookie = Cookie::new(&server).await;
    server.execute("UPDATE sessions SET ip = NULL, user_agent = NULL").await;
    assert_eq!(cookie.get("/blog/1", "198.51.100.9", "any/1").await.status, 200);
    server.advance(MINUTE);
    assert_eq!(cookie.get("/blog/1", "198.51.100.9", "any/1").await.status, 200);
    assert_eq!(cookie.get("/blog/1", "203.0.113.7", "any/1").await.status, 401, "it is noted now");
}
