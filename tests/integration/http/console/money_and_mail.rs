//! The overview, payments, messages, settings and health in the console.

use reqwest::Method;
use serde_json::json;

use super::{html, led};
use crate::{
    http::email::start,
    support::{database::TestDatabase, server::TestServer, smtp::SmtpServer},
};

#[both_databases::test]
async fn a_payment_is_assigned_to_the_user_whom_the_form_names(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("admin").await;
    server.client().register("reader").await;
    server.client().register("2").await;
    let columns = "id, subscription, email, amount, currency, received_at";
    let values = "'cs_1', 'sub_1', 'payer@example.org', 990, 'eur', 1";
    server.execute(&format!("INSERT INTO payments ({columns}) VALUES ({values})")).await;
    let yen = "'cs_0', 'sub_0', 'yen@example.org', 990, 'jpy', 2";
    server.execute(&format!("INSERT INTO payments ({columns}) VALUES ({yen})")).await;
    assert!(html(&admin.open("/admin/payments/cs_0").await).contains("<dd>990 JPY</dd>"));
    server.execute("DELETE FROM payments WHERE id = 'cs_0'").await;
    let overview = admin.open("/admin").await;
    assert!(html(&overview).contains("Payments that belong to no account</a> <b>1</b>"), "{}", html(&overview));
    let list = admin.open("/admin/payments?unmatched=1").await;
    assert!(html(&list).contains("9.90 EUR") && html(&list).contains("payer@example.org"), "{}", html(&list));
    for (who, error) in [
        ("nobody", "This must be the name, the address or the id of a user."),
        ("2", "This matches several users: write id: or name: in front of it."),
        ("", "This is missing."),
    ] {
        let refused = admin.submit("/admin/payments/cs_1", &[("user", who)]).await;
        assert_eq!(refused.status, 422, "{who}");
        assert!(html(&refused).contains(&format!("id=\"user-error\">{error}</p>")), "{}", html(&refused));
    }
    assert_eq!(
        led(&admin.submit("/admin/payments/cs_1", &[("user", "reader")]).await),
        (303, "/admin/payments?done=assigned")
    );
    assert_eq!(admin.get("/payments").await.body[0]["user_id"], 2);
    let taken = admin.submit("/admin/payments/cs_1", &[("user", "admin")]).await;
    assert_eq!(taken.status, 409);
    assert!(html(&taken).contains("This payment is already assigned to another user."), "{}", html(&taken));
    assert!(!html(&admin.open("/admin").await).contains("Waiting for you"));
    assert_eq!(admin.open("/admin/payments/cs_2").await.status, 404);
    assert_eq!(admin.submit("/admin/payments/cs_2", &[("user", "reader")]).await.status, 404);
}

