//! Apps that are no browsers: sessions whose token is sent in a header.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    api_tokens::{bearer, create},
    authenticator::{Authenticator, enrol, incorrect_code, login_expired},
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{DAY, HOUR, MINUTE, invalid_fields, login_required},
    server::TestServer,
};

const NEW: &str = "seven wiser toads";

fn invalid_session() -> (u16, Value) {
    (401, json!({ "error": "the session has ended or its token is invalid; sign in again", "code": "invalid_token" }))
}

fn credentials(username: &str) -> Value {
    json!({ "username": username, "password": PASSWORD, "transport": "bearer" })
}

/// The token in the body of a login, which has set no cookie.
fn session_token(answer: &mut Answer) -> String {
    assert_eq!((answer.status, answer.header("set-cookie")), (200, None), "{answer:?}");
    let token = answer.body.as_object_mut().unwrap().remove("session_token").unwrap();
    token.as_str().unwrap().to_owned()
}

/// Signs in, and returns the app with its token.
async fn app(client: &Client, username: &str) -> (Client, String) {
    let token = session_token(&mut client.post("/login", &credentials(username)).await);
    (bearer(client, &token), token)
}

/// An app of a user who has just registered.
async fn new_app(server: &TestServer, username: &str) -> (Client, String) {
    server.client().register(username).await;
    app(&server.client(), username).await
}

#[both_databases::test]
async fn an_app_signs_in_without_cookies_and_its_session_is_one_like_any_other(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let browser = server.signed_in("ada").await;
    let mut login = server.client().post("/login", &credentials("ada")).await;
    let token = session_token(&mut login);
    assert!(token.starts_with("tgs_") && token.len() == 53, "{token}");
    let app = bearer(&server.client(), &token);
    assert_eq!(app.get("/check_session").await.parts(), (200, login.body));
    let listed = app.get("/sessions").await.body;
    let current: Vec<_> = listed.as_array().unwrap().iter().map(|session| session["current"].clone()).collect();
    assert_eq!(current.len(), 2);
    assert!(current.contains(&json!(true)) && !listed.to_string().contains(&token), "{listed}");
    let read = app.get("/blog/1").await;
    assert_eq!((read.status, read.header("set-cookie")), (200, None));
    assert_eq!(app.get("/forward-auth").await.header("x-tollgate-username"), Some("ada"));
    assert_eq!(app.get("/nowhere").await.code(), "not_found");
    // What needs a fresh session or no API token.
    let created = app.post("/account/tokens", &json!({ "name": "a script", "scopes": ["read"] })).await;
    assert_eq!(created.status, 201, "{created:?}");
    server.advance(15 * MINUTE);
    assert_eq!(app.post("/account/totp", &json!({})).await.code(), "fresh_login_required");

    let id = listed.as_array().unwrap().iter().find(|session| session["current"] == json!(true)).unwrap()["id"].clone();
    let ended = browser.delete_with(&format!("/sessions/{id}"), &json!({ "password": PASSWORD })).await;
    assert_eq!(ended.status, 204);
    assert_eq!(app.get("/meter").await.parts(), invalid_session());
}

#[both_databases::test]
async fn the_cookies_that_an_app_sends_do_not_count_and_stay(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_ANONYMOUS", "2")]).await;
    let browser = server.signed_in("eve").await;
    server.client().register("ada").await;
    let (app, _) = app(&browser, "ada").await;
    assert_eq!(app.get("/check_session").await.body["username"], json!("ada"));
    assert_eq!(browser.get("/check_session").await.body["username"], json!("eve"), "the browser's session goes on");
}

#[both_databases::test]
async fn a_request_with_a_session_token_is_exempt_from_the_origin_check_and_signing_in_is_not(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let browser = server.signed_in("ada").await;
    let (_, token) = app(&server.client(), "ada").await;
    let foreign = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    let change = async |client: &Client, authorization: Option<&str>| {
        let request = client.request(Method::PATCH, "/account").json(&json!({ "email": "ada@example.org" }));
        let request = foreign.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = authorization.iter().fold(request, |request, value| request.header("authorization", *value));
        client.send(request).await
    };
    assert_eq!(change(&browser, None).await.code(), "cross_origin");
    assert_eq!(change(&server.client(), Some(&format!("Bearer {token}"))).await.status, 200);
    let login = server.client().request(Method::POST, "/login").header("origin", "https://evil.example");
    let login = login.header("authorization", format!("Bearer {token}")).json(&credentials("ada"));
    assert_eq!(server.client().send(login).await.code(), "cross_origin");
    let read = [("sec-fetch-site", "cross-site"), ("authorization", &format!("Bearer {token}"))];
    assert_eq!(server.client().get_with("/blog/1", &read).await.status, 200, "no page can send the token");
}

