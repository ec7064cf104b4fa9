//! `POST /login` and `DELETE /logout`

use serde_json::{Value, json};

use crate::support::{
    client::PASSWORD,
    database::TestDatabase,
    fixtures::{incorrect_password, invalid_fields, login_required},
    server::TestServer,
};

#[both_databases::test]
async fn an_unknown_name_and_a_wrong_password_have_different_errors(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    for nobody in ["eve", "", "a b", "x\u{0}", "\u{202e}"] {
        let unknown = client.post("/login", &json!({ "username": nobody, "password": PASSWORD })).await;
        let body = json!({ "error": "User not found", "code": "user_not_found" });
        assert_eq!(unknown.parts(), (404, body), "{nobody:?}");
    }
    for guess in ["Four sneaky newts", "", "\u{0}", &"x".repeat(5000)] {
        let wrong = client.post("/login", &json!({ "username": "ada", "password": guess })).await;
        assert_eq!(wrong.header("set-cookie"), None);
        assert_eq!(wrong.parts(), incorrect_password());
    }
}

#[both_databases::test]
async fn a_login_needs_a_name_and_a_password(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let body = json!({ "username": 1, "stay_signed_in": "yes" });
    let fields =
        json!({ "username": "must be a string", "password": "is missing", "stay_signed_in": "must be true or false" });
    assert_eq!(server.client().post("/login", &body).await.parts(), invalid_fields(&fields));
}

#[both_databases::test]
async fn a_password_matters_to_its_last_character_in_any_normal_form(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    let long = "\u{e9}".repeat(100);
    assert_eq!(client.post("/register", &json!({ "username": "ada", "password": long })).await.status, 201);
    let login = async |password: String| {
        client.post("/login", &json!({ "username": "ada", "password": password })).await.status
    };
    assert_eq!(login(long.clone()).await, 200);
    assert_eq!(login("e\u{301}".repeat(100)).await, 200);
    assert_eq!(login("\u{e9}".repeat(99) + "e").await, 400);
    assert_eq!(login(long + "x").await, 400);
}

#[both_databases::test]
async fn a_password_can_consist_of_emoji(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    // A family, a tone, a flag and a sign: joiners, a modifier, regional indicators and a variation selector.
    let password = "👨‍👩‍👧‍👦👍🏽🇫🇷☮️";
    let registered = client.post("/register", &json!({ "username": "ada", "password": password })).await;
    assert_eq!(registered.status, 201, "{registered:?}");
    let login =
        async |password: &str| client.post("/login", &json!({ "username": "ada", "password": password })).await.status;
    assert_eq!(login(password).await, 200);
    assert_eq!(login("👨‍👩‍👧‍👦👍🏿🇫🇷☮️").await, 400, "another tone is another password");
}

#[both_databases::test]
async fn a_disabled_account_is_revealed_only_with_its_password(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    server.execute("UPDATE users SET is_active = FALSE").await;
    assert_eq!(client.get("/meter").await.status, 401, "its sessions are over");
    let right = client.post("/login", &json!({ "username": "ada", "password": PASSWORD })).await;
    assert_eq!(right.parts(), (403, json!({ "error": "this account is disabled", "code": "account_disabled" })));
    let wrong = client.post("/login", &json!({ "username": "ada", "password": "wrong password" })).await;
    assert_eq!(wrong.status, 400);
}

#[both_databases::test]
async fn the_cookie_ends_with_the_browser_unless_stay_signed_in(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    let brief = client.login("ada").await;
    let cookie = brief.header("set-cookie").unwrap();
    assert!(cookie.starts_with("session=") && cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/"), "{cookie}");

    let stay = json!({ "username": "ada", "password": PASSWORD, "stay_signed_in": true });
    let kept = client.post("/login", &stay).await;
    let cookie = kept.header("set-cookie").unwrap();
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000"), "{cookie}");
    let session = json!({
        "expires_at": "2027-02-19T10:00:00.000Z", "idle_expires_at": "2026-12-21T10:00:00.000Z",
        "fresh_until": "2026-11-21T10:15:00.000Z", "stay_signed_in": true,
    });
    assert_eq!(kept.body["session"], session);

    let ticked = client.post_form("/login", "username=ada&password=four+sneaky+newts&stay_signed_in=on").await;
    assert_eq!(ticked.body["session"]["stay_signed_in"], json!(true));
}

#[both_databases::test]
async fn a_secure_cookie_is_bound_to_the_host(database: TestDatabase) {
    let server = TestServer::with(database, &[("COOKIE_SECURE", "true")]).await;
    let client = server.client().without_cookies();
    client.register("ada").await;
    let cookie = client.login("ada").await.header("set-cookie").unwrap().to_owned();
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    assert!(cookie.contains("; Secure") && !cookie.contains("Domain"), "{cookie}");

    let known = client.login("ada").await.headers.into_iter().rfind(|(name, _)| name == "set-cookie").unwrap().1;
    assert!(known.starts_with("__Host-known_browser=") && known.contains("; Secure"), "{known}");

    let value = cookie.split(';').next().unwrap();
    assert_eq!(client.get_with("/meter", &[("cookie", value)]).await.status, 200);
    let plain = value.replace("__Host-", "");
    assert_eq!(client.get_with("/meter", &[("cookie", &plain)]).await.status, 401);
    let forged = client.get_with("/check_session", &[("cookie", "__Host-session=x")]).await;
    assert!(forged.header("set-cookie").unwrap().contains("Secure"), "browsers refuse to clear it otherwise");
}

#[both_databases::test]
async fn a_login_creates_a_new_session_and_ends_the_previous_one(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client().without_cookies();
    client.register("ada").await;
    let first = cookie(&client.login("ada").await.headers);
    let login = client.request(reqwest::Method::POST, "/login").header("cookie", &first);
    let second = client.send(login.json(&json!({ "username": "ada", "password": PASSWORD }))).await;
    let second = cookie(&second.headers);
    assert_ne!(first, second);
    assert_eq!(client.get_with("/meter", &[("cookie", &first)]).await.status, 401);
    assert_eq!(client.get_with("/meter", &[("cookie", &second)]).await.status, 200);
}

#[both_databases::test]
async fn a_logout_clears_only_the_session_cookie(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let answer = client.delete("/logout").await;
    let cookies: Vec<_> = answer.headers.iter().filter(|(name, _)| name == "set-cookie").collect();
    assert!(cookies.len() == 1 && cookies[0].1.starts_with("session=;"), "known_browser stays: {cookies:?}");
    assert_eq!(answer.header("clear-site-data"), None);
}

#[both_databases::test]
async fn a_logout_ends_the_session_for_everybody_with_its_cookie(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client().without_cookies();
    client.register("ada").await;
    let cookie = cookie(&client.login("ada").await.headers);
    let logout = client.request(reqwest::Method::DELETE, "/logout").header("cookie", &cookie);
    let again = logout.try_clone().unwrap();
    let answer = client.send(logout).await;
    let cleared = answer.header("set-cookie").unwrap().to_owned();
    assert!(cleared.starts_with("session=;") && cleared.contains("Max-Age=0"), "{cleared}");
    assert_eq!(answer.parts(), (204, Value::Null));

    let replayed = client.send(again).await;
    assert!(replayed.header("set-cookie").unwrap().starts_with("session=;"), "it is cleared once more");
    assert_eq!(replayed.parts(), login_required());
}

fn cookie(headers: &[(String, String)]) -> String {
    let (_, cookie) = headers.iter().find(|(name, _)| name == "set-cookie").unwrap();
    cookie.split(';').next().unwrap().to_owned()
}
