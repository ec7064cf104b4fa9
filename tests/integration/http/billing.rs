//! `/webhooks/stripe`, subscriptions, and their effect on the meter.

use std::time::Duration;

use futures_util::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{DAY, not_found},
    server::{START, TestServer},
};

const SECRET: &str = "whsec_of_the_tests";
const DAY_SECONDS: i64 = 24 * 60 * 60;

#[derive(Deserialize)]
struct Vector {
    secret: String,
    header: String,
    body: String,
}

/// Signed by Stripe's own library.
fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../../vectors/stripe_events.json")).unwrap()
}

async fn start(database: TestDatabase) -> TestServer {
    start_with(database, &[]).await
}

pub(super) async fn start_with(database: TestDatabase, more: &[(&str, &str)]) -> TestServer {
    let settings = [
        ("STRIPE_WEBHOOK_SECRET", SECRET),
        ("CHECKOUT_URL", "https://buy.example/plan?locale=en"),
        ("READS_LIMIT", "1"),
    ];
    TestServer::with(database, &[&settings, more].concat()).await
}

pub(super) fn now(server: &TestServer) -> i64 {
    server.clock.now().millis() / 1000
}

async fn post_signed(client: &Client, body: String, header: &str) -> Answer {
    client.send(client.request(Method::POST, "/webhooks/stripe").header("stripe-signature", header).body(body)).await
}

/// Sends an event as Stripe does.
async fn send(server: &TestServer, event: &Value) -> Answer {
    send_to(server, &server.client(), event).await
}

async fn send_to(server: &TestServer, node: &Client, event: &Value) -> Answer {
    let (body, time) = (event.to_string(), now(server));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    post_signed(node, body, &format!("t={time},v1={signature}")).await
}

fn event(id: &str, kind: &str, created: i64, object: &Value) -> Value {
    json!({ "id": id, "object": "event", "type": kind, "created": created, "data": { "object": object } })
}

pub(super) fn checkout(id: &str, created: i64, user_id: i64) -> Value {
    let session = json!({
        "id": "cs_1", "object": "checkout.session", "mode": "subscription", "payment_status": "paid", "customer": format!("cus_{user_id}"),
        "subscription": format!("sub_{user_id}"), "client_reference_id": user_id.to_string(),
    });
    event(id, "checkout.session.completed", created, &session)
}

pub(super) fn subscription(id: &str, what: &str, created: i64, user_id: i64, status: &str, end: i64) -> Value {
    let object = json!({
        "id": format!("sub_{user_id}"), "object": "subscription", "customer": format!("cus_{user_id}"), "status": status,
        "current_period_end": end, "metadata": {},
    });
    event(id, &format!("customer.subscription.{what}"), created, &object)
}

fn failed(id: &str, created: i64, user_id: i64) -> Value {
    let invoice = json!({ "id": "in_2", "object": "invoice", "created": created, "customer": format!("cus_{user_id}"), "subscription": format!("sub_{user_id}") });
    event(id, "invoice.payment_failed", created, &invoice)
}

pub(super) async fn take(server: &TestServer, event: &Value) {
    assert_eq!(send(server, event).await.parts(), (200, json!({ "received": true })), "{event}");
}

/// Whether reads succeed although the meter is used up.
pub(super) async fn reads_on(client: &Client) -> bool {
    client.get("/blog/1").await;
    client.get("/blog/1").await.status == 200
}

#[both_databases::test]
async fn a_402_names_the_checkout(database: TestDatabase) {
    let server = start(database).await;
    let client = server.client();
    client.post("/register", &json!({ "username": "ada", "password": PASSWORD, "email": "ada+x@example.org" })).await;
    client.login("ada").await;
    let link = json!("https://buy.example/plan?locale=en&client_reference_id=1&prefilled_email=ada%2Bx%40example.org");
    let meter =
        json!({ "limit": 1, "used": 0, "remaining": 1, "resets_at": null, "subscribed": false, "checkout_url": link });
    assert_eq!(client.get("/meter").await.parts(), (200, meter));
    assert!(!reads_on(&client).await);
    assert_eq!(client.get("/blog/1").await.body["checkout_url"], link);
    let eve = server.signed_in("eve").await;
    assert_eq!(
        eve.get("/meter").await.body["checkout_url"],
        json!("https://buy.example/plan?locale=en&client_reference_id=2")
    );
}

