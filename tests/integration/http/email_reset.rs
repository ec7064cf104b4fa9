//! Forgotten passwords.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    email::{ADA, invalid_token, register, start, verified},
    email_outbox::until,
};
use crate::support::{
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{MINUTE, TIMEOUT},
    server::TestServer,
    smtp::{Behaviour, SmtpServer},
};

const NEW: &str = "seven wiser toads";

async fn forgot(client: &Client, email: &str) -> Answer {
    client.post("/password/forgot", &json!({ "email": email })).await
}

async fn reset(client: &Client, token: &str, password: &str) -> Answer {
    client.post("/password/reset", &json!({ "token": token, "new_password": password })).await
}

/// How many rows a query finds is how many an update touches.
async fn count(server: &TestServer, table: &str, condition: &str) -> usize {
    server.execute(&format!("UPDATE {table} SET id = id WHERE {condition}")).await
}

#[both_databases::test]
async fn a_reset_ends_all_sessions_and_links(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[("THROTTLE", "on")]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    let url = smtp.url();
    let settings = [&super::email::mail_settings(&url)[..], &[("THROTTLE", "on")]].concat();
    let other_node = server.second_node(&settings).await;
    assert_eq!(client.at(&other_node).get("/check_session").await.status, 200);
    for _ in 0..5 {
        assert_eq!(server.client().try_login("ada", "a wrong guess").await, 400);
    }
    assert_eq!(server.client().try_login("ada", PASSWORD).await, 429);
    client.patch("/account", &json!({ "email": "new@example.org" })).await;
    let verification = smtp.nth(2).await;

    assert_eq!(forgot(&server.client(), "Ada@Example.org").await.parts(), (202, json!({})));
    let mail = smtp.nth(3).await;
    assert_eq!((mail.recipients.as_slice(), mail.subject().as_str()), (&[ADA.to_owned()][..], "Reset your password"));
    assert!(mail.link().starts_with("https://blog.example/reset-password?token="), "{}", mail.link());
    let weak = reset(&server.client(), &mail.token(), "ada").await;
    assert_eq!(
        (weak.status, &weak.body["fields"]),
        (422, &json!({ "new_password": "must have at least 8 characters" }))
    );
    let done = reset(&server.client(), &mail.token(), NEW).await;
    assert_eq!((done.header("set-cookie"), done.status), (None, 204));
    assert_eq!(client.get("/check_session").await.status, 401);
    client.at(&other_node).until_signed_out().await;
    assert_eq!(reset(&server.client(), &mail.token(), NEW).await.parts(), invalid_token());
    let token = json!({ "token": verification.token() });
    assert_eq!(server.client().post("/email/verify", &token).await.parts(), invalid_token());
    assert_eq!(server.client().try_login("ada", PASSWORD).await, 400);
    assert_eq!(server.client().try_login("ada", NEW).await, 200, "the wrong guesses do not count any more");
}

#[both_databases::test]
async fn of_many_resets_with_one_token_one_succeeds(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    forgot(&server.client(), ADA).await;
    let token = smtp.nth(2).await.token();
    let client = server.client();
    // The queue of hashes takes 16 of a network.
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let answers = join_all((0..10).map(|_| reset(&client, &token, NEW))).await;
        statuses.extend(answers.iter().map(|answer| answer.status));
    }
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(204), count(400)), (1, 49), "{statuses:?}");
}

#[both_databases::test]
async fn only_a_verified_address_receives_a_link_and_responses_do_not_reveal_it(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[("THROTTLE", "on")]).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    register(&server.client(), "eve", "eve@example.org").await;
    smtp.nth(2).await;
    for email in [ADA, "eve@example.org", "nobody@example.org"] {
        let client = server.client().in_network(9);
        for _ in 0..3 {
            assert_eq!(forgot(&client, email).await.parts(), (202, json!({})), "{email}");
        }
        let limited = forgot(&client, email).await;
        assert_eq!(
            (limited.status, limited.header("retry-after"), limited.code()),
            (429, Some("3600"), "too_many_requests")
        );
    }
    let client = server.client().in_network(10);
    for number in 0..20 {
        assert_eq!(forgot(&client, &format!("nobody{number}@example.org")).await.status, 202);
    }
    assert_eq!(forgot(&client, "another@example.org").await.status, 429, "twenty from a network");
    smtp.nth(3).await;
    let wrong = forgot(&server.client(), "no address").await;
    let fields = json!({ "email": "must be an email address such as ada@example.org" });
    assert_eq!((wrong.status, &wrong.body["fields"]), (422, &fields));
    // Requests that lead nowhere leave the outbox; those for Ada replace each other, whether sent or not.
    let recipients: Vec<_> = smtp.requested().into_iter().flat_map(|mail| mail.recipients).collect();
    assert!(recipients.iter().skip(2).all(|recipient| recipient == ADA), "{recipients:?}");
}

