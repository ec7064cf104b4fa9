//! Names, addresses, API tokens, gifts and messages that an operator corrects, and errors for programs.

use serde_json::{Value, json};
use tollgate::base::clock::Clock;

use super::{error_with_status, json_of, run, text};
use crate::support::{
    api_tokens::program,
    client::Client,
    database::TestDatabase,
    gifts::{give, subscriber},
    server::TestServer,
};

/// A node with the system clock, which the commands use as well.
async fn node(server: &TestServer) -> Client {
    server.client().at(&server.node_with_clock(&[], Clock::system()).await)
}

async fn last_event(server: &TestServer, user: &str) -> Value {
    let events = json_of(server, &["user", "audit", user, "--limit", "1"], "").await;
    events[0]["user_agent"].clone()
}

fn by(command: &str) -> Value {
    json!(format!("tollgate {command} by {}", whoami::username().unwrap()))
}

#[both_databases::test]
async fn a_user_gets_another_name_and_address(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.client().register("ada").await;
    server.client().register("eve").await;
    let renamed = json_of(&server, &["user", "rename", "ada", "Lovelace"], "").await;
    assert_eq!((&renamed["id"], &renamed["username"]), (&json!(1), &json!("Lovelace")));
    assert_eq!(last_event(&server, "lovelace").await, by("user rename"));
    let taken = error_with_status(&server, 1, &["user", "rename", "lovelace", "EVE"], "").await;
    assert_eq!(taken, "tollgate: the name is taken\n");
    let changed = json_of(&server, &["user", "email", "lovelace", "ada@example.org"], "").await;
    assert_eq!(changed["pending_email"], json!("ada@example.org"), "commands send email by default");
    assert_eq!(last_event(&server, "lovelace").await, by("user email"));
    let removed = json_of(&server, &["user", "email", "lovelace", "--remove"], "").await;
    assert_eq!((&removed["email"], &removed["pending_email"]), (&json!(null), &json!(null)));
    for wrong in [&["user", "email", "lovelace"][..], &["user", "email", "lovelace", "a@b.example", "--remove"]] {
        assert_eq!(run(&server, wrong, "").await.status.code(), Some(2), "{wrong:?}");
    }
}

#[both_databases::test]
async fn api_tokens_are_listed_and_revoked(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let node = node(&server).await;
    node.register("ada").await;
    node.login("ada").await;
    let (first, second) = (program(&node, &["read"]).await, program(&node, &["account", "read"]).await);
    assert_eq!(json_of(&server, &["token", "list", "ada"], "").await, node.get("/account/tokens").await.body);
    let revoked = json_of(&server, &["token", "revoke", "ada", "1"], "").await;
    assert_eq!(revoked, json!({ "username": "ada", "id": 1, "deleted": true }));
    first.get_until("/meter", |answer| answer.code() == "invalid_token").await;
    assert_eq!(last_event(&server, "ada").await, by("token revoke"));
    let error = error_with_status(&server, 4, &["token", "revoke", "ada", "1"], "").await;
    assert_eq!(error, "tollgate: ada has no API token with this id\n");
    assert_eq!(json_of(&server, &["token", "revoke", "--all"], "").await, json!({ "deleted": 1 }));
    second.get_until("/meter", |answer| answer.code() == "invalid_token").await;
    assert_eq!(last_event(&server, "ada").await, by("token revoke --all"));
    assert_eq!(json_of(&server, &["token", "list", "ada"], "").await, json!([]));
}