#[both_databases::test]
async fn every_subscription_is_listed_once_the_latest_first(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("admin").await;
    assert!(html(&admin.open("/admin/subscriptions").await).contains("Nobody has subscribed yet."));
    server.client().register("granted").await;
    server.client().register("payer").await;
    assert_eq!(admin.send(admin.request(Method::PUT, "/users/2/subscription").json(&json!({}))).await.status, 200);
    server.execute("INSERT INTO customers (id, user_id, user_event) VALUES ('cus_1', 3, '')").await;
    let now = server.clock.now().millis();
    for number in 0..60 {
        let owner = if number % 2 == 0 { "3, NULL" } else { "NULL, 'cus_1'" };
        let columns = "id, user_id, customer, status, status_at, started_at, current_period_end";
        let started = now - 1000 - i64::from(number / 4);
        let values = format!("'sub_{number:02}', {owner}, 'active', {started}, {started}, {}", now + 1_000_000);
        server.execute(&format!("INSERT INTO subscriptions ({columns}) VALUES ({values})")).await;
    }
    let elsewhere = "'sub_other', 'cus_elsewhere', 'active', 1, 1";
    server
        .execute(&format!(
            "INSERT INTO subscriptions (id, customer, status, status_at, started_at) VALUES ({elsewhere})"
        ))
        .await;
    server
        .execute("INSERT INTO subscriptions (id, user_id, status, status_at) VALUES ('sub_unpaid', 3, 'incomplete', 1)")
        .await;
    server.execute("UPDATE subscriptions SET status = 'canceled' WHERE id = 'sub_00'").await;
    let first = admin.open("/admin/subscriptions").await;
    let body = html(&first);
    assert!(body.contains(">granted</a>") && body.contains("given by an admin"), "{body}");
    assert_eq!((body.matches(">Active<").count(), body.matches(">Ended<").count()), (49, 1), "{body}");
    let (_, next) = body.split_once("<a class=\"button quiet\" href=\"").unwrap();
    let second = admin.open(next.split('"').next().unwrap()).await;
    let ids = |page: &str| {
        let ids = page.split("<span class=\"long\">").skip(1).map(|cell| cell.split('<').next().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    let mut expected: Vec<u32> = (0..60).collect();
    expected.sort_by_key(|number| (number / 4, std::cmp::Reverse(*number)));
    let expected: Vec<_> = expected.iter().map(|number| format!("sub_{number:02}")).collect();
    assert_eq!([ids(body), ids(html(&second))].concat(), expected);
    assert!(!html(&second).contains("rel=\"next\""), "{}", html(&second));
    assert_eq!(admin.open("/admin/subscriptions?before=sub_gone").await.status, 200);
    assert_eq!(admin.open("/admin/subscriptions?statsu=active").await.status, 422);
}

#[both_databases::test]
async fn a_message_is_sent_again_or_discarded(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let admin = server.admin("admin").await;
    let columns = "id, kind, recipient, payload, message_id, created_at, next_attempt_at, failed_at, last_error";
    let at = server.clock.now().millis();
    for id in [1000, 1001] {
        let values = format!("{id}, 'test', 'x{id}@y.example', '{{}}', '<{id}>', {at}, {at}, {at}, '550 no such user'");
        server.execute(&format!("INSERT INTO outbox ({columns}) VALUES ({values})")).await;
    }
    let list = admin.open("/admin/outbox").await;
    assert!(html(&list).contains("x1001@y.example") && html(&list).contains("550 no such user"), "{}", html(&list));
    assert!(html(&admin.open("/admin").await).contains("Messages that could not be delivered</a> <b>2</b>"));
    let retried = admin.submit("/admin/outbox/1000", &[("action", "retry")]).await;
    assert_eq!(led(&retried), (303, "/admin/outbox?done=retried"));
    let failed = "UPDATE outbox SET attempts = attempts WHERE id = 1000 AND failed_at IS NOT NULL";
    assert_eq!(server.execute(failed).await, 0);
    assert!(html(&admin.open("/admin/outbox/1001").await).contains("The recipient never gets it."));
    let discarded = admin.submit("/admin/outbox/1001", &[("action", "discard")]).await;
    assert_eq!(led(&discarded), (303, "/admin/outbox?done=discarded"));
    assert_eq!(admin.open("/admin/outbox/1001").await.status, 404);
    assert_eq!(admin.submit("/admin/outbox/1001", &[("action", "retry")]).await.status, 404);
    assert_eq!(admin.submit("/admin/outbox/1000", &[("action", "burn")]).await.status, 404);
}

#[both_databases::test]
async fn the_overview_draws_what_has_happened_with_a_table_beside_it(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "2")]).await;
    let admin = server.admin("admin").await;
    let reader = server.signed_in("reader").await;
    for status in [200, 200, 400] {
        assert_eq!(reader.get("/blog/1").await.status, status);
    }
    let page = admin.open("/admin?days=7").await;
    let reads = html(&page).split("<h2 id=\"reads\">").nth(1).unwrap();
    assert!(
        reads.contains("<rect x=\"60\" y=\"0\" width=\"8\" height=\"100\"><title>2026-11-21: 2</title></rect>"),
        "{reads}"
    );
    assert!(reads.contains("<tr><td>2026-11-21</td><td class=\"number\">2</td></tr>"), "{reads}");
    let refusals = html(&page).split("<h2 id=\"refusals\">").nth(1).unwrap();
    assert!(refusals.contains("<b>1</b>"), "{refusals}");
    assert_eq!(html(&page).matches("<svg ").count(), 5);
    assert_eq!(admin.open("/admin?days=soon").await.status, 200);
}

#[both_databases::test]
async fn settings_are_shown_without_secrets_and_with_what_the_doctor_says(database: TestDatabase) {
    let settings =
        [("STRIPE_WEBHOOK_SECRET", "whsec_hunter22hunter22"), ("READS_LIMIT", "7"), ("SITE_NAME", "The <Toll>")];
    let server = TestServer::with(database, &settings).await;
    let admin = server.admin("admin").await;
    let page = admin.open("/admin/settings").await;
    assert!(!html(&page).contains("hunter22"));
    assert!(
        html(&page).contains("<td><code>READS_LIMIT</code></td><td data-label=\"Value\" class=\"long\">7</td>"),
        "{}",
        html(&page)
    );
    assert!(html(&page).contains("<b>ALLOW_INSECURE_TESTING</b>"), "{}", html(&page));
    assert!(html(&page).contains("<b>The &#60;Toll&#62;</b>"));
    let health = admin.open("/admin/health").await;
    let kind = if server.is_postgres() { "postgresql" } else { "sqlite" };
    assert!(html(&health).to_lowercase().contains(&format!("<dd>{kind}")), "{}", html(&health));
    assert!(html(&health).contains("up to date"));
    assert_eq!(admin.get("/healthz").await.body, json!({ "status": "ok" }));
}
