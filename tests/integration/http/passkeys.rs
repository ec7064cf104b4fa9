//! Passkeys: adding them, and signing in with them.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::email::{ADA, start, verified};
use crate::support::{
    authenticator::{enrol, first_step, login_expired},
    client::PASSWORD,
    database::TestDatabase,
    fixtures::{DAY, MINUTE},
    passkeys::{Device, add, encode, enrolled, log_in, options, second_step},
    server::TestServer,
    smtp::SmtpServer,
};

#[both_databases::test]
async fn a_passkey_is_added_renamed_and_deleted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let host = server.address.split(':').next().unwrap();
    let bitwarden = 0xd548826e_79b4_db40_a3d8_11116f7e8349_u128.to_be_bytes();
    let mut device = Device::of_model(&format!("http://{}", server.address), bitwarden);
    let started = options(&client, "/account/passkeys/options").await;
    assert_eq!(started["publicKey"]["rp"], json!({ "id": host, "name": "tollgate" }));
    assert_eq!(
        started["publicKey"]["user"],
        json!({ "id": encode(&1_i64.to_be_bytes()), "name": "ada", "displayName": "ada" })
    );
    let created = device.create(&started).await;
    let added = client.post("/account/passkeys", &json!({ "credential": created })).await;
    let expected = json!({
        "id": 1, "name": "Bitwarden", "created_at": "2026-11-21T10:00:00.000Z", "last_used_at": null, "backed_up": true,
    });
    assert_eq!(added.parts(), (201, expected));
    assert_eq!(client.get("/check_session").await.body["second_factors"], json!(["passkey"]));

    let renamed = client.patch("/account/passkeys/1", &json!({ "name": " My vault " })).await;
    assert_eq!((renamed.status, &renamed.body["name"]), (200, &json!("My vault")));
    assert_eq!(client.get("/account/passkeys").await.body, json!([renamed.body]));
    assert_eq!(client.patch("/account/passkeys/1", &json!({ "name": "" })).await.status, 422);
    assert_eq!(client.patch("/account/passkeys/2", &json!({ "name": "x" })).await.status, 404);
    let other = server.signed_in("eve").await;
    assert_eq!(other.patch("/account/passkeys/1", &json!({ "name": "x" })).await.status, 404, "somebody else's");
    assert_eq!(other.delete("/account/passkeys/1").await.status, 404, "somebody else's");

    assert_eq!(client.delete("/account/passkeys/1").await.status, 204);
    assert_eq!(client.delete("/account/passkeys/1").await.status, 404);
    assert_eq!(client.get("/account/passkeys").await.body, json!([]));
    assert_eq!(client.login("ada").await.body["second_factors"], json!([]));
    let events = client.get("/account/audit").await.body;
    let events: Vec<_> = events.as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(events[1..3], ["second_factor_removed", "second_factor_added"]);
}

#[both_databases::test]
async fn adding_and_deleting_need_a_fresh_session_or_the_password(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut device = Device::new(&server);
    let client = enrolled(&server, "ada", &mut device).await;
    server.advance(16 * MINUTE);
    let options = client.post("/account/passkeys/options", &json!({})).await;
    assert_eq!((options.status, options.code()), (401, "fresh_login_required"));
    assert_eq!(client.delete("/account/passkeys/1").await.code(), "fresh_login_required");
    let password = json!({ "current_password": PASSWORD });
    let options = client.post("/account/passkeys/options", &password).await;
    let created = Device::new(&server).create(&options.body).await;
    let body = json!({ "credential": created, "name": "Phone" });
    assert_eq!(client.post("/account/passkeys", &body).await.code(), "fresh_login_required");
    let body = json!({ "credential": created, "name": "Phone", "current_password": PASSWORD });
    assert_eq!(client.post("/account/passkeys", &body).await.status, 201);
    assert_eq!(client.delete_with("/account/passkeys/1", &password).await.status, 204);
}

#[both_databases::test]
async fn a_passkey_is_a_second_factor(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut device = Device::new(&server);
    enrolled(&server, "ada", &mut device).await;
    let client = server.client();
    assert_eq!(client.post("/login/second-factor/passkey/options", &json!({})).await.parts(), login_expired());
    assert_eq!(first_step(&client, "ada").await.body["methods"], json!(["passkey"]));
    let asked = options(&client, "/login/second-factor/passkey/options").await;
    assert_eq!(asked["publicKey"]["allowCredentials"][0]["id"], json!(encode(&device.credential_id())));
    let done = second_step(&client, &mut device).await;
    assert_eq!((done.status, &done.body["second_factors"]), (200, &json!(["passkey"])));
    assert!(client.is_signed_in().await);
}

