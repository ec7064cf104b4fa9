//! Messages that an operator retries.

use serde_json::{Value, json};

use super::json_of;
use crate::support::{database::TestDatabase, server::TestServer};

#[both_databases::test]
async fn a_retry_takes_what_waits_after_an_outage_and_no_notice_that_is_held_back(database: TestDatabase) {
    let server = TestServer::start(database).await;
    for (id, attempts, next, failed_at, error) in [
        (1, 1, "9000000000000", "1", "'550 no such mailbox'"),
        (2, 3, "9000000000000", "NULL", "'connection refused'"),
        (3, 0, "9000000000000", "NULL", "NULL"),
    ] {
        let insert = format!(
            "INSERT INTO outbox (id, kind, recipient, payload, message_id, created_at, next_attempt_at, attempts, \
             failed_at, last_error) VALUES ({id}, 'test', 'ada@example.org', '{{}}', '<{id}@localhost>', 1, {next}, \
             {attempts}, {failed_at}, {error})"
        );
        assert_eq!(server.execute(&insert).await, 1);
    }
    assert_eq!(json_of(&server, &["mail", "retry"], "").await, json!({ "retried": 2 }));
    let listed = json_of(&server, &["mail", "list"], "").await;
    let states: Vec<_> = listed.as_array().unwrap().iter().map(|row| (&row["id"], &row["failed_at"])).collect();
    assert_eq!(states, [(&json!(1), &Value::Null), (&json!(2), &Value::Null), (&json!(3), &Value::Null)]);
    let held_back = "UPDATE outbox SET id = id WHERE next_attempt_at = 9000000000000";
    assert_eq!(server.execute(held_back).await, 1, "the notice keeps its time");
}
