//! Finishing a rotation of the key.

use serde_json::{Value, json};

use super::{command_with, text};
use crate::support::{
    authenticator::{enrol, first_step, second_step},
    database::TestDatabase,
    fixtures::MINUTE,
    server::{SECRET_KEY, TestServer},
};

const NEW_KEY: &str = "another key for tests, which is as long as a key has to be to be taken";

async fn run(server: &TestServer, settings: &[(&str, &str)], arguments: &[&str]) -> Value {
    let output = command_with(server.database.folder(), &server.database.url, settings, arguments, "").await;
    assert_ne!(output.stdout, b"", "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What the doctor reports about seeds.
async fn unreadable(server: &TestServer, settings: &[(&str, &str)]) -> Vec<String> {
    let findings = run(server, settings, &["--json", "doctor"]).await;
    let texts = findings.as_array().unwrap().iter().map(|finding| finding["text"].as_str().unwrap().to_owned());
    texts.filter(|text| text.contains("authenticator apps")).collect()
}

#[both_databases::test]
async fn seeds_are_encrypted_again_so_that_the_former_key_can_be_removed(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (ada, _) = enrol(&server, &server.signed_in("ada").await).await;
    enrol(&server, &server.signed_in("eve").await).await;
    server.execute("UPDATE totp_seeds SET sealed = substr(sealed, 2) WHERE user_id = 2").await;
    let rotated = [("SECRET_KEY", NEW_KEY), ("SECRET_KEY_OLD", SECRET_KEY)];
    let only_new = [("SECRET_KEY", NEW_KEY)];

    let before = unreadable(&server, &only_new).await;
    assert!(before.len() == 1 && before[0].contains("the seeds of 2 authenticator apps"), "{before:?}");
    let command = ["--json", "rekey"];
    assert_eq!(run(&server, &only_new, &command).await, json!({ "encrypted_again": 0, "unreadable": 2 }));
    assert_eq!(run(&server, &rotated, &command).await, json!({ "encrypted_again": 1, "unreadable": 1 }));
    assert_eq!(run(&server, &rotated, &command).await, json!({ "encrypted_again": 0, "unreadable": 1 }));
    let after = unreadable(&server, &only_new).await;
    assert!(after.len() == 1 && after[0].contains("the seeds of 1 authenticator apps"), "{after:?}");

    let client = server.client().at(&server.second_node(&only_new).await);
    server.advance(MINUTE);
    first_step(&client, "ada").await;
    assert_eq!(second_step(&client, "totp", &ada.code()).await.status, 200);
}
