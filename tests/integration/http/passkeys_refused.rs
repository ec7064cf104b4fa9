//! Passkeys that are refused: those of other sites, pages, users and challenges.

use serde_json::{Value, json};

use crate::support::{
    authenticator::{first_step, login_expired},
    client::Client,
    database::TestDatabase,
    fixtures::MINUTE,
    passkeys::{Device, add, decode, encode, enrolled, invalid_credential, log_in, options, second_step},
    server::TestServer,
};

/// Tries both ways to sign in.
async fn is_refused(server: &TestServer, device: &mut Device, why: &str) {
    let client = server.client();
    assert_eq!(log_in(&client, device).await.parts(), invalid_credential(), "{why}");
    first_step(&client, "ada").await;
    assert_eq!(second_step(&client, device).await.parts(), invalid_credential(), "{why}, second factor");
    assert!(!client.is_signed_in().await);
}

#[both_databases::test]
async fn another_page_another_site_and_no_verification_are_refused(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut device = Device::new(&server);
    enrolled(&server, "ada", &mut device).await;
    let origin = device.origin.clone();
    for page in ["https://evil.example", "http://evil.example", "http://127.0.0.2", "null"] {
        device.origin = page.to_owned();
        is_refused(&server, &mut device, page).await;
    }
    device.origin = origin;
    device.site = Some("evil.example".to_owned());
    is_refused(&server, &mut device, "another site").await;
    device.site = None;
    device.set_verified(false);
    is_refused(&server, &mut device, "no verification").await;
    device.set_verified(true);
    assert_eq!(log_in(&server.client(), &mut device).await.status, 200);
}

#[both_databases::test]
async fn origins_are_those_of_the_server_and_of_listed_frontends(database: TestDatabase) {
    let settings = [("PUBLIC_URL", "http://blog.example"), ("CORS_ORIGINS", "http://app.blog.example:8080")];
    let server = TestServer::with(database, &settings).await;
    let mut device = Device::at("http://blog.example");
    let client = enrolled(&server, "ada", &mut device).await;
    assert_eq!(options(&client, "/login/passkey/options").await["publicKey"]["rpId"], json!("blog.example"));
    assert_eq!(log_in(&client, &mut device).await.status, 200);
    device.origin = "http://app.blog.example:8080".to_owned();
    assert_eq!(log_in(&client, &mut device).await.status, 200);
    for other in ["http://app.blog.example", "http://other.blog.example:8080", &format!("http://{}", server.address)] {
        device.origin = other.to_owned();
        is_refused(&server, &mut device, other).await;
    }
}

#[both_databases::test]
async fn a_challenge_works_once_for_five_minutes_for_one_purpose_and_one_user(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (mut ada, mut eve) = (Device::new(&server), Device::new(&server));
    enrolled(&server, "ada", &mut ada).await;
    let eves = enrolled(&server, "eve", &mut eve).await;
    let client = server.client();
    let log_in = async |credential: &Value| client.post("/login/passkey", &json!({ "credential": credential })).await;
    let signed = ada.sign(&options(&client, "/login/passkey/options").await).await;
    assert_eq!(log_in(&signed).await.status, 200);
    assert_eq!(log_in(&signed).await.parts(), login_expired(), "used");

    let signed = ada.sign(&options(&client, "/login/passkey/options").await).await;
    server.advance(5 * MINUTE);
    assert_eq!(log_in(&signed).await.parts(), login_expired(), "too late");
    let made_up = json!({ "publicKey": { "challenge": encode(&[7; 32]), "rpId": "127.0.0.1" } });
    assert_eq!(log_in(&ada.sign(&made_up).await).await.parts(), login_expired(), "made up");

    let complete = async |client: &Client, credential: &Value| {
        client.post("/login/second-factor", &json!({ "method": "passkey", "credential": credential })).await
    };
    let (adas, other) = (server.client(), server.client());
    first_step(&adas, "ada").await;
    first_step(&other, "eve").await;
    let foreign = ada.sign(&options(&other, "/login/second-factor/passkey/options").await).await;
    assert_eq!(complete(&adas, &foreign).await.parts(), invalid_credential(), "eve's challenge");
    let signed = ada.sign(&options(&adas, "/login/passkey/options").await).await;
    assert_eq!(complete(&adas, &signed).await.parts(), invalid_credential(), "of a login without username");
    let signed = ada.sign(&options(&adas, "/login/second-factor/passkey/options").await).await;
    assert_eq!(log_in(&signed).await.parts(), login_expired(), "of a second factor");

    let mut asked = options(&eves, "/account/passkeys/options").await;
    asked["publicKey"]["challenge"] = options(&eves, "/login/passkey/options").await["publicKey"]["challenge"].clone();
    let body = json!({ "credential": Device::new(&server).create(&asked).await });
    assert_eq!(eves.post("/account/passkeys", &body).await.parts(), invalid_credential(), "of a login");
}