#[both_databases::test]
async fn after_a_payment_the_next_request_succeeds(database: TestDatabase) {
    let server = start(database).await;
    let (client, other) = (server.signed_in("ada").await, server.signed_in("eve").await);
    assert!(!reads_on(&client).await);
    let none = json!({ "status": "none", "current_period_end": null, "grace_until": null });
    assert_eq!(client.get("/subscription").await.parts(), (200, none));

    take(&server, &checkout("evt_1", now(&server), 1)).await;
    let read = client.get("/blog/1").await;
    assert_eq!((read.status, read.header("x-reads-remaining")), (200, Some("0")), "the meter is left alone");
    take(&server, &subscription("evt_2", "created", now(&server), 1, "active", now(&server) + 30 * DAY_SECONDS)).await;
    let active = json!({ "status": "active", "current_period_end": "2026-12-21T10:00:00.000Z", "grace_until": null });
    assert_eq!(client.get("/subscription").await.parts(), (200, active));
    let meter = client.get("/meter").await.body;
    assert_eq!((&meter["used"], &meter["subscribed"]), (&json!(1), &json!(true)));
    for path in ["/blog/1", "/blog/2", "/blog/3"] {
        assert_eq!(client.get(path).await.status, 200);
    }
    assert_eq!(client.get("/meter").await.body["used"], json!(1));
    assert!(!reads_on(&other).await, "nobody else is subscribed");
}

#[both_databases::test]
async fn a_subscription_without_events_ends_after_its_period_and_grace(database: TestDatabase) {
    let server = start(database).await;
    let client = server.client();
    client.register("ada").await;
    client.post("/login", &json!({ "username": "ada", "password": PASSWORD, "stay_signed_in": true })).await;
    take(&server, &checkout("evt_1", now(&server), 1)).await;
    take(&server, &subscription("evt_2", "created", now(&server), 1, "active", now(&server) + 10 * DAY_SECONDS)).await;
    assert!(reads_on(&client).await);
    server.advance(10 * DAY);
    let grace = json!({ "status": "active", "current_period_end": "2026-12-01T10:00:00.000Z", "grace_until": "2026-12-04T10:00:00.000Z" });
    assert_eq!(client.get("/subscription").await.parts(), (200, grace));
    server.advance(3 * DAY - Duration::from_millis(1));
    assert!(reads_on(&client).await);
    server.advance(Duration::from_millis(1));
    assert!(!reads_on(&client).await);
    assert_eq!(client.get("/subscription").await.body["status"], json!("ended"));
    take(&server, &subscription("evt_3", "updated", now(&server), 1, "active", now(&server) + 30 * DAY_SECONDS)).await;
    assert!(reads_on(&client).await, "paid once more");
}

#[both_databases::test]
async fn a_failed_payment_leaves_a_grace_period_and_a_deletion_does_not(database: TestDatabase) {
    let server = start(database).await;
    let client = server.signed_in("ada").await;
    let end = now(&server) + 30 * DAY_SECONDS;
    take(&server, &checkout("evt_1", now(&server), 1)).await;
    take(&server, &subscription("evt_2", "created", now(&server), 1, "active", end)).await;
    take(&server, &failed("evt_3", now(&server) + 1, 1)).await;
    let past_due = json!({ "status": "past_due", "current_period_end": "2026-12-21T10:00:00.000Z", "grace_until": "2026-11-24T10:00:01.000Z" });
    assert_eq!(client.get("/subscription").await.parts(), (200, past_due));
    let start = client.open("/account").await;
    let said = "<p class=\"notice\" role=\"alert\">Your last payment failed. You have access until \
                <time datetime=\"2026-11-24T10:00:01.000Z\">24 November 2026</time>.</p>";
    let html = start.body.as_str().unwrap();
    assert!(html.contains(said) && !html.contains("unlimited reads") && !html.contains("<meter"), "{html}");
    assert!(reads_on(&client).await);
    take(&server, &subscription("evt_4", "deleted", now(&server) + 2, 1, "canceled", end)).await;
    assert!(!reads_on(&client).await, "at once");
    let ended = json!({ "status": "ended", "current_period_end": "2026-12-21T10:00:00.000Z", "grace_until": null });
    assert_eq!(client.get("/subscription").await.parts(), (200, ended));
    take(&server, &subscription("evt_5", "updated", now(&server) + 1, 1, "active", end)).await;
    assert!(!reads_on(&client).await, "what is older than the last word changes nothing");
}

