//! Confirming sensitive changes without a password: by a fresh session, or by a code that is mailed.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    email::{ADA, register, start, verified},
    email_login::{ON, code, sign_in, wrong_code},
};
use crate::support::{
    authenticator::incorrect_code,
    client::{Answer, CHROMIUM, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{MINUTE, invalid_fields, not_found},
    mail::Mail,
    server::TestServer,
    smtp::SmtpServer,
};

const NEW: &str = "seven wiser toads";

/// A browser of a user who has signed in by email and has no password.
async fn reader(server: &TestServer, smtp: &SmtpServer) -> Client {
    let client = server.client();
    assert_eq!(sign_in(&client, smtp, ADA, 0).await.status, 200);
    client
}

/// Asks for a code, after `mails` earlier messages.
async fn confirmation(client: &Client, smtp: &SmtpServer, mails: usize) -> Mail {
    let asked = client.post("/account/confirmation", &json!({})).await;
    assert_eq!(asked.parts(), (202, json!({})));
    smtp.nth(mails + 1).await
}

async fn choose(client: &Client, confirmation: Value) -> Answer {
    let mut body = confirmation;
    body["new_password"] = json!(NEW);
    client.post("/account/password", &body).await
}

fn fresh_login_required() -> (u16, Value) {
    let error = "sign in again, or send your password with the request";
    (401, json!({ "error": error, "code": "fresh_login_required" }))
}

#[both_databases::test]
async fn without_a_password_a_fresh_session_suffices(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let client = reader(&server, &smtp).await;
    let name = client.get("/check_session").await.body["username"].as_str().unwrap().to_owned();
    assert_eq!(choose(&client, json!({})).await.status, 204);
    assert_eq!(server.client().try_login(&name, NEW).await, 200);
    // Now there is a password.
    let missing = choose(&client, json!({})).await;
    assert_eq!(missing.parts(), invalid_fields(&json!({ "current_password": "is missing" })));
    let missing = client.delete_with("/account", &json!({})).await;
    assert_eq!(missing.parts(), invalid_fields(&json!({ "password": "is missing" })));
    assert_eq!(client.delete_with("/account", &json!({ "password": NEW })).await.status, 204);
}

#[both_databases::test]
async fn without_a_password_a_code_suffices_once_the_session_is_not_fresh(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let client = reader(&server, &smtp).await;
    server.advance(15 * MINUTE);
    let rename = |code: &str| json!({ "username": "ada", "confirmation_code": code });
    assert_eq!(client.patch("/account", &json!({ "username": "ada" })).await.parts(), fresh_login_required());
    assert_eq!(choose(&client, json!({})).await.parts(), fresh_login_required());
    assert_eq!(client.delete_with("/account", &json!({})).await.parts(), fresh_login_required());

    let mail = confirmation(&client, &smtp, 1).await;
    assert_eq!((&mail.recipients, mail.subject().as_str()), (&vec![ADA.to_owned()], "Confirm that it is you"));
    assert!(!mail.text().contains("://"), "there is no link: {}", mail.text());
    assert_eq!(client.patch("/account", &rename(&wrong_code(&mail))).await.parts(), incorrect_code());
    let renamed = client.patch("/account", &rename(&code(&mail))).await;
    assert_eq!((renamed.status, &renamed.body["username"]), (200, &json!("ada")));
    assert_eq!(client.patch("/account", &rename(&code(&mail))).await.parts(), incorrect_code(), "it works once");

    let mail = confirmation(&client, &smtp, 2).await;
    let token = json!({ "name": "a script", "scopes": ["read"], "confirmation_code": code(&mail) });
    assert_eq!(client.post("/account/tokens", &token).await.status, 201);
    let mail = confirmation(&client, &smtp, 3).await;
    assert_eq!(client.post("/account/totp", &json!({ "confirmation_code": code(&mail) })).await.status, 201);
    let mail = confirmation(&client, &smtp, 4).await;
    assert_eq!(client.delete_with("/sessions", &json!({ "confirmation_code": code(&mail) })).await.status, 204);
    let mail = confirmation(&client, &smtp, 5).await;
    assert_eq!(client.delete_with("/account", &json!({ "confirmation_code": code(&mail) })).await.status, 204);
}

#[both_databases::test]
async fn a_code_sets_the_first_password_and_replaces_a_forgotten_one(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let client = reader(&server, &smtp).await;
    server.advance(15 * MINUTE);
    let mail = confirmation(&client, &smtp, 1).await;
    assert_eq!(choose(&client, json!({ "confirmation_code": code(&mail) })).await.status, 204);
    assert_eq!(server.client().try_login(ADA, NEW).await, 200);
    let mail = confirmation(&client, &smtp, 2).await;
    assert_eq!(choose(&client, json!({ "confirmation_code": code(&mail) })).await.status, 204);
}

#[both_databases::test]
async fn a_code_is_for_its_session_its_time_and_five_guesses(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    let other = server.client();
    other.login("ada").await;
    server.advance(15 * MINUTE);
    let delete = async |client: &Client, code: &str| {
        client.delete_with("/sessions", &json!({ "confirmation_code": code })).await.parts()
    };
    let mail = confirmation(&client, &smtp, 1).await;
    assert_eq!(delete(&other, &code(&mail)).await, incorrect_code(), "another session");
    let login = json!({ "email": ADA, "code": code(&mail) });
    for cookie in ["email_login=session 1", "email_login=1", "email_login=session"] {
        let request = server.client().request(reqwest::Method::POST, "/login/email/confirm").header("cookie", cookie);
        let refused = server.client().send(request.json(&login)).await;
        assert_eq!(refused.parts(), incorrect_code(), "it signs nobody in: {cookie}");
    }
    for _ in 0..5 {
        assert_eq!(delete(&client, &wrong_code(&mail)).await, incorrect_code());
    }
    assert_eq!(delete(&client, &code(&mail)).await, incorrect_code(), "it is void");
    let mail = confirmation(&client, &smtp, 2).await;
    server.advance(15 * MINUTE);
    assert_eq!(delete(&client, &code(&mail)).await, incorrect_code(), "it has expired");
    assert_eq!(other.get("/meter").await.status, 200);
}

#[both_databases::test]
async fn a_code_is_sent_to_a_verified_address_only_and_not_too_often(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON, ("THROTTLE", "on")]).await;
    let client = server.client();
    assert_eq!(client.post("/account/confirmation", &json!({})).await.code(), "login_required");
    register(&client, "eve", "eve@example.org").await;
    client.login("eve").await;
    let refused = client.post("/account/confirmation", &json!({})).await;
    assert_eq!((refused.status, refused.code()), (409, "no_email"));
    let ada = verified(&server, &smtp, "ada", ADA, 1).await;
    for mails in 2..5 {
        confirmation(&ada, &smtp, mails).await;
    }
    assert_eq!(ada.post("/account/confirmation", &json!({})).await.status, 429);
}