#[both_databases::test]
async fn neither_kind_of_token_is_accepted_in_the_place_of_the_other(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let plain = server.client().without_cookies();
    plain.register("ada").await;
    let (_, token) = app(&plain, "ada").await;
    let cookie = plain.login("ada").await.cookie();
    for forged in [format!("session={token}"), format!("session={}", token.trim_start_matches("tgs_"))] {
        let answer = plain.get_with("/meter", &[("cookie", &forged)]).await;
        assert_eq!(answer.parts(), login_required(), "{forged}");
    }
    let value = cookie.split_once('=').unwrap().1;
    let signed = value.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    // The signature of a cookie is 44 letters in base64.
    let (_, unsigned) = signed.split_at(44);
    assert_eq!(unsigned.len(), 43, "{signed}");
    for text in [value, &signed, unsigned] {
        let answer = bearer(&plain, text).get("/meter").await;
        assert_eq!((answer.status, answer.code()), (401, "invalid_token"), "{text}");
        let answer = bearer(&plain, &format!("tgs_{text}")).get("/meter").await;
        assert_eq!(answer.parts(), invalid_session(), "{text}");
    }
    let api_token = create(&bearer(&plain, &token), &["account"]).await;
    let relabelled = api_token.replace("tgt_", "tgs_");
    assert_eq!(bearer(&plain, &relabelled).get("/meter").await.parts(), invalid_session());
    assert_eq!(bearer(&plain, &token.replace("tgs_", "tgt_")).get("/meter").await.code(), "invalid_token");
}

#[both_databases::test]
async fn an_invalid_session_token_never_falls_back_to_the_cookie(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let browser = server.signed_in("ada").await;
    let (_, token) = app(&server.client(), "ada").await;
    let changed = format!("{}0", &token[..52]);
    let changed = if changed == token { format!("{}1", &token[..52]) } else { changed };
    for wrong in ["tgs_", "tgs_a", &changed, &token.to_uppercase().replace("TGS_", "tgs_")] {
        for path in ["/meter", "/check_session", "/blog/1", "/forward-auth", "/nowhere"] {
            let answer = browser.get_with(path, &[("authorization", &format!("Bearer {wrong}"))]).await;
            assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer error=\"invalid_token\""));
            assert_eq!((answer.header("set-cookie"), answer.status), (None, 401), "{wrong} {path}");
            assert_eq!(answer.parts(), invalid_session(), "{wrong} {path}");
        }
    }
    assert!(browser.is_signed_in().await);
}

#[both_databases::test]
async fn an_app_logs_out(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (ada, _) = new_app(&server, "ada").await;
    let out = ada.delete("/logout").await;
    assert_eq!((out.header("set-cookie"), out.status), (None, 204));
    assert_eq!(ada.delete("/logout").await.parts(), invalid_session());
    let (again, _) = app(&server.client(), "ada").await;
    let events = again.get("/account/audit").await.body;
    assert_eq!(
        events.as_array().unwrap().iter().map(|event| event["event"].clone()).collect::<Vec<_>>(),
        ["signed_in", "signed_out", "signed_in", "registered"]
    );
}