#[both_databases::test]
async fn an_unpaid_checkout_grants_nothing(database: TestDatabase) {
    let server = start(database).await;
    let client = server.signed_in("ada").await;
    let mut unpaid = checkout("evt_1", now(&server), 1);
    unpaid["data"]["object"]["payment_status"] = json!("unpaid");
    take(&server, &unpaid).await;
    take(&server, &subscription("evt_2", "created", now(&server), 1, "incomplete", now(&server) + DAY_SECONDS)).await;
    assert!(!reads_on(&client).await);
    assert_eq!(client.get("/subscription").await.body["status"], json!("none"));
    take(&server, &subscription("evt_3", "updated", now(&server) + 1, 1, "active", now(&server) + DAY_SECONDS)).await;
    assert!(reads_on(&client).await);
}

#[both_databases::test]
async fn meter_and_subscription_report_the_same_end_with_any_grace(database: TestDatabase) {
    let server = start(database).await;
    let client = server.signed_in("ada").await;
    take(&server, &checkout("evt_1", now(&server), 1)).await;
    take(&server, &subscription("evt_2", "created", now(&server), 1, "active", now(&server) + 3600)).await;
    server.advance(Duration::from_secs(2 * 60 * 60));
    let without_grace = server.second_node(&[("SUBSCRIPTION_GRACE", "1s"), ("READS_LIMIT", "1")]).await;
    for client in [&client, &client.at(&without_grace)] {
        assert!(reads_on(client).await);
        let told = json!({ "status": "active", "current_period_end": "2026-11-21T11:00:00.000Z", "grace_until": "2026-11-24T11:00:00.000Z" });
        assert_eq!(client.get("/subscription").await.parts(), (200, told));
    }
}

#[both_databases::test]
async fn repeated_events_in_any_order_have_the_same_result(database: TestDatabase) {
    let server = start(database).await;
    let (ada, eve) = (server.signed_in("ada").await, server.signed_in("eve").await);
    let (start, end) = (now(&server), now(&server) + 30 * DAY_SECONDS);
    let events = |user: i64| {
        [
            checkout(&format!("evt_{user}_1"), start, user),
            subscription(&format!("evt_{user}_2"), "created", start, user, "incomplete", end),
            subscription(&format!("evt_{user}_3"), "updated", start + 1, user, "active", end),
            failed(&format!("evt_{user}_4"), start + 10, user),
            subscription(&format!("evt_{user}_5"), "updated", start + 11, user, "past_due", end + 30 * DAY_SECONDS),
            subscription(&format!("evt_{user}_6"), "updated", start + 20, user, "active", end + 30 * DAY_SECONDS),
        ]
    };
    for event in events(1) {
        take(&server, &event).await;
    }
    let (forwards, backwards) = (events(2), events(2).into_iter().rev());
    for event in backwards.chain(forwards) {
        take(&server, &event).await;
    }
    let (ada, eve) = (ada.get("/subscription").await.parts(), eve.get("/subscription").await.parts());
    assert_eq!(ada, eve);
    assert_eq!(ada.1["current_period_end"], json!("2027-01-20T10:00:00.000Z"));
}

#[both_databases::test]
async fn an_event_before_the_checkout_counts_once_the_user_is_known(database: TestDatabase) {
    let server = start(database).await;
    let client = server.signed_in("ada").await;
    take(&server, &subscription("evt_1", "created", now(&server), 1, "active", now(&server) + DAY_SECONDS)).await;
    assert!(!reads_on(&client).await, "nobody knows yet whose it is");
    take(&server, &checkout("evt_2", now(&server), 1)).await;
    assert!(reads_on(&client).await);
}

