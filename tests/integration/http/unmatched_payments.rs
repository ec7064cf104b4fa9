//! Payments that belong to no account.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tollgate::{
    base::client::Client as Actor,
    billing::payments::{Assignment, assign, table as payments},
    db::Tx,
};

use super::{
    billing::{checkout, now, reads_on, start_with, subscription, take},
    email::{ADA, mail_settings, register, verified},
    metrics::value,
};
use crate::support::{database::TestDatabase, fixtures::DAY, server::TestServer, smtp::SmtpServer};

const METRICS: &[(&str, &str)] = &[("METRICS_ADDR", "127.0.0.1:0")];

/// A paid checkout that names nobody.
fn stray(id: &str, created: i64) -> Value {
    let mut event = checkout(id, created, 7);
    let session = event["data"]["object"].as_object_mut().unwrap();
    session.remove("client_reference_id");
    session.insert("amount_total".to_owned(), json!(990));
    session.insert("currency".to_owned(), json!("eur"));
    session.insert("customer_details".to_owned(), json!({ "email": "ada@example.org" }));
    event
}

/// The number that the metrics have, and the payments that are kept.
async fn unmatched(server: &TestServer) -> (f64, Vec<Value>) {
    let page = reqwest::get(format!("http://{}/metrics", server.metrics.unwrap())).await.unwrap().text().await.unwrap();
    let listed = server.database.open().await.read(|connection| payments::list(connection, true, 10)).await.unwrap();
    let listed = listed.iter().map(|payment| serde_json::to_value(payment).unwrap()).collect();
    (value(&page, "tollgate_payments_unmatched").unwrap(), listed)
}

fn kept(id: &str, subscription: Option<&str>, received_at: &Value) -> Value {
    json!({
        "id": id, "subscription": subscription, "customer": subscription.map(|_| "cus_7"), "email": "ada@example.org",
        "amount": 990, "currency": "eur", "received_at": received_at, "user_id": null, "assigned_at": null,
    })
}

async fn assign_to(server: &TestServer, payment: &'static str, user_id: i64) -> Assignment {
    let (grace, at) = (3 * DAY, server.clock.now());
    let actor = Actor::new([127, 0, 0, 1].into(), Some("tollgate payment assign by eve"));
    let assign = move |tx: &mut Tx<'_>| assign(tx, payment, user_id, grace, &actor, at);
    server.database.open().await.write(assign).await.unwrap()
}

#[both_databases::test]
async fn a_payment_that_belongs_to_no_account_is_kept_once_however_often_it_is_reported(database: TestDatabase) {
    let server = start_with(database, METRICS).await;
    server.signed_in("ada").await;
    let received_at = serde_json::to_value(server.clock.now()).unwrap();
    for (reference, subscription) in [(None, true), (Some("4711"), true), (Some("ada"), true), (Some("1"), false)] {
        server.execute("DELETE FROM payments").await;
        server.execute("DELETE FROM stripe_events").await;
        let mut event = stray("evt_1", now(&server));
        let session = event["data"]["object"].as_object_mut().unwrap();
        if let Some(reference) = reference {
            session.insert("client_reference_id".to_owned(), json!(reference));
        }
        if !subscription {
            session.insert("mode".to_owned(), json!("payment"));
            session.remove("subscription");
        }
        join_all((0..20).map(|_| take(&server, &event))).await;
        let mut again = event.clone();
        again["id"] = json!("evt_2");
        take(&server, &again).await;
        let expected = kept("cs_1", subscription.then_some("sub_7"), &received_at);
        assert_eq!(unmatched(&server).await, (1.0, vec![expected]), "{reference:?}");
    }
}

