//! What is stored of passkeys and their challenges, and for how long.

use std::{collections::HashMap, fs, path::Path};

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use tollgate::{config::Config, jobs::cleanup};

use crate::support::{
    authenticator::first_step,
    client::Client,
    database::TestDatabase,
    fixtures::MINUTE,
    log,
    passkeys::{Device, add, decode, encode, enrolled, invalid_credential, options},
    process::Process,
    server::TestServer,
};

fn challenge(options: &Value) -> String {
    options["publicKey"]["challenge"].as_str().unwrap().to_owned()
}

#[both_databases::test]
async fn the_export_has_passkeys_without_keys_and_no_challenge_is_stored_in_clear(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut device = Device::new(&server);
    let client = enrolled(&server, "ada", &mut device).await;
    let challenge = challenge(&options(&client, "/login/passkey/options").await);
    let export = client.get("/account/export").await.body;
    assert_eq!(export["passkeys"], client.get("/account/passkeys").await.body);
    for secret in [&challenge, &encode(&device.credential_id())] {
        assert!(!export.to_string().contains(secret), "{export}");
    }
    let hex = HEXLOWER.encode(&decode(&json!(challenge)));
    let literal = if server.is_postgres() { format!("'\\x{hex}'") } else { format!("x'{hex}'") };
    assert_eq!(server.execute(&format!("DELETE FROM passkey_challenges WHERE hash = {literal}")).await, 0);
    assert_eq!(server.execute("DELETE FROM passkey_challenges").await, 1, "that of the registration is used up");
}

/// Whether a file below the folder contains one of these.
fn find(folder: &Path, needles: &[Vec<u8>]) -> Option<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).find_map(|path| {
        if path.is_dir() {
            return find(&path, needles);
        }
        let bytes = fs::read(&path).unwrap();
        let has = |needle: &Vec<u8>| bytes.windows(needle.len()).any(|window| window == needle);
        needles.iter().any(has).then(|| path.display().to_string())
    })
}

#[actix_web::test]
async fn neither_the_log_nor_the_database_has_a_challenge_or_a_signature() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(folder.path(), &[("LOG_LEVEL", "trace")]);
    let client = server.client();
    client.register("ada").await;
    client.login("ada").await;
    let mut device = Device::at(&format!("http://{}", server.address));
    assert_eq!(add(&client, &mut device).await.status, 201);
    let asked = options(&client, "/login/passkey/options").await;
    let signed = device.sign(&asked).await;
    assert_eq!(client.post("/login/passkey", &json!({ "credential": signed })).await.status, 200);
    let refused = options(&client, "/login/passkey/options").await;
    device.set_verified(false);
    let refused_signed = json!({ "credential": device.sign(&refused).await });
    assert_eq!(client.post("/login/passkey", &refused_signed).await.parts(), invalid_credential());
    let waiting = options(&client, "/login/passkey/options").await;

    let log = log::written(&server).await;
    assert!(log.contains("passkey refused"), "{log}");
    let texts = [challenge(&asked), challenge(&refused), challenge(&waiting)].map(Value::from);
    let texts = texts.iter().chain([&signed["response"]["signature"], &signed["response"]["clientDataJSON"]]);
    let secrets: Vec<_> = texts.flat_map(|text| [text.as_str().unwrap().into(), decode(text)]).collect();
    assert_eq!(find(folder.path(), &secrets), None);
    let credential = encode(&device.credential_id());
    assert!(!log.contains(&credential), "{log}");
    assert!(find(folder.path(), &[device.credential_id()]).is_some(), "the files were searched");
}

#[both_databases::test]
async fn expired_challenges_are_deleted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = enrolled(&server, "ada", &mut Device::new(&server)).await;
    first_step(&client, "ada").await;
    options(&client, "/login/passkey/options").await;
    options(&client, "/login/second-factor/passkey/options").await;
    server.advance(MINUTE);
    options(&client, "/login/passkey/options").await;
    server.advance(4 * MINUTE);
    let keep = Config::from_values(HashMap::new()).unwrap().retention;
    cleanup::cleanup(&server.database.open().await, server.clock.now(), keep).await.unwrap();
    assert_eq!(server.execute("DELETE FROM passkey_challenges").await, 1);
}

async fn second_step_with(client: &Client, device: &mut Device, options: &Value) -> (u16, Value) {
    let signed = device.sign(options).await;
    client.post("/login/second-factor", &json!({ "method": "passkey", "credential": signed })).await.parts()
}

#[both_databases::test]
async fn of_a_user_the_last_twenty_challenges_are_valid(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut device = Device::new(&server);
    enrolled(&server, "ada", &mut device).await;
    let client = server.client();
    first_step(&client, "ada").await;
    let mut asked = Vec::new();
    for _ in 0..21 {
        asked.push(options(&client, "/login/second-factor/passkey/options").await);
    }
    assert_eq!(second_step_with(&client, &mut device, &asked[0]).await, invalid_credential());
    assert_eq!(second_step_with(&client, &mut device, &asked[1]).await.0, 200);
}

#[both_databases::test]
async fn the_challenges_of_a_network_end_with_newer_ones_and_leave_other_networks_alone(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut device = Device::new(&server);
    enrolled(&server, "ada", &mut device).await;
    let (here, there) = (server.client().in_network(2), server.client().in_network(3));
    let asked = [options(&here, "/login/passkey/options").await, options(&there, "/login/passkey/options").await];
    for _ in 0..1000 {
        options(&here, "/login/passkey/options").await;
    }
    assert_eq!(server.execute("UPDATE passkey_challenges SET user_id = user_id").await, 1001);
    for (options, status) in asked.iter().zip([401, 200]) {
        let signed = device.sign(options).await;
        assert_eq!(here.post("/login/passkey", &json!({ "credential": signed })).await.status, status);
    }
}