#[both_databases::test]
async fn a_challenge_of_the_second_step_belongs_to_one_pending_login(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut ada = Device::new(&server);
    enrolled(&server, "ada", &mut ada).await;
    let (owner, other) = (server.client(), server.client());
    first_step(&owner, "ada").await;
    first_step(&other, "ada").await;
    let path = "/login/second-factor/passkey/options";
    let complete = async |client: &Client, credential: &Value| {
        client.post("/login/second-factor", &json!({ "method": "passkey", "credential": credential })).await
    };
    let signed = ada.sign(&options(&owner, path).await).await;
    assert_eq!(complete(&other, &signed).await.parts(), invalid_credential(), "another login of the same account");

    let asked = options(&owner, path).await;
    for _ in 0..25 {
        options(&other, path).await;
    }
    assert_eq!(complete(&owner, &ada.sign(&asked).await).await.status, 200, "another login cannot end the challenge");
}

#[both_databases::test]
async fn a_credential_id_has_16_to_1023_bytes(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    for (bytes, status) in [(0, 400), (1, 400), (15, 400), (16, 201), (1023, 201), (1024, 400)] {
        let mut device = Device::new(&server);
        let mut created = device.create(&options(&client, "/account/passkeys/options").await).await;
        set_credential_id(&mut created, &vec![7; bytes]);
        let added = client.post("/account/passkeys", &json!({ "credential": created })).await;
        assert_eq!(added.status, status, "{bytes}: {added:?}");
        if status == 400 {
            assert_eq!(added.parts(), invalid_credential(), "{bytes}");
        }
    }
}

/// Replaces the id of a new credential. Without attestation, it is not signed.
fn set_credential_id(created: &mut Value, id: &[u8]) {
    let old = decode(&created["rawId"]);
    let attestation = decode(&created["response"]["attestationObject"]);
    let (head, data) = attestation.split_at(find(&attestation, b"hauthData") + b"hauthData".len());
    // CBOR's head of a byte string of up to 65,535 bytes; the device's has one or two bytes of length.
    let data = data.get(if data[0] == 0x58 { 2 } else { 3 }..).unwrap();
    let at = find(data, &old);
    let (start, rest) = (data.get(..at - 2).unwrap(), data.get(at + old.len()..).unwrap());
    let length = u16::try_from(id.len()).unwrap().to_be_bytes();
    let data = [start, &length, id, rest].concat();
    let size = u16::try_from(data.len()).unwrap().to_be_bytes();
    let attestation = [head, &[0x59], &size, &data].concat();
    created["response"]["attestationObject"] = json!(encode(&attestation));
    created["rawId"] = json!(encode(id));
    created["id"] = json!(encode(id));
}

fn find(text: &[u8], part: &[u8]) -> usize {
    text.windows(part.len()).position(|window| window == part).unwrap()
}

#[both_databases::test]
async fn the_passkey_of_another_user_is_refused(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let (mut ada, mut eve) = (Device::new(&server), Device::new(&server));
    enrolled(&server, "ada", &mut ada).await;
    enrolled(&server, "eve", &mut eve).await;
    let client = server.client();
    first_step(&client, "ada").await;
    assert_eq!(second_step(&client, &mut eve).await.parts(), invalid_credential());
    eve.set_user_handle(&1_i64.to_be_bytes());
    assert_eq!(second_step(&client, &mut eve).await.parts(), invalid_credential(), "says that it is ada's");
    assert_eq!(log_in(&client, &mut eve).await.parts(), invalid_credential(), "says that it is ada's");
    assert_eq!(second_step(&client, &mut ada).await.status, 200);
    assert_eq!(client.delete("/account/passkeys/1").await.status, 204);
    assert_eq!(log_in(&client, &mut ada).await.parts(), invalid_credential(), "deleted");
}

