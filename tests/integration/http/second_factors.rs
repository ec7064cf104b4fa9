//! Logins with a second factor.

use std::time::Duration;

use data_encoding::HEXLOWER;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    authenticator::{Authenticator, enrol, first_step, incorrect_code, login_expired, second_step},
    client::{Client, PASSWORD},
    database::TestDatabase,
    fixtures::{DAY, HOUR, MINUTE, invalid_fields, login_required},
    server::{SECRET_KEY, TestServer},
};

const STEP: Duration = Duration::from_secs(30);

/// A browser whose user has just enrolled an authenticator app, and could use its next code.
async fn enrolled(server: &TestServer) -> (Client, Authenticator, Vec<String>) {
    let client = server.signed_in("ada").await;
    let (app, codes) = enrol(server, &client).await;
    server.advance(STEP);
    (client, app, codes)
}

#[both_databases::test]
async fn a_login_has_two_steps_and_opens_its_session_at_the_last(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (client, app, _) = enrolled(&server).await;
    let plain = client.without_cookies();
    let old = server.client();
    let body = json!({ "username": "ada", "password": PASSWORD, "stay_signed_in": true });
    let first = old.post("/login", &body).await;
    let cookies: Vec<_> = first.headers.iter().filter(|(name, _)| name == "set-cookie").collect();
    let cookie = first.header("set-cookie").unwrap().to_owned();
    assert!(cookies.len() == 1 && cookie.starts_with("login="), "{cookies:?}");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=600"), "{cookie}");
    assert_eq!(
        first.parts(),
        (
            401,
            json!({
                "error": "enter the code of your second factor", "code": "second_factor_required",
                "methods": ["totp", "recovery_code"], "expires_at": "2026-11-21T10:10:30.000Z",
            })
        )
    );
    let value = cookie.split(';').next().unwrap();
    for path in ["/meter", "/blog", "/sessions", "/account/audit", "/nothing"] {
        assert_eq!(plain.get_with(path, &[("cookie", value)]).await.parts(), login_required(), "{path}");
    }
    let as_session = value.replace("login=", "session=");
    assert_eq!(plain.get_with("/meter", &[("cookie", &as_session)]).await.status, 401);

    let done = second_step(&old, "totp", &app.code()).await;
    let cookies: Vec<_> = done.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, it)| it).collect();
    assert!(cookies[0].starts_with("session=") && cookies[0].ends_with("; Max-Age=2592000"), "{cookies:?}");
    assert!(cookies[2].starts_with("login=;") && cookies[2].contains("Max-Age=0"), "{cookies:?}");
    assert_eq!((done.status, &done.body["second_factors"]), (200, &json!(["totp"])));
    assert_eq!(done.body["session"]["stay_signed_in"], json!(true));
    assert_eq!(old.get("/check_session").await.body, done.body);
    assert_eq!(client.get("/meter").await.status, 200, "the session that enrolled continues");
}

#[both_databases::test]
async fn without_a_second_factor_a_login_is_as_before(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    let login = client.login("ada").await;
    let cookies: Vec<_> = login.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, it)| it).collect();
    assert!(cookies[0].starts_with("session=") && cookies[1].starts_with("known_browser="), "{cookies:?}");
    assert_eq!(cookies.len(), 2);
    let keys: Vec<_> = login.body.as_object().unwrap().keys().cloned().collect();
    let expected = [
        "id",
        "username",
        "email",
        "email_verified",
        "pending_email",
        "second_factors",
        "role",
        "created_at",
        "updated_at",
        "session",
    ];
    assert_eq!(keys.len(), expected.len());
    assert!(expected.iter().all(|key| keys.contains(&(*key).to_owned())), "{keys:?}");
    assert_eq!(login.body["second_factors"], json!([]));
}