#[both_databases::test]
async fn a_user_is_found_by_customer_or_metadata(database: TestDatabase) {
    let server = start(database).await;
    let (ada, eve) = (server.signed_in("ada").await, server.signed_in("eve").await);
    let end = now(&server) + DAY_SECONDS;
    take(&server, &checkout("evt_1", now(&server), 1)).await;
    take(&server, &subscription("evt_2", "deleted", now(&server), 1, "canceled", end)).await;
    assert!(!reads_on(&ada).await);
    let mut second = subscription("evt_3", "created", now(&server), 1, "active", end);
    second["data"]["object"]["id"] = json!("sub_second");
    take(&server, &second).await;
    assert!(reads_on(&ada).await, "another one of the same customer");

    let mut named = subscription("evt_4", "created", now(&server), 77, "active", end);
    named["data"]["object"]["metadata"] = json!({ "user_id": "2" });
    take(&server, &named).await;
    assert!(reads_on(&eve).await);
    named["id"] = json!("evt_5");
    named["data"]["object"]["id"] = json!("sub_nobody");
    named["data"]["object"]["metadata"] = json!({ "user_id": "999" });
    take(&server, &named).await;
}

#[both_databases::test]
async fn only_signatures_by_stripe_are_accepted(database: TestDatabase) {
    let settings = [("STRIPE_WEBHOOK_SECRET", "whsec_new,whsec_test_of_tollgate_7f3b"), ("READS_LIMIT", "1")];
    let server = TestServer::with(database, &settings).await;
    let client = server.signed_in("ada").await;
    let anybody = server.client();
    let refused = (400, json!({ "error": "the signature is missing, invalid or too old", "code": "bad_signature" }));
    for Vector { secret, header, body } in vectors() {
        assert!(settings[0].1.contains(&secret));
        assert_eq!(post_signed(&anybody, body.clone(), "").await.parts(), refused);
        assert_eq!(post_signed(&anybody, format!("{body} "), &header).await.parts(), refused);
        for _ in 0..2 {
            let taken = post_signed(&anybody, body.clone(), &header).await;
            assert_eq!(taken.parts(), (200, json!({ "received": true })));
        }
    }
    assert_eq!(client.get("/subscription").await.body["status"], json!("ended"), "the last of them deletes it");
    let none = anybody.send(anybody.request(Method::POST, "/webhooks/stripe").body("{}")).await;
    assert_eq!(none.parts(), refused);
    server.advance(Duration::from_secs(301));
    let Vector { header, body, .. } = vectors().swap_remove(0);
    assert_eq!(post_signed(&anybody, body, &header).await.parts(), refused, "it is too old");
}

#[both_databases::test]
async fn an_event_with_unstorable_values_is_accepted_and_changes_nothing(database: TestDatabase) {
    let server = start(database).await;
    let client = server.signed_in("ada").await;
    take(&server, &checkout("evt_1", now(&server), 1)).await;
    let before = client.get("/subscription").await.parts();
    let after_the_end_of_time = subscription("evt_2", "updated", now(&server), 1, "active", 253_402_300_800);
    let mut nul = subscription("evt_3", "updated", now(&server), 1, "active\0", now(&server));
    take(&server, &after_the_end_of_time).await;
    take(&server, &nul).await;
    assert_eq!(client.get("/subscription").await.parts(), before);
    assert_eq!(client.get("/account/export").await.status, 200);
    nul["id"] = json!("evt\0");
    assert_eq!(send(&server, &nul).await.code(), "invalid_json");
}

#[both_databases::test]
async fn an_event_with_a_thousand_signatures_is_accepted(database: TestDatabase) {
    let server = TestServer::with(database, &[("STRIPE_WEBHOOK_SECRET", "whsec_test_of_tollgate_7f3b")]).await;
    let Vector { header, body, .. } = vectors().swap_remove(0);
    let padded = header.replace("v1=", &format!("{}v1=", "v1=00,".repeat(1000)));
    let taken = post_signed(&server.client(), body, &padded).await;
    assert_eq!(taken.parts(), (200, json!({ "received": true })));
}

#[both_databases::test]
async fn without_a_secret_the_webhook_does_not_exist(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let answer = post_signed(&server.client(), "{}".to_owned(), "t=1,v1=00").await;
    assert_eq!(answer.parts(), not_found());
}

#[both_databases::test]
async fn invalid_and_large_events_are_refused_and_unused_ones_accepted(database: TestDatabase) {
    let server = start(database).await;
    let no_event = send(&server, &json!({ "id": 1 })).await;
    assert_eq!((no_event.status, no_event.code()), (400, "invalid_json"));
    let large = send(&server, &json!("x".repeat(1024 * 1024))).await;
    assert_eq!(large.parts(), (413, json!({ "error": "the body is larger than 256 KiB", "code": "too_large" })));
    take(&server, &event("evt_1", "charge.succeeded", now(&server), &json!({ "note": "x".repeat(200 * 1024) }))).await;
    take(&server, &event("evt_2", "customer.subscription.updated", now(&server), &json!({ "odd": true }))).await;
    take(
        &server,
        &event(
            "evt_3",
            "checkout.session.completed",
            now(&server),
            &json!({ "mode": "payment", "subscription": null }),
        ),
    )
    .await;
}