#[both_databases::test]
async fn a_passkey_signs_in_without_username_and_password(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut device = Device::new(&server);
    let first = enrolled(&server, "ada", &mut device).await;
    enrol(&server, &first).await;
    server.advance(MINUTE);
    let client = server.client();
    let asked = options(&client, "/login/passkey/options").await;
    assert_eq!(asked["publicKey"]["allowCredentials"], json!([]), "the browser offers what it has");
    let signed = device.sign(&asked).await;
    let done = client.post("/login/passkey", &json!({ "credential": signed, "stay_signed_in": true })).await;
    assert_eq!((done.status, &done.body["username"]), (200, &json!("ada")));
    assert_eq!(done.body["session"]["stay_signed_in"], json!(true));
    assert_eq!(client.get("/check_session").await.body, done.body, "the authenticator app is not asked for");
    let used = &client.get("/account/passkeys").await.body[0]["last_used_at"];
    assert_eq!(*used, json!("2026-11-21T10:01:00.000Z"));
}

#[both_databases::test]
async fn a_browser_is_trusted_after_a_passkey_until_the_passkeys_change(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut device = Device::new(&server);
    let owner = enrolled(&server, "ada", &mut device).await;
    let client = server.client();
    first_step(&client, "ada").await;
    let signed = device.sign(&options(&client, "/login/second-factor/passkey/options").await).await;
    let step = json!({ "method": "passkey", "credential": signed, "trust_browser": true });
    assert_eq!(client.post("/login/second-factor", &step).await.status, 200);
    assert_eq!(client.login("ada").await.status, 200, "the browser is trusted");
    assert_eq!(add(&owner, &mut Device::new(&server)).await.status, 201);
    first_step(&client, "ada").await;
}

#[both_databases::test]
async fn signing_in_with_a_passkey_ends_the_session_that_the_browser_came_with(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut device = Device::new(&server);
    enrolled(&server, "ada", &mut device).await;
    let client = server.signed_in("eve").await.without_cookies();
    let session = client.login("eve").await.cookie();
    let signed = device.sign(&options(&client, "/login/passkey/options").await).await;
    let login = client.request(Method::POST, "/login/passkey").header("cookie", &session);
    let done = client.send(login.json(&json!({ "credential": signed }))).await;
    let cookie = done.header("set-cookie").unwrap();
    assert!(cookie.starts_with("session=") && !cookie.contains("Max-Age"), "{cookie}");
    assert_eq!((done.status, &done.body["session"]["stay_signed_in"]), (200, &json!(false)));
    assert_eq!(client.get_with("/meter", &[("cookie", &session)]).await.status, 401);
}

#[both_databases::test]
async fn an_authenticator_that_does_not_count_is_accepted_and_one_that_counts_must_go_on(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut plain = Device::new(&server);
    enrolled(&server, "ada", &mut plain).await;
    let client = server.client();
    assert_eq!(log_in(&client, &mut plain).await.status, 200);
    assert_eq!(log_in(&client, &mut plain).await.status, 200);

    let mut counting = Device::new(&server).counting();
    enrolled(&server, "eve", &mut counting).await;
    assert_eq!(log_in(&client, &mut counting).await.status, 200);
    assert_eq!(log_in(&client, &mut counting).await.status, 200);
    counting.set_counter(1);
    assert_eq!(log_in(&client, &mut counting).await.code(), "invalid_credential", "2 again");
    counting.set_counter(0);
    assert_eq!(log_in(&client, &mut counting).await.code(), "invalid_credential", "backwards");
    counting.set_counter(7);
    assert_eq!(log_in(&client, &mut counting).await.status, 200);
}

#[both_databases::test]
async fn of_fifty_simultaneous_uses_of_an_assertion_one_succeeds(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let mut device = Device::new(&server);
    enrolled(&server, "ada", &mut device).await;
    let clients: Vec<_> = (0..50).map(|_| server.client()).collect();
    let signed = device.sign(&options(&clients[0], "/login/passkey/options").await).await;
    let body = json!({ "credential": signed });
    let answers = join_all(clients.iter().map(|client| client.post("/login/passkey", &body))).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(200), count(401)), (1, 49), "{answers:?}");

    let client = server.client();
    first_step(&client, "ada").await;
    let signed = device.sign(&options(&client, "/login/second-factor/passkey/options").await).await;
    let body = json!({ "method": "passkey", "credential": signed });
    let answers = join_all((0..50).map(|_| client.post("/login/second-factor", &body))).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(200), count(401)), (1, 49), "{answers:?}");
    assert_eq!(server.execute("DELETE FROM attempts WHERE kind = 'wrong_code'").await, 0);
}