#[both_databases::test]
async fn the_session_that_the_browser_came_with_ends_at_the_first_step(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (_, app, _) = enrolled(&server).await;
    let client = server.signed_in("eve").await.without_cookies();
    let session = client.login("eve").await.cookie();
    let login = client.request(Method::POST, "/login").header("cookie", &session);
    let first = client.send(login.json(&json!({ "username": "ada", "password": PASSWORD }))).await;
    let cookies: Vec<_> = first.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, it)| it).collect();
    assert!(cookies[0].starts_with("session=;") && cookies[1].starts_with("login="), "{cookies:?}");
    assert_eq!(client.get_with("/meter", &[("cookie", &session)]).await.status, 401);
    let pending = cookies[1].split(';').next().unwrap();
    let step = client.request(Method::POST, "/login/second-factor").header("cookie", pending);
    let done = client.send(step.json(&json!({ "method": "totp", "code": app.code() }))).await;
    assert_eq!((done.status, &done.body["username"]), (200, &json!("ada")));
}

#[both_databases::test]
async fn a_code_works_once(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (_, app, _) = enrolled(&server).await;
    let code = app.code();
    let (one, other) = (server.client(), server.client());
    first_step(&one, "ada").await;
    first_step(&other, "ada").await;
    assert_eq!(second_step(&one, "totp", &code).await.status, 200);
    assert_eq!(second_step(&other, "totp", &code).await.parts(), incorrect_code());
    server.advance(STEP);
    let (earlier, code) = (code, app.code());
    assert_eq!(second_step(&other, "totp", &earlier).await.parts(), incorrect_code(), "still the previous step");
    server.advance(STEP);
    assert_eq!(second_step(&other, "totp", &code).await.status, 200, "the previous step, which was not used");
    assert_eq!(second_step(&other, "totp", &code).await.parts(), login_expired(), "the login is complete");
}

#[both_databases::test]
async fn of_fifty_simultaneous_uses_of_a_code_one_succeeds(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (_, app, codes) = enrolled(&server).await;
    // Thirty logins of an account may wait at the same time.
    for (method, code) in [("totp", app.code()), ("recovery_code", codes[0].clone())] {
        let clients: Vec<_> = (0..25).map(|_| server.client()).collect();
        for client in &clients {
            first_step(client, "ada").await;
        }
        let twice = clients.iter().chain(&clients);
        let answers = join_all(twice.map(|client| second_step(client, method, &code))).await;
        let count = |status| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((count(200), count(400) + count(401)), (1, 49), "{method}: {answers:?}");
    }
}

#[both_databases::test]
async fn of_simultaneous_requests_of_one_login_one_succeeds_and_none_counts_as_wrong(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let (_, app, _) = enrolled(&server).await;
    let client = server.client();
    first_step(&client, "ada").await;
    let code = app.code();
    let answers = join_all((0..50).map(|_| second_step(&client, "totp", &code))).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(200), count(401)), (1, 49), "{answers:?}");
    assert_eq!(server.execute("DELETE FROM attempts WHERE kind = 'wrong_code'").await, 0);
}

#[both_databases::test]
async fn ten_wrong_codes_at_any_logins_lock_the_second_step_but_no_session(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let (phone, app, codes) = enrolled(&server).await;
    for number in 0..10 {
        let client = server.client().in_network(number + 2);
        first_step(&client, "ada").await;
        let method = if number % 2 == 0 { "totp" } else { "recovery_code" };
        assert_eq!(second_step(&client, method, &app.wrong_code()).await.parts(), incorrect_code(), "{number}");
    }
    let client = server.client();
    first_step(&client, "ada").await;
    for (method, code) in [("totp", &app.code()), ("recovery_code", &codes[0])] {
        let limited = second_step(&client, method, code).await;
        assert_eq!(limited.header("retry-after"), Some("900"), "{method}");
        assert_eq!((limited.status, limited.code()), (429, "too_many_requests"));
    }
    assert_eq!(phone.get("/meter").await.status, 200);
    let events = phone.get("/account/audit").await.body;
    let events: Vec<_> = events.as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(events[..3], ["throttled", "second_factor_failed", "second_factor_failed"]);
    server.advance(15 * MINUTE);
    first_step(&client, "ada").await;
    assert_eq!(second_step(&client, "totp", &app.code()).await.status, 200);
}

