//! What admins do to messages and payments, and to the sessions and tokens of everybody.

use std::time::Duration;

use actix_web::rt::time::sleep;
use reqwest::Method;
use serde_json::{Value, json};

use super::email::{ADA, register, start};
use crate::support::{
    api_tokens::program,
    client::Client,
    database::TestDatabase,
    fixtures::{MINUTE, invalid_fields, login_required, not_found},
    server::TestServer,
    smtp::{Behaviour, SmtpServer},
};

async fn last_event(client: &Client) -> (Value, Value) {
    let audit = client.get("/account/audit").await.body;
    (audit[0]["event"].clone(), audit[0]["user_agent"].clone())
}

#[both_databases::test]
async fn every_session_but_the_own_one_ends(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let (phone, ada) = (server.client(), server.signed_in("ada").await);
    phone.login("editor").await;
    for (query, fields) in [
        ("all=0", json!({ "all": "must be 1" })),
        ("all=", json!({ "all": "must be 1" })),
        ("all=1&user=2", json!({ "query": "there is no parameter user" })),
    ] {
        assert_eq!(admin.delete(&format!("/sessions?{query}")).await.parts(), invalid_fields(&fields), "{query}");
    }
    assert!(ada.is_signed_in().await && phone.is_signed_in().await);
    assert_eq!(admin.delete("/sessions?all=1").await.parts(), (204, json!(null)));
    assert_eq!((ada.is_signed_in().await, phone.is_signed_in().await), (false, false));
    assert!(admin.is_signed_in().await);
    ada.login("ada").await;
    let audit = admin.get("/users/2/audit").await.body;
    assert_eq!(audit[1]["event"], json!("revoked"));
    assert_eq!(audit[1]["user_agent"], json!("tollgate session revoke --all by admin editor"));

    let token = program(&admin, &["admin"]).await;
    server.advance(15 * MINUTE);
    assert_eq!(admin.delete("/sessions?all=1").await.code(), "fresh_login_required");
    assert_eq!(token.delete("/sessions?all=1").await.status, 204);
    assert_eq!(admin.get("/meter").await.parts(), login_required());
}

#[both_databases::test]
async fn every_api_token_ends_also_that_of_the_request(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let ada = server.signed_in("ada").await;
    let (token, other, of_ada) =
        (program(&admin, &["admin"]).await, program(&admin, &["account"]).await, program(&ada, &["read"]).await);
    assert_eq!(token.delete("/tokens").await.parts(), invalid_fields(&json!({ "all": "is missing" })));
    assert_eq!(token.delete("/tokens?all=yes").await.parts(), invalid_fields(&json!({ "all": "must be 1" })));
    assert_eq!(of_ada.get("/meter").await.status, 200);
    assert_eq!(token.delete("/tokens?all=1").await.parts(), (204, json!(null)));
    for program in [&token, &other, &of_ada] {
        assert_eq!(program.get("/meter").await.code(), "invalid_token");
    }
    let event = (json!("api_token_deleted"), json!("tollgate token revoke --all by admin editor"));
    assert_eq!((last_event(&ada).await, last_event(&admin).await), (event.clone(), event));
    assert_eq!(admin.delete("/tokens?all=1").await.status, 204, "there is none");
    server.advance(15 * MINUTE);
    assert_eq!(admin.delete("/tokens?all=1").await.code(), "fresh_login_required");
}

