//! `/demo-checkout`, which stands in for Stripe's page on a developer's own machine.

use std::fs;

use futures_util::future::join;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, CHROMIUM, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{DAY, not_found},
    server::TestServer,
};

/// As if it was not set.
const BY_DEFAULT: (&str, &str) = ("DEMO_CHECKOUT", "");

const PAGE: &str = "/demo-checkout";

async fn start(database: TestDatabase) -> TestServer {
    TestServer::with(database, &[BY_DEFAULT, ("READS_LIMIT", "1")]).await
}

async fn show(client: &Client, path: &str) -> Answer {
    client.get_with(path, &[("accept", CHROMIUM)]).await
}

async fn submit(client: &Client, next: &str) -> Answer {
    let form = client.request(Method::POST, PAGE).header("accept", CHROMIUM).form(&[("next", next)]);
    client.send(form).await
}

fn sent_on(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status, answer.header("location"))
}

fn link(server: &TestServer, next: &str) -> Value {
    json!(format!("http://{}{PAGE}?next={next}", server.address))
}

#[both_databases::test]
async fn a_refused_reader_subscribes_without_paying_and_reads_on(database: TestDatabase) {
    let server = start(database).await;
    let (client, other) = (server.signed_in("ada").await, server.signed_in("eve").await);
    assert_eq!(client.get("/blog/1").await.status, 200);
    let refused = client.get("/blog/2").await;
    assert_eq!((refused.code(), &refused.body["checkout_url"]), ("payment_required", &link(&server, "%2F")));
    assert_eq!(client.get("/meter").await.body["checkout_url"], link(&server, "%2F"));

    let page = show(&client, "/demo-checkout?next=/blog/2").await;
    let html = page.body.as_str().unwrap();
    assert_eq!(page.status, 200);
    for text in ["Nothing is paid here", "<b>ada</b>", "name=\"next\" value=\"/blog/2\"", "href=\"/blog/2\""] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert_eq!(sent_on(&submit(&client, "/blog/2").await), (303, Some("/blog/2")));
    assert_eq!(client.get("/blog/2").await.body["id"], json!(2));
    let active = json!({ "status": "active", "current_period_end": "2026-12-21T10:00:00.000Z", "grace_until": null });
    assert_eq!(client.get("/subscription").await.parts(), (200, active));
    assert!(show(&client, PAGE).await.body.as_str().unwrap().contains("You already have a subscription."));
    assert_eq!(other.get("/meter").await.body["subscribed"], json!(false));

    server.advance(34 * DAY);
    assert_eq!(client.get("/check_session").await.status, 401, "the session has ended, as has the subscription");
    client.login("ada").await;
    assert_eq!(client.get("/subscription").await.body["status"], json!("ended"));
    assert_eq!(submit(&client, "/").await.status, 303);
    assert_eq!(client.get("/subscription").await.body["status"], json!("active"));
}

#[both_databases::test]
async fn its_events_pass_the_webhooks_signature_and_duplicate_checks(database: TestDatabase) {
    let server = start(database).await;
    let client = server.signed_in("ada").await;
    let (one, two) = join(submit(&client, "/"), submit(&client, "/")).await;
    assert_eq!((one.status, two.status), (303, 303));
    assert_eq!(server.execute("DELETE FROM stripe_events WHERE id LIKE 'evt_demo_1_%'").await, 2);
    assert_eq!(server.execute("DELETE FROM subscriptions WHERE id = 'sub_demo_1'").await, 1);
    // Nobody knows the secret of the process.
    let forged = client.request(Method::POST, "/webhooks/stripe").header("stripe-signature", "t=1,v1=00").body("{}");
    assert_eq!(client.send(forged).await.parts(), not_found());
}

#[both_databases::test]
async fn it_works_on_any_node_and_with_a_secret_of_stripes(database: TestDatabase) {
    let server = start(database).await;
    let client = server.signed_in("ada").await;
    let secret = ("STRIPE_WEBHOOK_SECRET", "whsec_a,whsec_b");
    let node = client.at(&server.second_node(&[("DEMO_CHECKOUT", "true"), secret]).await);
    assert_eq!(show(&client, PAGE).await.status, 200);
    assert_eq!(submit(&node, "/").await.status, 303);
    let subscribed = |answer: &Answer| answer.body["subscribed"] == json!(true);
    client.get_until("/meter", subscribed).await;
}

#[both_databases::test]
async fn it_is_not_found_if_there_is_a_payment_link_or_others_may_reach_the_server(database: TestDatabase) {
    let server = start(database).await;
    let client = server.signed_in("ada").await;
    let (checkout, proxy) = (("CHECKOUT_URL", "https://buy.example/x"), ("TRUSTED_PROXIES", "192.0.2.7"));
    let events = ("STRIPE_WEBHOOK_SECRET", "whsec_of_the_tests");
    for setting in [checkout, proxy, events, ("PUBLIC_URL", "https://blog.example"), ("DEMO_CHECKOUT", "false")] {
        let node = client.at(&server.second_node(&[BY_DEFAULT, setting]).await);
        assert_eq!(show(&node, PAGE).await.status, 404, "{setting:?}");
        assert_eq!(submit(&node, "/").await.parts(), not_found(), "{setting:?}");
        let own = node.get("/meter").await.body["checkout_url"].as_str().map(str::to_owned);
        assert!(own.is_none_or(|url| url.starts_with("https://buy.example/")), "{setting:?}");
    }
    // No setting mentions this proxy.
    for header in [("host", "blog.example"), ("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=203.0.113.7")] {
        let page = client.get_with(PAGE, &[("accept", CHROMIUM), header]).await;
        assert_eq!(page.status, 404, "{header:?}");
        let form = client.request(Method::POST, PAGE).header("accept", CHROMIUM).header(header.0, header.1);
        assert_eq!(client.send(form.form(&[("next", "/")])).await.parts(), not_found(), "{header:?}");
        let meter = client.get_with("/meter", &[header]).await;
        assert_eq!((meter.status, meter.body.get("checkout_url")), (200, None), "{header:?}");
    }
    assert_eq!(client.get("/subscription").await.body["status"], json!("none"));
}

