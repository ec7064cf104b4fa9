//! The limit on changing the second factors of an account, which send a message each.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::email::{ADA, start, verified};
use crate::support::{
    authenticator::{Authenticator, enrol, first_step, incorrect_code, second_step},
    client::{Answer, Client},
    database::TestDatabase,
    fixtures::{HOUR, MINUTE},
    server::TestServer,
    smtp::SmtpServer,
};

async fn replace_codes(client: &Client) -> Answer {
    client.post("/account/recovery-codes", &json!({})).await
}

fn throttled(answer: &Answer) -> (u16, Value, bool) {
    (answer.status, answer.body.clone(), answer.header("retry-after").is_some())
}

fn too_many() -> (u16, Value, bool) {
    let body = json!({ "error": "too many attempts, try again later", "code": "too_many_requests" });
    (429, body, true)
}

async fn count(server: &TestServer, event: &str) -> usize {
    server.execute(&format!("DELETE FROM audit WHERE event = '{event}'")).await
}

#[both_databases::test]
async fn an_account_changes_its_factors_twenty_times_an_hour(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let client = server.signed_in("ada").await;
    enrol(&server, &client).await;
    server.advance(MINUTE);
    for number in 2..20 {
        assert_eq!(replace_codes(&client).await.status, 200, "{number}");
    }
    assert_eq!(client.delete("/account/totp").await.status, 204, "the twentieth change");
    enrol_is_throttled(&server, &client).await;
    server.advance(HOUR - MINUTE);
    client.login("ada").await;
    enrol(&server, &client).await;
}

async fn enrol_is_throttled(server: &TestServer, client: &Client) {
    let started = client.post("/account/totp", &json!({})).await;
    let app = Authenticator::scan(server, &started);
    let confirmed = client.post("/account/totp/confirm", &json!({ "code": app.code() })).await;
    assert_eq!(throttled(&confirmed), too_many());
    assert_eq!(client.get("/check_session").await.body["second_factors"], json!([]), "nothing was changed");
}

#[both_databases::test]
async fn simultaneous_changes_of_factors_are_limited_exactly(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let client = server.signed_in("ada").await;
    enrol(&server, &client).await;
    let answers = join_all((0..50).map(|_| replace_codes(&client))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 19);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(throttled(answer), too_many());
    }
    assert_eq!(count(&server, "recovery_codes_replaced").await, 19);
}

#[both_databases::test]
async fn ten_notices_of_one_kind_are_sent_and_the_rest_is_summarized(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[("THROTTLE", "on")]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    enrol(&server, &client).await;
    for _ in 0..19 {
        assert_eq!(replace_codes(&client).await.status, 200);
    }
    smtp.notice(ADA, 11).await;
    let queued = "UPDATE outbox SET id = id WHERE kind = 'recovery_codes_replaced'";
    assert_eq!(server.execute(queued).await, 10);
    assert_eq!(server.execute("UPDATE outbox SET id = id WHERE kind = 'summary'").await, 1);
}

#[both_databases::test]
async fn the_owner_is_told_of_ten_wrong_second_factors(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[("THROTTLE", "on")]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    let (app, _) = enrol(&server, &client).await;
    let thief = server.client();
    first_step(&thief, "ada").await;
    let sent = "UPDATE outbox SET id = id WHERE kind = 'second_factor_blocked'";
    for number in 1..=10 {
        assert_eq!(server.execute(sent).await, 0, "{number}");
        assert_eq!(second_step(&thief, "totp", &app.wrong_code()).await.parts(), incorrect_code(), "{number}");
    }
    assert_eq!(server.execute(sent).await, 1);
    assert_eq!(second_step(&thief, "totp", &app.wrong_code()).await.status, 429);
    assert_eq!(server.execute(sent).await, 1);
}
