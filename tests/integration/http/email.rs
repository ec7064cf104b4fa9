//! Verification and change of addresses, with an SMTP server.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::email_outbox::until_recorded;
use crate::support::{
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{DAY, HOUR, not_found},
    mail::Mail,
    server::TestServer,
    smtp::SmtpServer,
};

pub(super) const ADA: &str = "ada@example.org";

/// A server that sends email.
pub(super) async fn start(database: TestDatabase, smtp: &SmtpServer, settings: &[(&str, &str)]) -> TestServer {
    let url = smtp.url();
    TestServer::with(database, &[&mail_settings(&url), settings].concat()).await
}

pub(super) fn mail_settings(url: &str) -> [(&str, &str); 3] {
    [("MAIL_URL", url), ("MAIL_FROM", "Blog <blog@blog.example>"), ("PUBLIC_URL", "https://blog.example")]
}

pub(super) async fn register(client: &Client, username: &str, email: &str) -> Answer {
    client.post("/register", &json!({ "username": username, "password": PASSWORD, "email": email })).await
}

pub(super) async fn verify(client: &Client, mail: &Mail) -> Answer {
    client.post("/email/verify", &json!({ "token": mail.token() })).await
}

/// A browser whose user has signed in and verified an address, after `mails` earlier messages.
pub(super) async fn verified(
    server: &TestServer,
    smtp: &SmtpServer,
    username: &str,
    email: &str,
    mails: usize,
) -> Client {
    let client = server.client();
    assert_eq!(register(&client, username, email).await.status, 201);
    assert_eq!(verify(&client, &smtp.nth(mails + 1).await).await.parts(), (204, Value::Null));
    client.login(username).await;
    client
}

pub(super) fn invalid_token() -> (u16, Value) {
    (400, json!({ "error": "the link is invalid or has expired; request a new one", "code": "invalid_token" }))
}