#[both_databases::test]
async fn without_the_setting_no_code_is_sent_or_accepted(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    assert_eq!(client.post("/account/confirmation", &json!({})).await.parts(), not_found());
    let refused = choose(&client, json!({ "confirmation_code": "00000000" })).await;
    assert_eq!(refused.parts(), incorrect_code());
    assert_eq!(server.client().try_login("ada", PASSWORD).await, 200);
}

#[both_databases::test]
async fn on_the_pages_a_code_takes_the_place_of_the_password(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let client = reader(&server, &smtp).await;
    let asks = async |path| client.open(path).await.body.as_str().unwrap().contains("name=\"confirmation_code\"");
    for path in ["/account", "/second-factor", "/tokens"] {
        assert!(!asks(path).await, "{path}: the session is fresh");
    }
    server.advance(15 * MINUTE);
    for path in ["/account", "/second-factor", "/tokens"] {
        let page = client.open(path).await;
        let html = page.body.as_str().unwrap();
        assert!(
            html.contains("name=\"confirmation_code\"") && !html.contains("type=\"password\" autocomplete=\"current")
        );
        assert!(html.contains(&format!("name=\"next\" value=\"{path}\"")) && html.contains("value=\"send-code\""));
    }
    let submit = async |path, form: &[(&str, &str)]| {
        client.send(client.request(Method::POST, path).header("accept", CHROMIUM).form(form)).await
    };
    let sent = submit("/account", &[("action", "send-code"), ("next", "/tokens")]).await;
    assert_eq!((sent.status, sent.header("location")), (303, Some("/tokens?code=sent")));
    let mail = smtp.nth(2).await;
    let page = client.open("/tokens?code=sent").await;
    assert!(page.body.as_str().unwrap().contains("We have sent a code to ada@example.org."));

    let rename = async |code: &str| {
        submit("/account", &[("action", "username"), ("username", "ada"), ("confirmation_code", code)]).await
    };
    let wrong = rename(&wrong_code(&mail)).await;
    assert_eq!(wrong.status, 400);
    let html = wrong.body.as_str().unwrap();
    assert!(
        html.contains("id=\"username-confirmation-error\">This code is incorrect, or was used before.</p>"),
        "{html}"
    );
    assert_eq!(rename(&code(&mail)).await.status, 303);
    assert_eq!(client.get("/check_session").await.body["username"], json!("ada"));
}