#[both_databases::test]
async fn changing_the_password_gives_an_app_a_new_token_and_a_browser_a_new_cookie(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (ada, token) = new_app(&server, "ada").await;
    let browser = server.client();
    browser.login("ada").await;
    let other = bearer(&server.client(), &app(&server.client(), "ada").await.1);
    let body = json!({ "username": "ada", "password": PASSWORD, "transport": "bearer", "stay_signed_in": true });
    let lasting = session_token(&mut server.client().post("/login", &body).await);
    let change = json!({ "current_password": PASSWORD, "new_password": NEW });
    let mut changed = bearer(&server.client(), &lasting).post("/account/password", &change).await;
    let new = session_token(&mut changed);
    assert_eq!(changed.body, json!({}));
    assert_ne!(new, token);
    for old in [&ada, &other, &bearer(&server.client(), &lasting)] {
        assert_eq!(old.get("/meter").await.parts(), invalid_session());
    }
    assert!(!browser.is_signed_in().await);
    let ada = bearer(&server.client(), &new);
    assert_eq!(ada.get("/check_session").await.body["session"]["stay_signed_in"], json!(true));

    assert_eq!(browser.try_login("ada", NEW).await, 200);
    let back = json!({ "current_password": NEW, "new_password": PASSWORD });
    let changed = browser.post("/account/password", &back).await;
    assert!(changed.cookie().starts_with("session="), "{changed:?}");
    assert_eq!(changed.parts(), (204, Value::Null));
    assert_eq!(ada.get("/meter").await.parts(), invalid_session());
}

#[both_databases::test]
async fn deleting_the_account_sets_no_cookie_in_an_app(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (app, _) = new_app(&server, "ada").await;
    let deleted = app.delete_with("/account", &json!({ "password": PASSWORD })).await;
    assert_eq!((deleted.header("set-cookie"), deleted.status), (None, 204));
    assert_eq!(app.get("/meter").await.parts(), invalid_session());
}

#[both_databases::test]
async fn the_session_of_an_app_is_renewed_by_use_and_expires(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (app, _) = new_app(&server, "ada").await;
    server.advance(12 * HOUR);
    let used = app.get("/check_session").await;
    assert_eq!(used.body["session"]["idle_expires_at"], json!("2026-11-22T22:00:00.000Z"));
    server.advance(DAY);
    assert_eq!(app.get("/check_session").await.parts(), invalid_session());
}

#[both_databases::test]
async fn session_protection_holds_for_apps(database: TestDatabase) {
    let settings = [("TRUSTED_PROXIES", "127.0.0.1"), ("SESSION_PROTECTION", "strong")];
    let server = TestServer::with(database, &settings).await;
    let home = server.client().behind_proxy("203.0.113.7");
    home.register("ada").await;
    let (_, token) = app(&home, "ada").await;
    let from = |ip: &str| {
        let authorization = format!("Bearer {token}");
        server.client().with_headers(&[("authorization", &authorization), ("x-forwarded-for", ip)])
    };
    assert_eq!(from("203.0.113.9").get("/meter").await.status, 200);
    assert_eq!(from("198.51.100.7").get("/meter").await.parts(), invalid_session());
    assert_eq!(from("203.0.113.9").get("/meter").await.parts(), invalid_session(), "it has ended");
}

#[both_databases::test]
async fn a_session_of_an_app_that_another_node_ends_is_refused(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let node = server.second_node(&[]).await;
    let (app, _) = new_app(&server, "ada").await;
    assert_eq!(app.at(&node).get("/meter").await.status, 200);
    assert_eq!(app.delete("/logout").await.status, 204);
    let refused = app.at(&node).get_until("/meter", |answer| answer.status == 401).await;
    assert_eq!(refused.parts(), invalid_session());
}

#[both_databases::test]
async fn a_disabled_user_is_signed_out_of_apps(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (app, _) = new_app(&server, "ada").await;
    assert_eq!(server.execute("UPDATE users SET is_active = FALSE").await, 1);
    assert_eq!(app.get("/meter").await.parts(), invalid_session());
}

#[both_databases::test]
async fn another_transport_than_these_two_is_refused(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    let body = json!({ "username": "ada", "password": PASSWORD, "transport": "pigeon" });
    let refused = invalid_fields(&json!({ "transport": "must be cookie or bearer" }));
    assert_eq!(client.post("/login", &body).await.parts(), refused);
    let body = json!({ "username": "ada", "password": PASSWORD, "transport": "cookie" });
    let login = client.post("/login", &body).await;
    assert!(login.cookie().starts_with("session=") && login.body.get("session_token").is_none(), "{login:?}");
}