#[both_databases::test]
async fn it_needs_a_session_and_a_form_of_the_page(database: TestDatabase) {
    let server = start(database).await;
    let stranger = server.client();
    let login = (302, Some("/login?next=%2Fdemo-checkout%3Fnext%3D%2Fblog%2F1"));
    assert_eq!(sent_on(&show(&stranger, "/demo-checkout?next=/blog/1").await), login);
    assert_eq!(sent_on(&submit(&stranger, "/blog/1").await), (303, Some("/login?next=%2Fdemo-checkout")));
    assert_eq!(stranger.get(PAGE).await.code(), "login_required");

    let client = server.signed_in("ada").await;
    assert_eq!(client.get(PAGE).await.code(), "method_not_allowed");
    let forged = client.request(Method::POST, PAGE).header("accept", CHROMIUM).header("origin", "https://evil.example");
    assert_eq!(client.send(forged.form(&[("next", "/")])).await.code(), "cross_origin");
    assert_eq!(client.get("/subscription").await.body["status"], json!("none"));
}

#[both_databases::test]
async fn it_leads_back_to_the_page_that_was_refused(database: TestDatabase) {
    let server = start(database).await;
    let client = server.signed_in("ada").await;
    let own = format!("http://{}/articles/2?a=b", server.address);
    let meter = client.get_with("/meter", &[("referer", &own)]).await;
    assert_eq!(meter.body["checkout_url"], link(&server, "%2Farticles%2F2%3Fa%3Db"));

    // An app on another port, whose pages browsers name by their origin only.
    let app = "http://localhost:5173/";
    let meter = client.get_with("/meter", &[("referer", app), ("origin", "http://localhost:5173")]).await;
    assert_eq!(meter.body["checkout_url"], link(&server, "http%3A%2F%2Flocalhost%3A5173%2F"));
    let page = show(&client, &format!("{PAGE}?next={app}")).await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("form-action 'self' http://localhost:5173;"), "{policy}");
    assert_eq!(sent_on(&submit(&client, app).await), (303, Some(app)));

    for elsewhere in ["https://evil.example/", "//evil.example"] {
        let meter = client.get_with("/meter", &[("referer", elsewhere)]).await;
        assert_eq!(meter.body["checkout_url"], link(&server, "%2F"), "{elsewhere}");
        assert_eq!(sent_on(&submit(&client, elsewhere).await), (303, Some("/")), "{elsewhere}");
    }
}

#[both_databases::test]
async fn a_form_that_cannot_be_read_is_shown_again(database: TestDatabase) {
    let server = start(database).await;
    let client = server.signed_in("ada").await;
    let long = submit(&client, &"x".repeat(20_000)).await;
    assert_eq!(long.status, 413);
    assert!(long.body.as_str().unwrap().contains("role=\"alert\">The body is larger than 16 KiB."));
    assert_eq!(client.get("/subscription").await.body["status"], json!("none"));
}

#[both_databases::test]
async fn it_is_served_beside_a_single_page_app(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "<!doctype html><title>app</title>").unwrap();
    let app = ("STATIC_DIR", folder.path().to_str().unwrap());
    let server = TestServer::with(database, &[BY_DEFAULT, app]).await;
    let client = server.signed_in("ada").await;
    assert!(show(&client, PAGE).await.body.as_str().unwrap().contains("Nothing is paid here"));
    assert_eq!(sent_on(&submit(&client, "/posts/1").await), (303, Some("/posts/1")));
    let without = client.at(&server.second_node(&[app]).await);
    assert!(without.open(PAGE).await.body.as_str().unwrap().contains("<title>app</title>"));
}

#[both_databases::test]
async fn the_portal_is_offered_to_those_who_have_subscribed(database: TestDatabase) {
    let portal = ("BILLING_PORTAL_URL", "https://billing.example/p/login/x?locale=en");
    let server = TestServer::with(database, &[BY_DEFAULT, portal]).await;
    let client = server.signed_in("ada").await;
    let none = json!({ "status": "none", "current_period_end": null, "grace_until": null });
    assert_eq!(client.get("/subscription").await.parts(), (200, none));
    assert!(!show(&client, "/account").await.body.as_str().unwrap().contains("billing.example"));

    submit(&client, "/").await;
    let active = json!({
        "status": "active", "current_period_end": "2026-12-21T10:00:00.000Z", "grace_until": null,
        "billing_portal_url": "https://billing.example/p/login/x?locale=en",
    });
    assert_eq!(client.get("/subscription").await.parts(), (200, active));
    assert!(
        show(&client, "/account")
            .await
            .body
            .as_str()
            .unwrap()
            .contains("href=\"https://billing.example/p/login/x?locale=en\"")
    );
    let admin = server.admin("eve").await;
    let granted = admin.send(admin.request(Method::PUT, "/users/2/subscription").json(&json!({}))).await;
    assert_eq!(granted.body.get("billing_portal_url"), None);

    let email = json!({ "email": "ada+x@example.org", "current_password": PASSWORD });
    assert_eq!(client.patch("/account", &email).await.status, 200);
    assert_eq!(
        client.get("/subscription").await.body["billing_portal_url"],
        json!("https://billing.example/p/login/x?locale=en&prefilled_email=ada%2Bx%40example.org")
    );
}