#[both_databases::test]
async fn right_passwords_without_the_second_factor_count_except_in_a_known_browser(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let (phone, app, _) = enrolled(&server).await;
    server.advance(HOUR);
    let thief = server.client().in_network(2);
    for _ in 0..30 {
        first_step(&thief, "ada").await;
    }
    let limited =
        server.client().in_network(3).post("/login", &json!({ "username": "ada", "password": PASSWORD })).await;
    assert_eq!(limited.header("retry-after"), Some("300"));
    let too_many = json!({ "error": "too many attempts, try again later", "code": "too_many_requests" });
    assert_eq!(limited.parts(), (429, too_many));
    first_step(&phone, "ada").await;
    assert_eq!(second_step(&phone, "totp", &app.code()).await.status, 200, "a browser that the account knows");
    server.advance(5 * MINUTE);
    first_step(&thief, "ada").await;
}

#[both_databases::test]
async fn of_simultaneous_wrong_codes_no_more_than_the_limit_are_checked(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let (_, app, _) = enrolled(&server).await;
    let client = server.client();
    first_step(&client, "ada").await;
    let wrong = app.wrong_code();
    let answers = join_all((0..30).map(|_| second_step(&client, "totp", &wrong))).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(400), count(429)), (10, 20), "{answers:?}");
}

#[both_databases::test]
async fn a_pending_login_ends_with_its_time_its_password_its_factors_and_its_account(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (client, app, codes) = enrolled(&server).await;
    let pending = server.client();
    first_step(&pending, "ada").await;
    server.advance(10 * MINUTE);
    let late = second_step(&pending, "totp", &app.code()).await;
    assert!(late.header("set-cookie").unwrap().starts_with("login=; "), "{late:?}");
    assert_eq!(late.parts(), login_expired());
    assert_eq!(second_step(&server.client(), "totp", &app.code()).await.parts(), login_expired(), "no cookie");

    first_step(&pending, "ada").await;
    let change = json!({ "current_password": PASSWORD, "new_password": "seven wiser toads" });
    assert_eq!(client.post("/account/password", &change).await.status, 204);
    assert_eq!(second_step(&pending, "recovery_code", &codes[0]).await.parts(), login_expired());
    let back = json!({ "current_password": "seven wiser toads", "new_password": PASSWORD });
    assert_eq!(client.post("/account/password", &back).await.status, 204);
    assert_eq!(second_step(&pending, "recovery_code", &codes[0]).await.parts(), login_expired());

    first_step(&pending, "ada").await;
    assert_eq!(client.delete("/account/totp").await.status, 204);
    assert_eq!(second_step(&pending, "recovery_code", &codes[0]).await.parts(), login_expired());
    enrol(&server, &client).await;
    first_step(&pending, "ada").await;
    server.execute("UPDATE users SET is_active = FALSE").await;
    assert_eq!(second_step(&pending, "totp", &app.wrong_code()).await.parts(), login_expired());
}

#[both_databases::test]
async fn a_recovery_code_works_once_and_the_response_says_how_many_are_left(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (_, _, codes) = enrolled(&server).await;
    assert_eq!(codes.len(), 10);
    let client = server.client();
    for (number, code) in codes.iter().enumerate() {
        first_step(&client, "ada").await;
        let typed = if number % 2 == 0 { code.clone() } else { code.to_uppercase().replace('-', " ") };
        let done = second_step(&client, "recovery_code", &typed).await;
        assert_eq!((done.status, &done.body["recovery_codes_left"]), (200, &json!(9 - number)));
    }
    let last = first_step(&client, "ada").await;
    assert_eq!(last.body["methods"], json!(["totp"]), "none is left");
    assert_eq!(second_step(&client, "recovery_code", &codes[0]).await.parts(), incorrect_code());
}

#[both_databases::test]
async fn the_fields_of_the_second_step_are_checked(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    let wrong = client.post("/login/second-factor", &json!({ "method": "sms", "trust_browser": 1 })).await;
    let method = match cfg!(feature = "passkeys") {
        true => "must be totp, passkey or recovery_code",
        false => "must be totp or recovery_code",
    };
    let fields = json!({
        "method": method, "code": "is missing", "trust_browser": "must be true or false",
    });
    assert_eq!(wrong.parts(), invalid_fields(&fields));
    assert_eq!(client.get("/login/second-factor").await.code(), "method_not_allowed");
}