#[both_databases::test]
async fn a_newer_link_replaces_the_older_one_and_expires_after_half_an_hour(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    forgot(&server.client(), ADA).await;
    let first = smtp.nth(2).await.token();
    forgot(&server.client(), ADA).await;
    let second = smtp.nth(3).await.token();
    assert_eq!(reset(&server.client(), &first, NEW).await.parts(), invalid_token());
    server.advance(30 * MINUTE);
    assert_eq!(reset(&server.client(), &second, NEW).await.parts(), invalid_token());
    assert_eq!(reset(&server.client(), "forged", NEW).await.parts(), invalid_token());
    assert_eq!(reset(&server.client(), "", NEW).await.parts(), invalid_token());
    let missing = server.client().post("/password/reset", &json!({})).await;
    let fields = json!({ "token": "is missing", "new_password": "is missing" });
    assert_eq!((missing.status, &missing.body["fields"]), (422, &fields));
}

#[both_databases::test]
async fn requests_do_not_wait_for_a_hanging_smtp_server(database: TestDatabase) {
    let smtp = SmtpServer::start();
    smtp.set(Behaviour::Hang);
    let server = start(database, &smtp, &[]).await;
    let client = server.client();
    register(&client, "ada", ADA).await;
    smtp.attempts(1).await;
    let all = (0..50).map(|number| {
        let client = client.clone();
        async move { forgot(&client, &format!("nobody{number}@example.org")).await.parts() }
    });
    let answers = actix_web::rt::time::timeout(TIMEOUT, join_all(all)).await.unwrap();
    assert!(answers.iter().all(|answer| *answer == (202, json!({}))), "{answers:?}");
    assert_eq!(smtp.requested().len(), 0);
}

#[both_databases::test]
async fn the_database_alone_opens_no_account(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    smtp.set(Behaviour::Refuse("451 later"));
    forgot(&server.client(), ADA).await;
    until(&server, "kind = 'reset' AND claimed_until IS NULL AND last_error IS NOT NULL").await;
    smtp.set(Behaviour::Accept);
    server.advance(MINUTE);
    let token = smtp.nth(2).await.token();
    for (table, column) in [("outbox", "payload"), ("one_time_tokens", "payload")] {
        assert_eq!(count(&server, table, &format!("{column} LIKE '%{token}%'")).await, 0);
    }
    assert_eq!(reset(&server.client(), &token, NEW).await.status, 204);
}

#[both_databases::test]
async fn pages_reset_a_password_and_verify_an_address_without_scripts(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = server.client();
    let html = [("accept", "text/html")];
    let post = async |path: &str, fields: &[(&str, &str)]| {
        let request = client.request(reqwest::Method::POST, path).header("accept", "text/html").form(fields);
        client.send(request).await
    };
    let login = client.get_with("/login", &html).await;
    assert!(login.body.as_str().unwrap().contains("<a href=\"/forgot-password\">"), "{login:?}");
    register(&client, "ada", ADA).await;
    let mail = smtp.nth(1).await;
    let path = mail.link().replace("https://blog.example", "");
    let page = client.get_with(&path, &html).await;
    assert!(page.body.as_str().unwrap().contains(&format!("name=\"token\" value=\"{}\"", mail.token())), "{page:?}");
    let done = post("/verify-email", &[("token", &mail.token())]).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/login?verified=on")));
    let again = post("/verify-email", &[("token", &mail.token())]).await;
    assert_eq!(again.status, 400);
    assert!(again.body.as_str().unwrap().contains("The link is invalid or has expired; request a new one."));

    assert_eq!(client.get_with("/forgot-password", &html).await.status, 200);
    for email in [ADA, "nobody@example.org"] {
        let sent = post("/forgot-password", &[("email", email)]).await;
        assert!(sent.status == 200 && sent.body.as_str().unwrap().contains("a message with a link is on its way"));
    }
    assert_eq!(post("/forgot-password", &[("email", "x")]).await.status, 422);
    let token = smtp.nth(2).await.token();
    assert_eq!(client.get_with(&format!("/reset-password?token={token}"), &html).await.status, 200);
    let short = post("/reset-password", &[("token", &token), ("new_password", "short")]).await;
    assert!(short.status == 422 && short.body.as_str().unwrap().contains(&token), "{short:?}");
    let done = post("/reset-password", &[("token", &token), ("new_password", NEW)]).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/login?reset=on")));
    assert_eq!(server.client().try_login("ada", NEW).await, 200);
    for path in ["/verify-email", "/reset-password?token=", "/secure-account"] {
        let page = client.get_with(path, &html).await;
        let text = page.body.as_str().unwrap();
        assert!(text.contains("The link is invalid or has expired") && !text.contains("<button>"), "{path}: {text}");
    }
    for path in ["/verify-email", "/forgot-password", "/reset-password"] {
        assert_eq!(client.get(path).await.code(), "method_not_allowed", "{path}");
    }
    assert_eq!(client.get("/verify-email/").await.parts().1["code"], Value::from("login_required"));
}