#[both_databases::test]
async fn an_address_is_verified_once_by_the_link_that_is_sent_to_it(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = server.client();
    let mut user = json!({
        "id": 1, "username": "ada", "email": ADA, "email_verified": false, "pending_email": null, "second_factors": [], "role": "user",
        "created_at": "2026-11-21T10:00:00.000Z", "updated_at": null,
    });
    assert_eq!(register(&client, "ada", ADA).await.parts(), (201, user.clone()));
    let mail = smtp.nth(1).await;
    assert_eq!(
        (mail.recipients.as_slice(), mail.subject().as_str()),
        (&[ADA.to_owned()][..], "Confirm your email address")
    );
    assert!(mail.link().starts_with("https://blog.example/verify-email?token="), "{}", mail.link());
    let raw = String::from_utf8(mail.raw.clone()).unwrap();
    assert!(raw.contains(&format!("\r\n{}\r\n", mail.link())), "developers copy the link from the file: {raw}");
    assert!(mail.html().contains(&format!("href=\"{}\"", mail.link().replace('/', "&#x2f;"))), "{}", mail.html());
    let parsed = mail.parsed();
    assert_eq!(parsed.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    assert_eq!(parsed.header_raw("List-Unsubscribe"), None);
    assert_eq!(parsed.date().unwrap().to_timestamp(), 1_795_255_200);

    assert_eq!(client.try_login(ADA, PASSWORD).await, 404, "an unverified address is no name");
    for method in [Method::GET, Method::HEAD] {
        let opened = client.request(method, &format!("/verify-email?token={}", mail.token()));
        let opened = client.send(opened.header("accept", "text/html")).await;
        assert_eq!(opened.status, if opened.body.is_null() { 405 } else { 200 });
    }
    server.advance(Duration::from_secs(1));
    assert_eq!(verify(&client, &mail).await.parts(), (204, Value::Null));
    assert_eq!(verify(&client, &mail).await.parts(), invalid_token());
    let login = client.post("/login", &json!({ "username": "Ada@Example.org", "password": PASSWORD })).await;
    user["email_verified"] = json!(true);
    user["updated_at"] = json!("2026-11-21T10:00:01.000Z");
    user["session"] = login.body["session"].clone();
    assert_eq!(login.parts(), (200, user));
    let again = client.post("/account/email/verification", &json!({})).await;
    assert_eq!(
        again.parts(),
        (409, json!({ "error": "this email address is already verified", "code": "already_verified" }))
    );
}

#[both_databases::test]
async fn a_new_address_waits_until_it_is_verified(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    server.client().post("/password/forgot", &json!({ "email": ADA })).await;
    let reset = smtp.nth(2).await;
    let changed = client.patch("/account", &json!({ "email": "new@example.org" })).await;
    let address = |user: &Value| [user["email"].clone(), user["email_verified"].clone(), user["pending_email"].clone()];
    assert_eq!((changed.status, address(&changed.body)), (200, [json!(ADA), json!(true), json!("new@example.org")]));
    assert_eq!(server.client().try_login(ADA, PASSWORD).await, 200, "the old one is in force");
    assert_eq!(server.client().try_login("new@example.org", PASSWORD).await, 404);

    let first = smtp.nth(3).await;
    assert_eq!(client.post("/account/email/verification", &json!({})).await.parts(), (202, json!({})));
    let second = smtp.nth(4).await;
    assert_eq!(second.recipients, ["new@example.org"]);
    assert_eq!(verify(&server.client(), &first).await.parts(), invalid_token(), "a newer one replaces it");
    assert_eq!(verify(&server.client(), &second).await.status, 204);
    let now = client.get("/check_session").await;
    assert_eq!(address(&now.body), [json!("new@example.org"), json!(true), Value::Null]);
    assert_eq!(server.client().try_login(ADA, PASSWORD).await, 404);
    let body = json!({ "token": reset.token(), "new_password": "seven wiser toads" });
    assert_eq!(
        server.client().post("/password/reset", &body).await.parts(),
        invalid_token(),
        "sent to the old address"
    );

    client.patch("/account", &json!({ "email": "third@example.org" })).await;
    let third = smtp.nth(5).await;
    let back = client.patch("/account", &json!({ "email": "new@example.org" })).await;
    assert_eq!(address(&back.body), [json!("new@example.org"), json!(true), Value::Null], "the change is cancelled");
    assert_eq!(verify(&client, &third).await.parts(), invalid_token());
    let removed = client.patch("/account", &json!({ "email": null })).await;
    assert_eq!(address(&removed.body), [Value::Null, json!(false), Value::Null]);
    let none = client.post("/account/email/verification", &json!({})).await;
    assert_eq!(none.parts(), (409, json!({ "error": "this account has no email address", "code": "no_email" })));
    assert_eq!(smtp.requested().len(), 5);
}

#[both_databases::test]
async fn whoever_verifies_an_address_first_has_it(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let squatter = server.client();
    register(&squatter, "eve", ADA).await;
    let for_eve = smtp.nth(1).await;
    squatter.login("eve").await;
    register(&server.client(), "mallory", "mallory@example.org").await;
    smtp.nth(2).await;
    let waiting = server.client();
    waiting.login("mallory").await;
    waiting.patch("/account", &json!({ "email": "ADA@example.org" })).await;
    let for_mallory = smtp.nth(3).await;

    let owner = verified(&server, &smtp, "ada", ADA, 3).await;
    assert_eq!(owner.get("/check_session").await.body["email_verified"], json!(true));
    for (client, mail, email) in
        [(squatter, for_eve, Value::Null), (waiting, for_mallory, json!("mallory@example.org"))]
    {
        assert_eq!(verify(&client, &mail).await.parts(), invalid_token());
        let user = client.get("/check_session").await.body;
        assert_eq!(
            (&user["email"], &user["email_verified"], &user["pending_email"]),
            (&email, &json!(false), &Value::Null)
        );
    }
    let taken = json!({ "error": "this email address is taken", "code": "email_taken" });
    assert_eq!(register(&server.client(), "late", "Ada@example.org").await.parts(), (409, taken));
    assert_eq!(smtp.requested().len(), 4);
}

#[both_databases::test]
async fn an_address_entered_without_mail_belongs_to_whoever_verifies_it(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    register(&server.client(), "eve", "eve@example.org").await;
    smtp.nth(1).await;
    // As a server without email stores it.
    server
        .execute(&format!("UPDATE users SET email = '{ADA}', email_key = '{ADA}', unverified_email_key = NULL"))
        .await;
    verified(&server, &smtp, "ada", ADA, 1).await;
    server.client().login("eve").await;
    let eve = server.client();
    let eve = eve.post("/login", &json!({ "username": "eve", "password": PASSWORD })).await;
    assert_eq!(eve.body["email"], Value::Null);
}

#[both_databases::test]
async fn of_many_requests_with_one_token_one_succeeds(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    register(&server.client(), "ada", ADA).await;
    let mail = smtp.nth(1).await;
    let client = server.client();
    let answers = futures_util::future::join_all((0..50).map(|_| verify(&client, &mail))).await;
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 49, "{statuses:?}");
}

#[both_databases::test]
async fn a_verification_expires_after_a_day(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    register(&server.client(), "ada", ADA).await;
    let mail = smtp.nth(1).await;
    server.advance(DAY);
    assert_eq!(verify(&server.client(), &mail).await.parts(), invalid_token());
}