#[both_databases::test]
async fn a_change_of_the_passkeys_ends_pending_logins_and_recovery_codes_go_with_the_last_factor(
    database: TestDatabase,
) {
    let server = TestServer::start(database).await;
    let mut device = Device::new(&server);
    let client = enrolled(&server, "ada", &mut device).await;
    assert_eq!(client.post("/account/recovery-codes", &json!({})).await.status, 200);
    let pending = server.client();
    assert_eq!(first_step(&pending, "ada").await.body["methods"], json!(["passkey", "recovery_code"]));
    assert_eq!(add(&client, &mut Device::new(&server)).await.status, 201);
    assert_eq!(pending.post("/login/second-factor/passkey/options", &json!({})).await.parts(), login_expired());
    assert_eq!(client.delete("/account/passkeys/1").await.status, 204);
    assert_eq!(server.execute("UPDATE recovery_codes SET user_id = 1").await, 10);
    enrol(&server, &client).await;
    assert_eq!(client.delete("/account/passkeys/2").await.status, 204);
    assert_eq!(client.get("/check_session").await.body["second_factors"], json!(["totp"]));
    assert_eq!(server.execute("UPDATE recovery_codes SET user_id = 1").await, 10);
    assert_eq!(client.delete("/account/totp").await.status, 204);
    assert_eq!(server.execute("UPDATE recovery_codes SET user_id = 1").await, 0);
}

#[both_databases::test]
async fn an_account_has_at_most_twenty_passkeys(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let mut last = json!(null);
    for _ in 0..20 {
        last = options(&client, "/account/passkeys/options").await;
        assert_eq!(add(&client, &mut Device::new(&server)).await.status, 201);
    }
    let expected = json!({
        "error": "this account has the maximum number of passkeys; delete one first", "code": "too_many_passkeys",
    });
    let more = client.post("/account/passkeys/options", &json!({})).await;
    assert_eq!(more.parts(), (409, expected.clone()));
    let created = Device::new(&server).create(&last).await;
    let more = client.post("/account/passkeys", &json!({ "credential": created })).await;
    assert_eq!(more.parts(), (409, expected));
}

#[both_databases::test]
async fn messages_tell_of_passkeys_and_the_link_removes_those_added_since(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    let (mut own, mut foreign) = (Device::at("https://blog.example"), Device::at("https://blog.example"));
    assert_eq!(add(&client, &mut own).await.status, 201);
    assert_eq!(smtp.notice(ADA, 1).await.subject(), "Your account has a new passkey");
    server.advance(MINUTE);
    assert_eq!(add(&client, &mut foreign).await.status, 201);
    let added = smtp.notice(ADA, 2).await;
    let secured = server.client().post("/account/secure", &json!({ "token": added.token() })).await;
    assert_eq!(secured.parts(), (204, json!(null)));
    assert_eq!(client.get("/check_session").await.status, 401);
    assert_eq!(log_in(&server.client(), &mut foreign).await.code(), "invalid_credential");
    let client = server.client();
    assert_eq!(log_in(&client, &mut own).await.status, 200, "it was there before");
    smtp.notice(ADA, 3).await;
    assert_eq!(client.delete("/account/passkeys/1").await.status, 204);
    assert_eq!(smtp.notice(ADA, 4).await.subject(), "A passkey of your account was deleted");
}

#[both_databases::test]
async fn the_link_of_an_earlier_notice_removes_a_passkey_too(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    server.advance(2 * DAY);
    let stranger = server.client();
    assert_eq!(stranger.login("ada").await.status, 200);
    let signed_in = smtp.notice(ADA, 1).await;
    assert_eq!(signed_in.subject(), "New sign-in to your account");
    server.advance(MINUTE);
    let mut foreign = Device::at("https://blog.example");
    assert_eq!(add(&stranger, &mut foreign).await.status, 201);
    let secured = server.client().post("/account/secure", &json!({ "token": signed_in.token() })).await;
    assert_eq!(secured.parts(), (204, json!(null)));
    assert_eq!(log_in(&server.client(), &mut foreign).await.code(), "invalid_credential");
}