#[both_databases::test]
async fn gifts_are_listed_and_revoked(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let giver = subscriber(&server, "ada").await;
    for _ in 0..3 {
        give(&giver, 1, json!({ "opens": 2 })).await;
    }
    let listed = json_of(&server, &["gift", "list", "ada"], "").await;
    let newest = json!({
        "id": 3, "post_id": 1, "opens": 2, "opened": 0, "created_at": "2026-11-21T10:00:00.000Z", "expires_at": null,
    });
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]), (3, &newest));
    assert_eq!(json_of(&server, &["gift", "revoke", "ada", "3"], "").await, json!({ "revoked": 1 }));
    assert_eq!(last_event(&server, "ada").await, by("gift revoke"));
    let error = error_with_status(&server, 4, &["gift", "revoke", "ada", "3"], "").await;
    assert_eq!(error, "tollgate: ada has no gift with this id that works\n");
    assert_eq!(json_of(&server, &["gift", "revoke", "ada"], "").await, json!({ "revoked": 2 }));
    assert_eq!(giver.get("/gifts").await.body, json!([]));
}

#[both_databases::test]
async fn a_message_is_discarded(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.client().register("ada").await;
    let columns = "id, kind, user_id, recipient, payload, message_id, created_at, next_attempt_at";
    let now = server.clock.now().millis();
    let message =
        format!("INSERT INTO outbox ({columns}) VALUES (7, 'test', 1, 'ada@example.org', '{{}}', '<x>', {now}, {now})");
    server.execute(&message).await;
    assert_eq!(json_of(&server, &["mail", "list"], "").await[0]["id"], json!(7));
    assert_eq!(json_of(&server, &["mail", "discard", "7"], "").await, json!({ "id": 7, "deleted": true }));
    assert_eq!(json_of(&server, &["mail", "list"], "").await, json!([]));
    assert_eq!(last_event(&server, "ada").await, by("mail discard"));
    let error = error_with_status(&server, 4, &["mail", "discard", "7"], "").await;
    assert_eq!(error, "tollgate: no unsent message has the id 7\n");
}

#[both_databases::test]
async fn events_of_all_accounts_name_the_operator(database: TestDatabase) {
    let server = TestServer::start(database).await;
    for name in ["ada", "eve"] {
        server.client().register(name).await;
    }
    json_of(&server, &["user", "rename", "ada", "Lovelace"], "").await;
    json_of(&server, &["user", "delete", "eve"], "").await;
    let operator = whoami::username().unwrap();
    let found = json_of(&server, &["audit", "--by", &operator], "").await;
    let summary: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (&event["event"], &event["user_id"], &event["username"]))
        .collect();
    let (deleted, changed, name) = (json!("deleted"), json!("account_changed"), json!("Lovelace"));
    assert_eq!(summary, [(&deleted, &json!(2), &json!(null)), (&changed, &json!(1), &name)]);
    assert_eq!((&found[0]["by"], &found[0]["by_id"]), (&json!(operator), &json!(null)));
    let deletions = json_of(&server, &["audit", "--event", "deleted", "--since", "2026-01-01"], "").await;
    assert_eq!(deletions, json!([found[0]]));
    assert_eq!(json_of(&server, &["audit", "--until", "2026-01-01"], "").await, json!([]));
    let error = error_with_status(&server, 1, &["audit", "--event", "sneezed"], "").await;
    assert_eq!(error, "tollgate: --event must be an event such as signed_in\n");
}

#[both_databases::test]
async fn an_error_is_json_for_programs(database: TestDatabase) {
    let server = TestServer::start(database).await;
    for (status, arguments, expected) in [
        (4, &["--json", "user", "show", "ada"][..], json!({ "error": "user not found: ada", "code": "not_found" })),
        (
            4,
            &["--json", "payment", "delete", "cs_1"],
            json!({ "error": "no payment that belongs to no account has the id cs_1", "code": "not_found" }),
        ),
        (
            1,
            &["--json", "meter", "set", "ada", "9"],
            json!({ "error": "the number of reads used must be between 0 and 5 (READS_LIMIT)", "code": "failed" }),
        ),
    ] {
        let output = run(&server, arguments, "").await;
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(status), String::new()), "{arguments:?}");
        assert_eq!(serde_json::from_slice::<Value>(&output.stderr).unwrap(), expected);
    }
}