#[both_databases::test]
async fn text_from_a_stranger_is_not_in_a_message(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let hostile = server.client().with_headers(&[("x-forwarded-host", "evil.example"), ("host", "evil.example")]);
    let name = "https://evil.example/?<b>x</b>{{7*7}}";
    assert_eq!(register(&hostile, name, ADA).await.status, 201);
    let mail = smtp.nth(1).await;
    for part in [mail.text(), mail.html(), String::from_utf8(mail.raw.clone()).unwrap()] {
        assert!(!part.contains("evil"), "{part}");
    }
    for address in ["ada@example.org\r\nBcc: eve@example.org", "\"ada\r\nBcc: x\"@example.org", "<ada@example.org>"] {
        assert_eq!(register(&server.client(), "eve", address).await.status, 422, "{address:?}");
    }
    let quoted = register(&server.client(), "eve", "\"a b\"@b\u{fc}cher.example").await;
    assert_eq!(quoted.status, 201);
    assert_eq!(smtp.nth(2).await.recipients, ["\"a b\"@xn--bcher-kva.example"]);
}

#[both_databases::test]
async fn no_username_can_be_taken_for_an_address(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    // RFC 8265 maps the wide form of @ to @ itself.
    for name in [ADA, "ada\u{ff20}example.org", "\u{ff20}", "ADA\u{ff20}EXAMPLE.ORG"] {
        let registered = register(&server.client(), name, "eve@example.org").await;
        let rejected = json!({
            "error": "some fields are missing or invalid", "code": "invalid_fields", "fields": { "username": "must not contain @" },
        });
        assert_eq!(registered.parts(), (422, rejected.clone()), "{name}");
        let change = json!({ "username": name, "current_password": PASSWORD });
        assert_eq!(client.patch("/account", &change).await.parts(), (422, rejected), "{name}");
    }
    assert_eq!(server.client().try_login(ADA, PASSWORD).await, 200);
}

#[both_databases::test]
async fn an_address_receives_three_messages_an_hour_whoever_asks(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[("THROTTLE", "on")]).await;
    for number in 0..4_u8 {
        let client = server.client().in_network(number + 1);
        assert_eq!(register(&client, &format!("eve{number}"), ADA).await.status, 201);
    }
    let client = server.client();
    client.login("eve0").await;
    let limited = client.post("/account/email/verification", &json!({})).await;
    assert_eq!((limited.header("retry-after"), limited.status), (Some("3600"), 429));
    smtp.nth(3).await;
    until_recorded(&server).await;
    server.advance(HOUR);
    assert_eq!(client.post("/account/email/verification", &json!({})).await.status, 202);
    smtp.nth(4).await;
    assert_eq!(smtp.requested().len(), 4);
}

#[both_databases::test]
async fn without_mail_the_paths_do_not_exist(database: TestDatabase) {
    let server = TestServer::start(database).await;
    for path in ["/account/secure", "/email/verify", "/password/forgot", "/password/reset"] {
        assert_eq!(server.client().post(path, &json!({})).await.parts(), not_found(), "{path}");
    }
    let client = server.signed_in("ada").await;
    assert_eq!(client.post("/account/email/verification", &json!({})).await.parts(), not_found());
    let login = server.client().get_with("/login", &[("accept", "text/html")]).await;
    assert!(!login.body.as_str().unwrap().contains("/forgot-password"));
    let name = json!({ "username": "eve@example.org", "password": PASSWORD });
    assert_eq!(server.client().post("/register", &name).await.status, 201, "an @ is allowed");
}

#[both_databases::test]
async fn posts_can_be_read_only_after_a_required_verification(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[("REQUIRE_VERIFIED_EMAIL", "true")]).await;
    let client = server.client();
    let missing = client.post("/register", &json!({ "username": "ada", "password": PASSWORD })).await;
    assert_eq!((missing.status, &missing.body["fields"]), (422, &json!({ "email": "is missing" })));
    register(&client, "ada", ADA).await;
    client.login("ada").await;
    let refused = json!({ "error": "verify your email address to read posts", "code": "email_not_verified" });
    assert_eq!(client.get("/blog/1").await.parts(), (403, refused));
    assert_eq!(client.get("/meter").await.body["used"], json!(0));
    assert_eq!(verify(&client, &smtp.nth(1).await).await.status, 204);
    assert_eq!(client.get("/blog/1").await.status, 200);
    assert_eq!(client.get("/meter").await.body["used"], json!(1));
}