#[both_databases::test]
async fn a_flood_of_events_is_processed_and_blocks_no_reader(database: TestDatabase) {
    let server = start(database).await;
    let mut readers = Vec::new();
    for user in 1..=10 {
        readers.push(server.signed_in(&format!("user{user}")).await);
    }
    let (start, end) = (now(&server), now(&server) + 30 * DAY_SECONDS);
    let mut events = Vec::new();
    for copy in 0..20_i64 {
        for user in 1..=10 {
            let status = if user % 2 == 0 { ("deleted", "canceled") } else { ("updated", "active") };
            events.push(subscription(&format!("evt_{user}_3"), status.0, start + 2, user, status.1, end));
            events.push(checkout(&format!("evt_{user}_1"), start, user));
            events.push(subscription(&format!("evt_{user}_2"), "created", start + 1, user, "active", end));
        }
        // Each repetition starts with another event.
        events.rotate_left(usize::try_from(copy).unwrap() * 7 % 30);
    }
    // Two nodes, because within one node events are queued before they reach the database.
    let settings = [("STRIPE_WEBHOOK_SECRET", SECRET), ("READS_LIMIT", "1")];
    let nodes = [server.client(), server.client().at(&server.second_node(&settings).await)];
    let flood = join_all(events.iter().zip(nodes.iter().cycle()).map(|(event, node)| send_to(&server, node, event)));
    let reading = join_all((0..50).map(|_| readers[0].get("/check_session")));
    let (answers, reads) = futures_util::future::join(flood, reading).await;
    assert!(answers.iter().chain(&reads).all(|answer| answer.status == 200));
    for (reader, user) in readers.iter().zip(1..) {
        let status = if user % 2 == 0 { "ended" } else { "active" };
        assert_eq!(reader.get("/subscription").await.body["status"], json!(status), "{user}");
    }
}

#[both_databases::test]
async fn an_admin_grants_and_ends_a_subscription(database: TestDatabase) {
    let server = start(database).await;
    let (editor, reader) = (server.admin("editor").await, server.signed_in("ada").await);
    let path = "/users/2/subscription";
    let put = async |client: &Client, path: &str, body: Value| {
        client.send(client.request(Method::PUT, path).json(&body)).await
    };
    assert!(!reads_on(&reader).await);
    let forever = json!({ "status": "active", "current_period_end": null, "grace_until": null });
    assert_eq!(put(&editor, path, json!({})).await.parts(), (200, forever.clone()));
    assert_eq!(reader.get("/subscription").await.parts(), (200, forever.clone()));
    assert!(reads_on(&reader).await);
    let bare = editor.send(editor.request(Method::PUT, path)).await;
    assert_eq!(bare.parts(), (200, forever), "nothing need be sent");
    let meter =
        json!({ "limit": 1, "used": 1, "remaining": 0, "resets_at": "2026-12-21T10:00:00.000Z", "subscribed": true });
    assert_eq!(editor.get("/users/2/meter").await.parts(), (200, meter));

    assert_eq!(editor.delete(path).await.parts(), (204, Value::Null));
    assert!(!reads_on(&reader).await);
    let brief = put(&editor, path, json!({ "current_period_end": "2026-11-21T12:00:00+01:00" })).await;
    assert_eq!(brief.body["current_period_end"], json!("2026-11-21T11:00:00.000Z"));
    assert!(reads_on(&reader).await);
    server.advance(Duration::from_secs(60 * 60));
    assert!(!reads_on(&reader).await, "what is given ends when it was said to");

    let wrong = put(&editor, path, json!({ "current_period_end": "soon" })).await;
    let fields = json!({ "current_period_end": "must be a time such as 2026-11-21T10:00:00Z" });
    assert_eq!((wrong.status, &wrong.body["fields"]), (422, &fields));
    for nobody in ["/users/99/subscription", "/users/x/subscription", "/users/02/subscription"] {
        assert_eq!(put(&editor, nobody, json!({})).await.code(), "not_found");
        assert_eq!(editor.delete(nobody).await.code(), "not_found");
    }
    assert_eq!(editor.get("/users/99/meter").await.code(), "not_found");
    assert_eq!(put(&reader, path, json!({})).await.code(), "forbidden");
    assert_eq!(reader.delete(path).await.code(), "forbidden");
    assert_eq!(reader.get("/users/2/meter").await.code(), "forbidden");
}