#[both_databases::test]
async fn any_node_completes_a_login_and_a_rotated_key_reads_the_seed(database: TestDatabase) {
    const NEW_KEY: &str = "another key for tests, which is as long as a key has to be to be taken";
    let server = TestServer::start(database).await;
    let (_, app, _) = enrolled(&server).await;
    let rotated = server.second_node(&[("SECRET_KEY", NEW_KEY), ("SECRET_KEY_OLD", SECRET_KEY)]).await;
    let only_new = server.second_node(&[("SECRET_KEY", NEW_KEY)]).await;
    let client = server.client();
    first_step(&client, "ada").await;
    let unreadable = second_step(&client.at(&only_new), "totp", &app.code()).await;
    assert_eq!(unreadable.parts(), incorrect_code());
    assert_eq!(second_step(&client.at(&rotated), "totp", &app.code()).await.status, 200);
    server.advance(STEP);
    first_step(&client, "ada").await;
    assert_eq!(second_step(&client.at(&only_new), "totp", &app.code()).await.status, 200, "encrypted again");
}

#[both_databases::test]
async fn without_the_key_of_its_seed_an_app_is_not_offered_and_a_recovery_code_works(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (_, app, codes) = enrolled(&server).await;
    let leaked = server.second_node(&[("SECRET_KEY", &"n".repeat(64))]).await;
    let client = server.client().at(&leaked);
    assert_eq!(first_step(&client, "ada").await.body["methods"], json!(["recovery_code"]));
    assert_eq!(second_step(&client, "totp", &app.code()).await.parts(), incorrect_code());
    let done = second_step(&client, "recovery_code", &codes[0]).await;
    assert_eq!((done.status, &done.body["recovery_codes_left"]), (200, &json!(9)));
    let removed = client.delete("/account/totp").await;
    assert_eq!(removed.parts(), (204, Value::Null), "the app can be enrolled again");
    enrol(&server, &client).await;
}

#[both_databases::test]
async fn an_enrolment_whose_seed_no_key_opens_rejects_codes(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let app = Authenticator::scan(&server, &client.post("/account/totp", &json!({})).await);
    server.execute("UPDATE totp_seeds SET sealed = substr(sealed, 2)").await;
    let confirmed = client.post("/account/totp/confirm", &json!({ "code": app.code() })).await;
    assert_eq!(confirmed.parts(), incorrect_code());
}

#[both_databases::test]
async fn neither_the_database_nor_the_export_has_a_seed_or_a_code(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (client, app, codes) = enrolled(&server).await;
    let (login, code) = (server.client(), app.code());
    first_step(&login, "ada").await;
    assert_eq!(second_step(&login, "totp", &code).await.status, 200);
    let export = client.get("/account/export").await;
    assert_eq!(export.body["user"]["second_factors"], json!(["totp"]));
    let export = export.body.to_string();
    for secret in [&app.secret, &code, &codes[0]] {
        assert!(!export.contains(secret), "{secret}");
    }
    let hex = if server.is_postgres() { "encode(sealed, 'hex')" } else { "lower(hex(sealed))" };
    let with = async |text: &str| {
        server.execute(&format!("UPDATE totp_seeds SET user_id = user_id WHERE {hex} LIKE '%{text}%'")).await
    };
    assert_eq!((with("").await, with(&HEXLOWER.encode(&app.seed())).await), (1, 0));
    assert_eq!(with(&HEXLOWER.encode(app.secret.as_bytes())).await, 0);
    if !server.is_postgres() {
        let folder = server.database.folder();
        for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let bytes = std::fs::read(&file).unwrap();
            let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
            let plain = codes[0].replace('-', "");
            let secrets = [&app.seed()[..], app.secret.as_bytes(), codes[0].as_bytes(), plain.as_bytes()];
            assert!(!secrets.into_iter().any(has), "{}", file.display());
        }
    }
}

#[both_databases::test]
async fn a_trusted_browser_needs_no_second_factor_for_thirty_days(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (_, app, _) = enrolled(&server).await;
    let client = server.client();
    first_step(&client, "ada").await;
    let step = json!({ "method": "totp", "code": app.code(), "trust_browser": true });
    let done = client.post("/login/second-factor", &step).await;
    let cookie = done.headers.iter().find(|(_, it)| it.starts_with("trusted_browser=")).unwrap().1.clone();
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000"), "{cookie}");
    assert_eq!(client.delete("/logout").await.status, 204);
    client.login("ada").await;
    first_step(&server.client(), "ada").await;
    let eve = server.signed_in("eve").await;
    enrol(&server, &eve).await;
    first_step(&client, "eve").await;
    client.login("ada").await;
    server.advance(30 * DAY);
    first_step(&client, "ada").await;
}