#[both_databases::test]
async fn a_registration_of_another_page_site_challenge_or_without_verification_is_refused(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let mut device = Device::new(&server);
    let origin = device.origin.clone();
    device.origin = "https://evil.example".to_owned();
    assert_eq!(add(&client, &mut device).await.parts(), invalid_credential(), "another page");
    device.origin = origin;
    device.site = Some("evil.example".to_owned());
    assert_eq!(add(&client, &mut device).await.parts(), invalid_credential(), "another site");
    device.site = None;
    device.set_verified(false);
    assert_eq!(add(&client, &mut device).await.parts(), invalid_credential(), "no verification");
    device.set_verified(true);

    let asked = options(&client, "/account/passkeys/options").await;
    let body = json!({ "credential": device.create(&asked).await });
    let other = server.signed_in("eve").await;
    assert_eq!(other.post("/account/passkeys", &body).await.parts(), invalid_credential(), "ada's challenge");
    let asked = options(&client, "/account/passkeys/options").await;
    let body = json!({ "credential": device.create(&asked).await });
    assert_eq!(client.post("/account/passkeys", &body).await.status, 201);
    assert_eq!(client.post("/account/passkeys", &body).await.parts(), invalid_credential(), "used");

    let mut again = body["credential"].clone();
    let asked = options(&other, "/account/passkeys/options").await;
    again["response"]["clientDataJSON"] = device.create(&asked).await["response"]["clientDataJSON"].clone();
    let taken = other.post("/account/passkeys", &json!({ "credential": again })).await;
    assert_eq!((taken.status, taken.code()), (409, "already_enrolled"));
    for malformed in [json!({}), json!({ "id": 1 }), json!({ "id": "a", "rawId": "!", "type": "", "response": {} })] {
        let answer = client.post("/account/passkeys", &json!({ "credential": malformed })).await;
        assert_eq!(answer.parts(), invalid_credential(), "{malformed}");
        let answer = client.post("/login/passkey", &json!({ "credential": malformed })).await;
        assert_eq!(answer.parts(), invalid_credential(), "{malformed}");
    }
    assert_eq!(client.post("/login/passkey", &json!({ "credential": "x" })).await.status, 422);
    assert_eq!(client.post("/login/passkey", &json!({})).await.status, 422);
}

#[both_databases::test]
async fn ten_failed_passkeys_block_both_ways_to_sign_in_but_no_session(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let mut device = Device::new(&server);
    let phone = enrolled(&server, "ada", &mut device).await;
    let client = server.client();
    device.set_verified(false);
    first_step(&client, "ada").await;
    for number in 0..5 {
        assert_eq!(log_in(&client, &mut device).await.parts(), invalid_credential(), "{number}");
        assert_eq!(second_step(&client, &mut device).await.parts(), invalid_credential(), "{number}");
    }
    device.set_verified(true);
    for limited in [log_in(&client, &mut device).await, second_step(&client, &mut device).await] {
        assert_eq!((limited.status, limited.header("retry-after")), (429, Some("900")), "{limited:?}");
    }
    assert_eq!(phone.get("/meter").await.status, 200);
    server.advance(15 * MINUTE);
    assert_eq!(log_in(&client, &mut device).await.status, 200);
}

#[both_databases::test]
async fn a_disabled_account_is_not_signed_in_and_only_its_passkey_learns_why(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut device = Device::new(&server);
    enrolled(&server, "ada", &mut device).await;
    server.execute("UPDATE users SET is_active = FALSE").await;
    let client = server.client();
    let refused = log_in(&client, &mut device).await;
    assert_eq!((refused.status, refused.code()), (403, "account_disabled"));
    device.set_verified(false);
    assert_eq!(log_in(&client, &mut device).await.parts(), invalid_credential());
}
