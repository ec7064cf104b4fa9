//! The delivery of messages: which are retried, and that each is sent once.

use std::time::{Duration, Instant};

use serde_json::json;

use super::email::{ADA, mail_settings, register, start};
use crate::support::{
    database::TestDatabase,
    fixtures::{HOUR, MINUTE, TIMEOUT},
    server::{SECRET_KEY, TestServer},
    smtp::{Behaviour, SmtpServer},
};

/// Waits until a statement touches a row: the server records an outcome after the SMTP server has replied.
pub(super) async fn until(server: &TestServer, condition: &str) {
    let begun = Instant::now();
    while server.execute(&format!("UPDATE outbox SET id = id WHERE {condition}")).await == 0 {
        assert!(begun.elapsed() < TIMEOUT, "no message: {condition}");
        actix_web::rt::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until the delivery of every message that has arrived is recorded. Before that, a clock that is advanced ends
/// the claims, and another worker sends them again.
pub(super) async fn until_recorded(server: &TestServer) {
    until(server, "NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.claimed_until IS NOT NULL)").await;
}

#[both_databases::test]
async fn sent_messages_are_erased(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    register(&server.client(), "ada", ADA).await;
    smtp.nth(1).await;
    until(&server, "sent_at IS NOT NULL AND recipient = '' AND payload = '{}' AND seed IS NULL").await;
}

#[both_databases::test]
async fn a_message_arrives_after_an_outage_of_an_hour_with_the_same_link(database: TestDatabase) {
    let smtp = SmtpServer::start();
    smtp.set(Behaviour::Close);
    let server = start(database, &smtp, &[]).await;
    register(&server.client(), "ada", ADA).await;
    for attempts in 1..=6_i64 {
        until(&server, &format!("attempts = {attempts} AND claimed_until IS NULL AND last_error IS NOT NULL")).await;
        server.advance(HOUR / 6);
        if attempts == 5 {
            server.advance(HOUR);
        }
    }
    smtp.set(Behaviour::Accept);
    server.advance(HOUR);
    let mail = smtp.nth(1).await;
    assert_eq!(server.client().post("/email/verify", &json!({ "token": mail.token() })).await.status, 204);
    assert_eq!(smtp.requested().len(), 1);
}

#[both_databases::test]
async fn a_4xx_is_retried_with_the_same_message_id_and_a_5xx_is_not(database: TestDatabase) {
    let smtp = SmtpServer::start();
    smtp.set(Behaviour::Refuse("451 try again later"));
    let server = start(database, &smtp, &[]).await;
    register(&server.client(), "ada", ADA).await;
    until(
        &server,
        "attempts = 1 AND claimed_until IS NULL AND last_error = 'the SMTP server refused with 451: try again later'",
    )
    .await;
    smtp.set(Behaviour::Refuse("550 no such mailbox"));
    server.advance(MINUTE);
    until(
        &server,
        "attempts = 2 AND failed_at IS NOT NULL AND last_error = 'the SMTP server refused with 550: no such mailbox'",
    )
    .await;
    server.advance(HOUR);
    register(&server.client(), "eve", "eve@example.org").await;
    smtp.attempts(3).await;
    until(&server, "id = 2 AND failed_at IS NOT NULL").await;
    assert_eq!(server.execute("UPDATE outbox SET id = id WHERE id = 1 AND attempts = 2").await, 1, "it is final");
}

#[both_databases::test]
async fn a_message_is_given_up_after_a_day_and_a_link_that_has_expired_is_not_sent(database: TestDatabase) {
    let smtp = SmtpServer::start();
    smtp.set(Behaviour::Refuse("451 try again later"));
    let server = start(database, &smtp, &[]).await;
    register(&server.client(), "ada", ADA).await;
    until(&server, "attempts = 1 AND claimed_until IS NULL AND last_error IS NOT NULL").await;
    server.advance(24 * HOUR - Duration::from_millis(1));
    until(&server, "attempts = 2 AND failed_at IS NOT NULL").await;
    smtp.set(Behaviour::Accept);
    server.advance(Duration::from_millis(1));
    server.execute("UPDATE outbox SET failed_at = NULL, next_attempt_at = 0").await;
    register(&server.client(), "eve", "eve@example.org").await;
    assert_eq!(smtp.nth(1).await.recipients, ["eve@example.org"]);
    until(&server, "id = 2 AND NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.id = 1)").await;
}

#[both_databases::test]
async fn a_message_that_hangs_does_not_hold_up_the_others(database: TestDatabase) {
    let smtp = SmtpServer::start();
    smtp.set(Behaviour::Hang);
    let server = start(database, &smtp, &[]).await;
    register(&server.client(), "ada", ADA).await;
    smtp.attempts(1).await;
    smtp.set(Behaviour::Accept);
    for name in ["eve", "mallory"] {
        let address = format!("{name}@example.org");
        register(&server.client(), name, &address).await;
        smtp.arrived(&address).await;
    }
    let hangs = "UPDATE outbox SET id = id WHERE id = 1 AND attempts = 1 AND claimed_until IS NOT NULL";
    assert_eq!(server.execute(hangs).await, 1, "the first message is still being sent");
}

#[both_databases::test]
async fn a_jump_of_the_clock_does_not_send_a_message_again_that_is_being_sent(database: TestDatabase) {
    let smtp = SmtpServer::start();
    smtp.set(Behaviour::Hang);
    let server = start(database, &smtp, &[]).await;
    register(&server.client(), "ada", ADA).await;
    smtp.attempts(1).await;
    smtp.set(Behaviour::Accept);
    server.advance(HOUR);
    register(&server.client(), "eve", "eve@example.org").await;
    // The message that has been due for longest is claimed first.
    smtp.arrived("eve@example.org").await;
    let sending = "UPDATE outbox SET id = id WHERE id = 1 AND attempts = 1 AND sent_at IS NULL";
    assert_eq!(server.execute(sending).await, 1);
}

#[both_databases::test]
async fn a_mailbox_waits_for_its_earlier_message_and_others_do_not(database: TestDatabase) {
    let smtp = SmtpServer::start();
    smtp.set(Behaviour::Hang);
    let server = start(database, &smtp, &[]).await;
    let ada = server.client();
    register(&ada, "ada", ADA).await;
    smtp.attempts(1).await;
    smtp.set(Behaviour::Accept);
    server.advance(MINUTE);
    ada.login("ada").await;
    assert_eq!(ada.post("/account/email/verification", &json!({})).await.status, 202);
    server.advance(MINUTE);
    register(&server.client(), "eve", "eve@example.org").await;
    smtp.arrived("eve@example.org").await;
    let waiting = "UPDATE outbox SET id = id WHERE id = 2 AND recipient = 'ada@example.org' AND attempts = 0";
    assert_eq!(server.execute(waiting).await, 1);
}

#[both_databases::test]
async fn of_two_nodes_one_sends(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let url = smtp.url();
    server.second_node(&mail_settings(&url)).await;
    for number in 0..30 {
        register(&server.client(), &format!("user{number}"), &format!("user{number}@example.org")).await;
    }
    smtp.nth(30).await;
    let mut ids: Vec<_> = smtp.mails().iter().map(|mail| mail.message_id()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), smtp.requested().len()), (30, 30));
}

#[both_databases::test]
async fn a_link_from_before_a_rotation_of_the_key_works(database: TestDatabase) {
    let smtp = SmtpServer::start();
    smtp.set(Behaviour::Refuse("451 try again later"));
    let server = start(database, &smtp, &[]).await;
    register(&server.client(), "ada", ADA).await;
    until(&server, "attempts = 1 AND claimed_until IS NULL AND last_error IS NOT NULL").await;
    // The row is left to the node with the new key.
    server.execute("UPDATE outbox SET claimed_until = next_attempt_at + 3600000").await;
    let (new, url) = ("n".repeat(64), smtp.url());
    let rotated = [&mail_settings(&url)[..], &[("SECRET_KEY", &new), ("SECRET_KEY_OLD", SECRET_KEY)]].concat();
    let clock = tollgate::base::clock::Clock::manual(crate::support::server::START.after(HOUR * 2));
    smtp.set(Behaviour::Accept);
    let node = server.node_with_clock(&rotated, clock).await;
    let token = smtp.nth(1).await.token();
    let client = server.client().at(&node);
    assert_eq!(client.post("/email/verify", &json!({ "token": token })).await.status, 204);
}