/// A browser that is trusted, and signed in.
async fn trusted(server: &TestServer, app: &Authenticator) -> Client {
    let client = server.client();
    server.advance(STEP);
    first_step(&client, "ada").await;
    let step = json!({ "method": "totp", "code": app.code(), "trust_browser": true });
    assert_eq!(client.post("/login/second-factor", &step).await.status, 200);
    client
}

#[both_databases::test]
async fn trust_is_listed_with_the_sessions_and_ends_with_them(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (client, app, _) = enrolled(&server).await;
    let [one, two, three] = [trusted(&server, &app).await, trusted(&server, &app).await, trusted(&server, &app).await];
    let sessions = two.get("/sessions").await.body;
    let listed = |session: &Value| (session["trusted_browser"] == json!(true), session["current"] == json!(true));
    let mut list: Vec<_> = sessions.as_array().unwrap().iter().map(listed).collect();
    list.sort_unstable();
    assert_eq!(list, [(false, false), (true, false), (true, false), (true, true)]);

    let id = one.get("/sessions").await.body.as_array().unwrap().iter().find(|it| it["current"] == true).unwrap()["id"]
        .to_string();
    assert_eq!(two.delete(&format!("/sessions/{id}")).await.status, 204);
    first_step(&one, "ada").await;
    three.login("ada").await;
    assert_eq!(two.delete("/sessions").await.status, 204);
    first_step(&three, "ada").await;
    two.login("ada").await;
    assert_eq!(two.delete("/account/trusted-browsers").await.parts(), (204, Value::Null));
    assert_eq!(two.get("/sessions").await.body[0]["trusted_browser"], json!(false));
    first_step(&two, "ada").await;
    assert_eq!(client.get("/meter").await.status, 401, "ended by the other session");
}

#[both_databases::test]
async fn trust_ends_with_a_change_of_the_password_or_of_the_factors(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (client, app, _) = enrolled(&server).await;
    let one = trusted(&server, &app).await;
    for (current, new) in [(PASSWORD, "seven wiser toads"), ("seven wiser toads", PASSWORD)] {
        let change = json!({ "current_password": current, "new_password": new });
        assert_eq!(one.post("/account/password", &change).await.status, 204);
    }
    first_step(&one, "ada").await;
    let two = trusted(&server, &app).await;
    assert_eq!(client.get("/meter").await.status, 401);
    assert_eq!(two.delete("/account/totp").await.status, 204);
    enrol(&server, &two).await;
    first_step(&two, "ada").await;
}

#[both_databases::test]
async fn with_the_modern_contract_the_second_step_is_a_problem(database: TestDatabase) {
    let server = TestServer::with(database, &[("CONTRACT", "modern"), ("COOKIE_SECURE", "true")]).await;
    let client = server.client().without_cookies();
    client.register("ada").await;
    let session = client.login("ada").await.cookie();
    let post = async |path: &str, cookie: &str, body: Value| {
        client.send(client.request(Method::POST, path).header("cookie", cookie).json(&body)).await
    };
    let app = Authenticator::scan(&server, &post("/account/totp", &session, json!({})).await);
    assert_eq!(post("/account/totp/confirm", &session, json!({ "code": app.code() })).await.status, 200);
    let first = first_step(&client, "ada").await;
    assert_eq!(first.header("content-type"), Some("application/problem+json"));
    assert!(first.header("set-cookie").unwrap().starts_with("__Host-login="), "{first:?}");
    server.advance(STEP);
    let step = json!({ "method": "totp", "code": app.code(), "trust_browser": true });
    let done = post("/login/second-factor", &first.cookie(), step).await;
    let cookies: Vec<_> = done.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, it)| it).collect();
    let names = ["__Host-session=", "__Host-known_browser=", "__Host-login=;", "__Host-trusted_browser="];
    assert!(cookies.iter().zip(names).all(|(cookie, name)| cookie.starts_with(name)), "{cookies:?}");
    assert_eq!((done.status, cookies.len()), (200, 4));
}