#[both_databases::test]
async fn a_refused_message_is_listed_retried_and_discarded(database: TestDatabase) {
    let smtp = SmtpServer::start();
    smtp.set(Behaviour::Refuse("550 no such mailbox"));
    let server = start(database, &smtp, &[]).await;
    let admin = server.admin("editor").await;
    for (name, address) in [("ada", ADA), ("eve", "eve@example.org")] {
        assert_eq!(register(&server.client(), name, address).await.status, 201);
    }
    let failed = "UPDATE outbox SET attempts = attempts WHERE failed_at IS NOT NULL";
    while server.execute(failed).await < 2 {
        sleep(Duration::from_millis(5)).await;
    }
    let at = "2026-11-21T10:00:00.000Z";
    let message = |id: i64, recipient: &str| {
        json!({
            "id": id, "kind": "verify", "recipient": recipient, "created_at": at, "next_attempt_at": at, "attempts": 1,
            "last_error": "the SMTP server refused with 550: no such mailbox", "failed_at": at,
        })
    };
    let page = admin.get("/outbox?limit=1").await;
    assert_eq!(page.header("link"), Some("</outbox?limit=1&before=2>; rel=\"next\""));
    assert_eq!(page.parts(), (200, json!([message(2, "eve@example.org")])));
    assert_eq!(admin.get("/outbox?limit=1&before=2").await.parts(), (200, json!([message(1, ADA)])));

    smtp.set(Behaviour::Accept);
    let retry = |id: i64| admin.send(admin.request(Method::POST, &format!("/outbox/{id}/retry")));
    assert_eq!(retry(1).await.parts(), (202, json!({})));
    assert_eq!(smtp.nth(1).await.recipients, [ADA]);
    assert_eq!(admin.delete("/outbox/2").await.parts(), (204, json!(null)));
    admin.get_until("/outbox", |outbox| outbox.body == json!([])).await;
    assert_eq!(retry(1).await.parts(), not_found(), "it has been sent");
    assert_eq!(admin.delete("/outbox/2").await.parts(), not_found());
    let recorded = admin.get("/users/3/audit").await.body;
    assert_eq!(recorded[0]["user_agent"], json!("tollgate mail discard by admin editor"));
}

#[both_databases::test]
async fn a_payment_without_an_account_is_listed_and_assigned(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let ada = server.signed_in("ada").await;
    for (id, at) in [("cs_1", 1000), ("cs_2", 2000), ("cs_3", 2000)] {
        let values = format!("('{id}', NULL, {at})");
        server.execute(&format!("INSERT INTO payments (id, subscription, received_at) VALUES {values}")).await;
    }
    let ids = |answer: &crate::support::client::Answer| -> Vec<Value> {
        answer.body.as_array().unwrap().iter().map(|payment| payment["id"].clone()).collect()
    };
    let first = admin.get("/payments?unmatched=1&limit=2").await;
    assert_eq!(first.header("link"), Some("</payments?unmatched=1&limit=2&before=cs_3>; rel=\"next\""));
    assert_eq!(ids(&first), ["cs_2", "cs_3"]);
    assert_eq!(ids(&admin.get("/payments?unmatched=1&limit=2&before=cs_3").await), ["cs_1"]);
    assert_eq!(ids(&admin.get("/payments?limit=1&before=cs_2").await), ["cs_3"]);

    let assign = |id: &str, user_id: i64| {
        admin.send(admin.request(Method::PUT, &format!("/payments/{id}")).json(&json!({ "user_id": user_id })))
    };
    assert_eq!(assign("cs_1", 2).await.parts(), (204, json!(null)));
    assert_eq!(assign("cs_1", 2).await.status, 204, "it is the user's already");
    let error = json!({ "error": "this payment is already assigned to another user", "code": "already_assigned" });
    assert_eq!(assign("cs_1", 1).await.parts(), (409, error));
    for (id, user_id) in [("cs_9", 2), ("cs_2", 99), ("cs-2", 2)] {
        assert_eq!(assign(id, user_id).await.parts(), not_found(), "{id} {user_id}");
    }
    let by = json!("tollgate payment assign by admin editor");
    assert_eq!(last_event(&ada).await, (json!("account_changed"), by));
    assert_eq!(ids(&admin.get("/payments?unmatched=1").await), ["cs_2", "cs_3"]);
    assert_eq!(admin.get("/payments").await.body[2]["user_id"], json!(2));
    for (query, fields) in [
        ("unmatched=0", json!({ "unmatched": "must be 1" })),
        ("before=", json!({ "before": "must be the id of a payment" })),
        ("user=2", json!({ "query": "there is no parameter user" })),
    ] {
        assert_eq!(admin.get(&format!("/payments?{query}")).await.parts(), invalid_fields(&fields), "{query}");
    }
}