#[both_databases::test]
async fn the_audit_names_the_admin_who_grants_and_ends_a_subscription(database: TestDatabase) {
    let server = start(database).await;
    let (editor, reader) = (server.admin("editor").await, server.signed_in("ada").await);
    let path = "/users/2/subscription";
    assert_eq!(editor.send(editor.request(Method::PUT, path)).await.status, 200);
    assert_eq!(editor.delete(path).await.status, 204);
    let by = |action: &str| {
        let user_agent = format!("tollgate {action} by admin editor");
        json!({ "at": "2026-11-21T10:00:00.000Z", "event": "account_changed", "ip": "127.0.0.1", "user_agent": user_agent })
    };
    let audit = reader.get("/account/audit").await.body;
    assert_eq!(audit.as_array().unwrap()[..2], [by("revoke"), by("grant")]);
}

#[both_databases::test]
async fn a_newer_stripe_event_restores_an_ended_subscription(database: TestDatabase) {
    let server = start(database).await;
    let (editor, reader) = (server.admin("editor").await, server.signed_in("ada").await);
    let end = now(&server) + 30 * DAY_SECONDS;
    take(&server, &checkout("evt_1", now(&server), 2)).await;
    take(&server, &subscription("evt_2", "created", now(&server), 2, "active", end)).await;
    assert!(reads_on(&reader).await);
    server.advance(Duration::from_secs(10));
    assert_eq!(editor.delete("/users/2/subscription").await.status, 204);
    take(&server, &subscription("evt_3", "updated", now(&server) - 5, 2, "active", end)).await;
    assert!(!reads_on(&reader).await);
    take(&server, &subscription("evt_4", "updated", now(&server) + 1, 2, "active", end)).await;
    assert!(reads_on(&reader).await);
}

#[both_databases::test]
async fn subscriptions_are_exported_and_deleted_with_the_account(database: TestDatabase) {
    let server = start(database).await;
    let client = server.signed_in("ada").await;
    assert!(!reads_on(&client).await);
    take(&server, &checkout("evt_1", now(&server), 1)).await;
    let export = client.get("/account/export").await.body;
    let (subscriptions, customers, refusals) = (&export["subscriptions"], &export["customers"], &export["refusals"]);
    assert_eq!((&subscriptions[0]["id"], customers), (&json!("sub_1"), &json!(["cus_1"])));
    assert_eq!(refusals, &json!([{ "day": "2026-11-21T00:00:00.000Z", "count": 1 }]));
    let mut second = subscription("evt_second", "created", now(&server), 1, "active", now(&server) + 1000);
    second["data"]["object"]["id"] = json!("sub_second");
    take(&server, &second).await;
    assert_eq!(client.get("/account/export").await.body["subscriptions"].as_array().unwrap().len(), 2);
    assert_eq!(client.delete_with("/account", &json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(server.execute("DELETE FROM subscriptions").await, 0, "nothing is left of it");
    take(&server, &subscription("evt_2", "updated", now(&server) + 1, 1, "active", now(&server) + 1000)).await;
    take(&server, &checkout("evt_3", now(&server) + 1, 1)).await;
    let again = server.signed_in("ada").await;
    assert!(!reads_on(&again).await, "it is another user");
}

#[both_databases::test]
async fn subscribers_are_subscribed_on_every_node(database: TestDatabase) {
    let server = start(database).await;
    let client = server.signed_in("ada").await;
    let other = client.at(&server.second_node(&[("STRIPE_WEBHOOK_SECRET", SECRET), ("READS_LIMIT", "1")]).await);
    assert!(!reads_on(&other).await);
    take(&server, &checkout("evt_1", START.millis() / 1000, 1)).await;
    other.get_until("/blog/1", |answer| answer.status == 200).await;
    assert!(reads_on(&other).await);
}