/// The first step of an app's login.
async fn login_token(client: &Client) -> String {
    let mut first = client.post("/login", &credentials("ada")).await;
    assert_eq!((first.status, first.header("set-cookie")), (401, None), "{first:?}");
    let token = first.body.as_object_mut().unwrap().remove("login_token").unwrap();
    let expires_at = first.body.as_object_mut().unwrap().remove("expires_at").unwrap();
    assert!(expires_at.is_string());
    let expected = json!({
        "error": "enter the code of your second factor", "code": "second_factor_required",
        "methods": ["totp", "recovery_code"],
    });
    assert_eq!(first.body, expected);
    token.as_str().unwrap().to_owned()
}

async fn second_step(client: &Client, code: &str, token: &str) -> Answer {
    let body = json!({
        "method": "totp", "code": code, "transport": "bearer", "login_token": token, "trust_browser": true,
    });
    client.post("/login/second-factor", &body).await
}

#[both_databases::test]
async fn an_app_passes_the_second_step_with_the_login_token(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (app, codes): (Authenticator, _) = enrol(&server, &server.signed_in("ada").await).await;
    server.advance(MINUTE);
    let client = server.client();
    let token = login_token(&client).await;
    for path in ["/meter", "/check_session"] {
        assert_eq!(bearer(&client, &token).get(path).await.code(), "invalid_token", "it opens nothing: {path}");
    }
    assert_eq!(second_step(&client, &app.wrong_code(), &token).await.parts(), incorrect_code());
    assert_eq!(second_step(&client, &app.code(), "another").await.parts(), login_expired());
    let without = json!({ "method": "totp", "code": "1", "transport": "bearer" });
    let missing = client.post("/login/second-factor", &without).await;
    assert_eq!(missing.parts(), invalid_fields(&json!({ "login_token": "is missing" })));
    let mut done = second_step(&client, &app.code(), &token).await;
    let session = bearer(&client, &session_token(&mut done));
    assert_eq!(session.get("/check_session").await.parts(), (200, done.body));
    let trusted: Vec<_> = session
        .get("/sessions")
        .await
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|session| session["trusted_browser"].clone())
        .collect();
    assert_eq!(trusted, [json!(false), json!(false)], "an app is not trusted");
    assert_eq!(second_step(&client, &app.code(), &token).await.parts(), login_expired(), "it works once");

    let token = login_token(&client).await;
    let body = json!({ "method": "recovery_code", "code": codes[0], "transport": "bearer", "login_token": token });
    let mut done = client.post("/login/second-factor", &body).await;
    session_token(&mut done);
    assert_eq!(done.body["recovery_codes_left"], json!(9));
}

#[cfg(feature = "passkeys")]
mod passkeys {
    use super::{bearer, credentials, session_token};
    use crate::support::{
        database::TestDatabase,
        passkeys::{Device, enrolled, options},
        server::TestServer,
    };
    use serde_json::json;

    #[both_databases::test]
    async fn an_app_signs_in_with_a_passkey(database: TestDatabase) {
        let server = TestServer::start(database).await;
        let mut device = Device::new(&server);
        enrolled(&server, "ada", &mut device).await;
        let client = server.client().without_cookies();
        let signed = device.sign(&options(&client, "/login/passkey/options").await).await;
        let body = json!({ "credential": signed, "transport": "bearer" });
        let token = session_token(&mut client.post("/login/passkey", &body).await);
        assert_eq!(bearer(&client, &token).get("/check_session").await.body["username"], json!("ada"));
    }

    #[both_databases::test]
    async fn an_app_passes_the_second_step_with_a_passkey(database: TestDatabase) {
        let server = TestServer::start(database).await;
        let mut device = Device::new(&server);
        enrolled(&server, "ada", &mut device).await;
        let client = server.client().without_cookies();
        let first = client.post("/login", &credentials("ada")).await;
        let token = json!({ "login_token": first.body["login_token"] });
        let path = "/login/second-factor/passkey/options";
        assert_eq!(client.post(path, &json!({})).await.code(), "login_expired");
        assert_eq!(client.post(path, &json!({ "login_token": 1 })).await.code(), "invalid_fields");
        let signed = device.sign(&client.post(path, &token).await.body).await;
        let body = json!({
            "method": "passkey", "credential": signed, "transport": "bearer", "login_token": first.body["login_token"],
        });
        let token = session_token(&mut client.post("/login/second-factor", &body).await);
        assert_eq!(bearer(&client, &token).get("/check_session").await.body["username"], json!("ada"));
    }
}