#[both_databases::test]
async fn an_unpaid_one_time_checkout_and_one_that_stores_a_card_are_not_kept(database: TestDatabase) {
    let server = start_with(database, METRICS).await;
    for (number, status) in ["unpaid", "no_payment_required"].into_iter().enumerate() {
        let mut event = stray(&format!("evt_{number}"), now(&server));
        event["data"]["object"]["payment_status"] = json!(status);
        event["data"]["object"].as_object_mut().unwrap().remove("subscription");
        take(&server, &event).await;
    }
    take(&server, &checkout("evt_3", now(&server), 4711)).await;
    assert_eq!(unmatched(&server).await.0, 1.0, "only the subscription of a user who does not exist");
}

#[both_databases::test]
async fn the_payers_address_decides_if_it_is_verified(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let url = smtp.url();
    let settings = mail_settings(&url);
    let server = start_with(database, &[METRICS, &settings].concat()).await;
    register(&server.client(), "eve", ADA).await;
    take(&server, &stray("evt_1", now(&server))).await;
    assert_eq!(unmatched(&server).await.0, 1.0, "nobody has verified the address");
    let ada = verified(&server, &smtp, "ada", ADA, 1).await;
    let mut event = stray("evt_2", now(&server));
    event["data"]["object"]["id"] = json!("cs_2");
    take(&server, &event).await;
    assert!(reads_on(&ada).await);
    assert_eq!(unmatched(&server).await.0, 0.0, "the first payment is for the same subscription");
}

#[both_databases::test]
async fn an_assigned_payment_unlocks_and_later_events_are_the_users(database: TestDatabase) {
    let server = start_with(database, METRICS).await;
    let (ada, eve) = (server.signed_in("ada").await, server.signed_in("eve").await);
    assert!(!reads_on(&ada).await);
    take(&server, &stray("evt_1", now(&server))).await;
    assert!(!reads_on(&ada).await);
    assert_eq!(assign_to(&server, "cs_2", 1).await, Assignment::NoSuchPayment);
    assert_eq!(assign_to(&server, "cs_1", 4711).await, Assignment::NoSuchUser);
    assert!(matches!(assign_to(&server, "cs_1", 1).await, Assignment::Done(_)));
    assert_eq!(ada.get_until("/blog/1", |answer| answer.status == 200).await.status, 200);
    assert_eq!(unmatched(&server).await, (0.0, Vec::new()));
    assert!(matches!(assign_to(&server, "cs_1", 1).await, Assignment::Done(_)), "a repetition changes nothing");
    assert_eq!(assign_to(&server, "cs_1", 2).await, Assignment::AlreadyAssigned);
    let audit = ada.get("/account/audit").await.body;
    assert_eq!(audit[0]["user_agent"], json!("tollgate payment assign by eve"));
    assert_eq!(audit.as_array().unwrap().iter().filter(|entry| entry["event"] == "account_changed").count(), 1);
    take(&server, &subscription("evt_2", "updated", now(&server) + 1, 7, "canceled", now(&server))).await;
    assert_eq!(ada.get("/subscription").await.body["status"], json!("ended"));
    assert!(!reads_on(&ada).await);
    assert_eq!(eve.get("/subscription").await.body["status"], json!("none"));
}

#[both_databases::test]
async fn an_event_that_names_the_user_assigns_the_payment(database: TestDatabase) {
    let server = start_with(database, METRICS).await;
    let ada = server.signed_in("ada").await;
    take(&server, &stray("evt_1", now(&server))).await;
    assert_eq!(unmatched(&server).await.0, 1.0);
    let mut named = subscription("evt_2", "created", now(&server), 7, "active", now(&server) + 1000);
    named["data"]["object"]["metadata"] = json!({ "user_id": "1" });
    take(&server, &named).await;
    assert_eq!(unmatched(&server).await.0, 0.0);
    assert!(reads_on(&ada).await);
    assert_eq!(server.execute("UPDATE payments SET email = NULL WHERE email IS NULL AND user_id = 1").await, 1);
    assert_eq!(
        ada.send(
            ada.request(reqwest::Method::DELETE, "/account")
                .json(&json!({ "password": crate::support::client::PASSWORD }))
        )
        .await
        .status,
        204
    );
    assert_eq!(server.execute("DELETE FROM payments").await, 0, "deleted with the account");
}
