//! Signing in by a link or a code in a message.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::email::{ADA, invalid_token, mail_settings, register, start, verified};
use crate::support::{
    api_tokens::bearer,
    authenticator::{enrol, incorrect_code},
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{DAY, HOUR, MINUTE, invalid_fields, not_found},
    mail::Mail,
    server::TestServer,
    smtp::SmtpServer,
};

pub(super) const ON: (&str, &str) = ("SIGN_IN_EMAIL", "true");

pub(super) async fn ask(client: &Client, email: &str) -> Answer {
    client.post("/login/email", &json!({ "email": email })).await
}

pub(super) async fn open_link(client: &Client, mail: &Mail) -> Answer {
    client.post("/login/email/confirm", &json!({ "token": mail.token() })).await
}

async fn enter_code(client: &Client, email: &str, code: &str) -> Answer {
    client.post("/login/email/confirm", &json!({ "email": email, "code": code })).await
}

/// The code in a message.
pub(super) fn code(mail: &Mail) -> String {
    let text = mail.text();
    let is_code = |word: &&str| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit());
    text.split_whitespace().find(is_code).unwrap().to_owned()
}

pub(super) fn wrong_code(mail: &Mail) -> String {
    format!("{:08}", (code(mail).parse::<u32>().unwrap() + 1) % 100_000_000)
}

/// Asks for a message and opens its link.
pub(super) async fn sign_in(client: &Client, smtp: &SmtpServer, email: &str, mails: usize) -> Answer {
    assert_eq!(ask(client, email).await.status, 202);
    open_link(client, &smtp.nth(mails + 1).await).await
}

#[both_databases::test]
async fn an_unknown_address_gets_an_account_without_a_password(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let methods = server.client().get("/login/methods").await;
    assert_eq!(methods.body["email"], json!(true));
    let client = server.client();
    let asked = ask(&client, "Ada@Example.org").await;
    let cookie = asked.header("set-cookie").unwrap().to_owned();
    assert!(cookie.starts_with("email_login="), "{cookie}");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=900"), "{cookie}");
    assert_eq!(asked.parts(), (202, json!({})));
    let mail = smtp.nth(1).await;
    assert_eq!((mail.recipients.as_slice(), mail.subject().as_str()), (&["Ada@example.org".to_owned()][..], "Sign in"));
    assert!(mail.link().starts_with("https://blog.example/sign-in-link?token="), "{}", mail.link());
    assert!(mail.html().contains(&code(&mail)));

    // In another browser.
    let browser = server.client();
    let login = open_link(&browser, &mail).await;
    assert!(login.cookie().starts_with("session="), "{login:?}");
    let name = login.body["username"].as_str().unwrap().to_owned();
    let random = name.strip_prefix("reader-").unwrap();
    assert!(random.len() == 8 && random.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
    assert_eq!(
        (login.status, &login.body["email"], &login.body["email_verified"]),
        (200, &json!("Ada@Example.org"), &json!(true))
    );
    assert_eq!(browser.get("/check_session").await.body, login.body);
    let events = browser.get("/account/audit").await.body;
    let events: Vec<_> = events.as_array().unwrap().iter().map(|event| event["event"].clone()).collect();
    assert_eq!(events, ["signed_in", "email_verified", "registered"]);
    for guess in ["none", PASSWORD, ""] {
        assert_eq!(server.client().try_login(&name, guess).await, 400, "no password opens it: {guess}");
    }
    let renamed = browser.patch("/account", &json!({ "username": "ada" })).await;
    assert_eq!((renamed.status, &renamed.body["username"]), (200, &json!("ada")), "a fresh session suffices");
    assert_eq!(sign_in(&server.client(), &smtp, ADA, 1).await.body["username"], json!("ada"), "the same account");
}

#[both_databases::test]
async fn the_account_that_has_verified_the_address_is_opened(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    let login = sign_in(&server.client(), &smtp, ADA, 1).await;
    assert_eq!((login.status, &login.body["username"]), (200, &json!("ada")));
    assert_eq!(server.client().try_login("ada", PASSWORD).await, 200, "the password stays");
}

#[both_databases::test]
async fn a_code_works_only_in_the_browser_that_asked_and_once(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let (client, stranger) = (server.client(), server.client());
    ask(&client, ADA).await;
    let mail = smtp.nth(1).await;
    ask(&stranger, "eve@example.org").await;
    for other in [&stranger, &server.client()] {
        assert_eq!(enter_code(other, ADA, &code(&mail)).await.parts(), incorrect_code());
    }
    assert_eq!(enter_code(&client, "eve@example.org", &code(&mail)).await.parts(), incorrect_code(), "another address");
    let spaced = format!(" {} {} ", &code(&mail)[..4], &code(&mail)[4..]);
    let login = enter_code(&client, "ADA@example.org", &spaced).await;
    let cookies: Vec<_> = login.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, it)| it).collect();
    assert!(cookies[0].starts_with("session="), "{cookies:?}");
    assert!(cookies.iter().any(|it| it.starts_with("email_login=;") && it.contains("Max-Age=0")), "{cookies:?}");
    assert_eq!((login.status, &login.body["email"]), (200, &json!(ADA)));
    assert_eq!(enter_code(&client, ADA, &code(&mail)).await.parts(), incorrect_code());
    assert_eq!(open_link(&client, &mail).await.parts(), invalid_token(), "the code voids the link");
}

#[both_databases::test]
async fn a_link_voids_its_code_and_both_expire(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let client = server.client();
    ask(&client, ADA).await;
    let mail = smtp.nth(1).await;
    assert_eq!(open_link(&server.client(), &mail).await.status, 200);
    assert_eq!(enter_code(&client, ADA, &code(&mail)).await.parts(), incorrect_code());
    assert_eq!(open_link(&client, &mail).await.parts(), invalid_token());
    ask(&client, ADA).await;
    let mail = smtp.nth(2).await;
    server.advance(15 * MINUTE);
    assert_eq!(enter_code(&client, ADA, &code(&mail)).await.parts(), incorrect_code());
    assert_eq!(open_link(&client, &mail).await.parts(), invalid_token());
    let forged = client.post("/login/email/confirm", &json!({ "token": "forged" })).await;
    assert_eq!(forged.parts(), invalid_token());
}

#[both_databases::test]
async fn of_simultaneous_uses_of_a_message_one_succeeds(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let client = server.client();
    ask(&client, ADA).await;
    let mail = smtp.nth(1).await;
    let answers = join_all((0..20).map(|number| {
        let (client, mail) = (client.clone(), mail.clone());
        async move {
            if number % 2 == 0 { open_link(&client, &mail).await } else { enter_code(&client, ADA, &code(&mail)).await }
        }
    }))
    .await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(200), count(400)), (1, 19), "{answers:?}");
    assert_eq!(server.execute("UPDATE users SET id = id").await, 1);
}

#[both_databases::test]
async fn five_wrong_codes_void_the_code_and_not_the_link(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let client = server.client();
    ask(&client, ADA).await;
    let mail = smtp.nth(1).await;
    let wrong = wrong_code(&mail);
    let answers = join_all((0..5).map(|_| enter_code(&client, ADA, &wrong))).await;
    assert!(answers.into_iter().all(|answer| answer.parts() == incorrect_code()));
    assert_eq!(enter_code(&client, ADA, &code(&mail)).await.parts(), incorrect_code(), "it is void");
    assert_eq!(open_link(&client, &mail).await.status, 200);
}

#[both_databases::test]
async fn fifty_wrong_codes_in_a_day_block_the_codes_of_an_address_and_of_a_network_but_no_link(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON, ("THROTTLE", "on")]).await;
    let mut mails = 0;
    let mut last = None;
    // Three messages an hour, each from another network.
    for round in 0..11_u8 {
        if round % 3 == 0 {
            server.advance(HOUR);
        }
        let client = server.client().in_network(round + 2);
        assert_eq!(ask(&client, ADA).await.status, 202);
        mails += 1;
        let mail = smtp.nth(mails).await;
        if round < 10 {
            for _ in 0..5 {
                assert_eq!(enter_code(&client, ADA, &wrong_code(&mail)).await.parts(), incorrect_code());
            }
        }
        last = Some((client, mail));
    }
    let (client, mail) = last.unwrap();
    let limited = enter_code(&client, ADA, &code(&mail)).await;
    assert_eq!((limited.status, limited.code()), (429, "too_many_requests"));
    assert_eq!(open_link(&client, &mail).await.status, 200);

    let network = server.client().in_network(99);
    for round in 0..10 {
        let address = format!("reader{round}@example.org");
        assert_eq!(ask(&network, &address).await.status, 202);
        mails += 1;
        let mail = smtp.nth(mails).await;
        for _ in 0..5 {
            assert_eq!(enter_code(&network, &address, &wrong_code(&mail)).await.parts(), incorrect_code());
        }
    }
    assert_eq!(ask(&network, "eve@example.org").await.status, 202);
    let mail = smtp.nth(mails + 1).await;
    assert_eq!(enter_code(&network, "eve@example.org", &code(&mail)).await.status, 429);
    server.advance(DAY);
    assert_eq!(ask(&network, "eve@example.org").await.status, 202);
    let mail = smtp.nth(mails + 2).await;
    assert_eq!(enter_code(&network, "eve@example.org", &code(&mail)).await.status, 200);
}

#[both_databases::test]
async fn unknown_known_and_disabled_addresses_are_answered_alike_and_limited_alike(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON, ("THROTTLE", "on")]).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    verified(&server, &smtp, "eve", "eve@example.org", 1).await;
    assert_eq!(server.execute("UPDATE users SET is_active = FALSE WHERE username = 'eve'").await, 1);
    let mut seen = Vec::new();
    for email in [ADA, "eve@example.org", "nobody@example.org"] {
        let client = server.client().in_network(9);
        let mut answers = Vec::new();
        for _ in 0..4 {
            let answer = ask(&client, email).await;
            let mut names: Vec<_> = answer.headers.iter().map(|(name, _)| name.clone()).collect();
            names.sort_unstable();
            let length = answer.header("set-cookie").map(str::len);
            answers.push((answer.status, answer.body, names, length));
        }
        let guess = enter_code(&client, email, "00000000").await;
        seen.push((answers, guess.parts()));
    }
    assert_eq!(seen[0].0.iter().map(|answer| answer.0).collect::<Vec<_>>(), [202, 202, 202, 429]);
    assert!(seen.iter().all(|answers| *answers == seen[0]), "{seen:?}");
    // Requests for the disabled account leave the outbox without a message.
    smtp.nth(8).await;
    let recipients: Vec<_> = smtp.requested().into_iter().skip(2).flat_map(|mail| mail.recipients).collect();
    assert!(!recipients.contains(&"eve@example.org".to_owned()), "{recipients:?}");
}

#[both_databases::test]
async fn an_account_that_is_disabled_after_the_message_is_not_opened(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    ask(&server.client(), ADA).await;
    let mail = smtp.nth(2).await;
    assert_eq!(server.execute("UPDATE users SET is_active = FALSE").await, 1);
    let refused = open_link(&server.client(), &mail).await;
    assert_eq!(refused.parts(), (403, json!({ "error": "this account is disabled", "code": "account_disabled" })));
}

#[both_databases::test]
async fn with_registration_closed_an_unknown_address_is_told_so_by_mail(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON, ("REGISTRATION", "closed")]).await;
    assert_eq!(ask(&server.client(), ADA).await.parts(), (202, json!({})));
    let mail = smtp.nth(1).await;
    assert_eq!((&mail.recipients, mail.subject().as_str()), (&vec![ADA.to_owned()], "You have no account"));
    let text = mail.text();
    assert!(!text.contains("://blog.example/sign-in-link") && text.contains("registration is closed"), "{text}");
    let refused = server.client().post("/register", &json!({ "email": ADA })).await;
    assert_eq!(refused.code(), "registration_closed");
}

#[both_databases::test]
async fn registering_with_an_address_alone_mails_a_link(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let client = server.client();
    let asked = client.post("/register", &json!({ "email": ADA })).await;
    assert!(asked.header("set-cookie").unwrap().starts_with("email_login="), "{asked:?}");
    assert_eq!(asked.parts(), (202, json!({})));
    assert_eq!(server.execute("UPDATE users SET id = id").await, 0, "there is no account yet");
    assert_eq!(enter_code(&client, ADA, &code(&smtp.nth(1).await)).await.status, 200);
    let half = client.post("/register", &json!({ "email": ADA, "username": "ada" })).await;
    assert_eq!(half.parts(), invalid_fields(&json!({ "password": "is missing" })));
    let taken = register(&client, "eve", ADA).await;
    assert_eq!(taken.code(), "email_taken");
}

#[both_databases::test]
async fn second_factors_are_asked_for_as_always(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let phone = verified(&server, &smtp, "ada", ADA, 0).await;
    let (app, _) = enrol(&server, &phone).await;
    server.advance(MINUTE);
    let client = server.client();
    let first = sign_in(&client, &smtp, ADA, 1).await;
    assert_eq!((first.status, first.code()), (401, "second_factor_required"));
    assert!(!client.is_signed_in().await);
    let step = json!({ "method": "totp", "code": app.code(), "trust_browser": true });
    assert_eq!(client.post("/login/second-factor", &step).await.status, 200);
    let trusted = sign_in(&client, &smtp, ADA, 2).await;
    assert_eq!((trusted.status, &trusted.body["username"]), (200, &json!("ada")));
}

#[both_databases::test]
async fn an_app_enters_the_code_with_the_token_of_its_request(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let client = server.client();
    let request = json!({ "email": ADA, "transport": "bearer", "stay_signed_in": true });
    let asked = client.post("/login/email", &request).await;
    assert_eq!((asked.status, asked.header("set-cookie")), (202, None));
    let token = asked.body["request_token"].clone();
    let code = code(&smtp.nth(1).await);
    let body = json!({ "email": ADA, "code": code, "transport": "bearer" });
    assert_eq!(client.post("/login/email/confirm", &body).await.parts(), incorrect_code());
    let body = json!({ "email": ADA, "code": code, "transport": "bearer", "request_token": token });
    let login = client.post("/login/email/confirm", &body).await;
    assert_eq!((login.status, login.header("set-cookie")), (200, None));
    assert_eq!(login.body["session"]["stay_signed_in"], json!(true));
    let app = bearer(&client, login.body["session_token"].as_str().unwrap());
    assert_eq!(app.get("/check_session").await.body["email"], json!(ADA));
}

#[both_databases::test]
async fn a_password_reset_voids_links_and_codes(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    let client = server.client();
    ask(&client, ADA).await;
    let mail = smtp.nth(2).await;
    client.post("/password/forgot", &json!({ "email": ADA })).await;
    let token = smtp.nth(3).await.token();
    let reset = client.post("/password/reset", &json!({ "token": token, "new_password": "seven wiser toads" })).await;
    assert_eq!(reset.status, 204);
    assert_eq!(open_link(&client, &mail).await.parts(), invalid_token());
    assert_eq!(enter_code(&client, ADA, &code(&mail)).await.parts(), incorrect_code());
}

#[both_databases::test]
async fn another_node_takes_the_link_and_the_database_alone_has_neither_link_nor_code(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let url = smtp.url();
    let node = server.second_node(&[&mail_settings(&url)[..], &[ON]].concat()).await;
    let client = server.client();
    ask(&client, ADA).await;
    let mail = smtp.nth(1).await;
    for (table, column) in [("outbox", "payload"), ("email_codes", "email")] {
        for secret in [mail.token(), code(&mail)] {
            let found = server.execute(&format!("UPDATE {table} SET id = id WHERE {column} LIKE '%{secret}%'")).await;
            assert_eq!(found, 0, "{table}");
        }
    }
    assert_eq!(enter_code(&client.at(&node), ADA, &code(&mail)).await.status, 200);
}

#[both_databases::test]
async fn without_the_setting_nothing_of_it_exists(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = server.client();
    assert_eq!(ask(&client, ADA).await.parts(), not_found());
    let confirm = client.post("/login/email/confirm", &json!({ "token": "x" })).await;
    assert_eq!(confirm.parts(), not_found());
    assert_eq!(client.post("/register", &json!({ "email": ADA })).await.status, 422);
    let login = client.get_with("/login", &[("accept", "text/html")]).await;
    assert!(!login.body.as_str().unwrap().contains("/sign-in-email"));
}

#[both_databases::test]
async fn every_invalid_field_is_reported(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let client = server.client();
    let wrong = client.post("/login/email", &json!({ "email": "x", "stay_signed_in": 1, "transport": "pigeon" })).await;
    let fields = json!({
        "email": "must be an email address such as ada@example.org", "stay_signed_in": "must be true or false",
        "transport": "must be cookie or bearer",
    });
    assert_eq!(wrong.parts(), invalid_fields(&fields));
    let missing = client.post("/login/email/confirm", &json!({})).await;
    assert_eq!(missing.parts(), invalid_fields(&json!({ "email": "is missing", "code": "is missing" })));
}

#[both_databases::test]
async fn pages_sign_in_by_code_and_by_link_without_scripts(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let client = server.client();
    let html = [("accept", "text/html")];
    let post = async |client: &Client, path: &str, fields: &[(&str, &str)]| {
        let request = client.request(reqwest::Method::POST, path).header("accept", "text/html").form(fields);
        client.send(request).await
    };
    let text = |answer: &Answer| answer.body.as_str().unwrap().to_owned();
    let login = client.get_with("/login?next=/blog/1", &html).await;
    assert!(text(&login).contains("href=\"/sign-in-email?next=%2Fblog%2F1\""), "{login:?}");
    let page = client.get_with("/sign-in-email?next=/blog/1", &html).await;
    assert!(text(&page).contains("name=\"next\" value=\"/blog/1\""), "{page:?}");
    assert_eq!(post(&client, "/sign-in-email", &[("email", "x")]).await.status, 422);
    let sent = post(&client, "/sign-in-email", &[("email", ADA), ("next", "/blog/1")]).await;
    assert!(sent.status == 200 && text(&sent).contains("name=\"code\""), "{sent:?}");
    let mail = smtp.nth(1).await;
    assert!(mail.link().ends_with("&next=%2Fblog%2F1"), "{}", mail.link());
    let wrong = post(&client, "/sign-in-email", &[("email", ADA), ("code", &wrong_code(&mail))]).await;
    assert!(wrong.status == 400 && text(&wrong).contains("This code is incorrect"), "{wrong:?}");
    let done = post(&client, "/sign-in-email", &[("email", ADA), ("code", &code(&mail)), ("next", "/blog/1")]).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/blog/1")));
    assert!(client.is_signed_in().await);
    assert_eq!(client.get_with("/sign-in-email", &html).await.header("location"), Some("/"));

    let other = server.client();
    post(&server.client(), "/sign-in-email", &[("email", ADA), ("next", "https://evil.example/")]).await;
    let mail = smtp.nth(2).await;
    let path = mail.link().replace("https://blog.example", "");
    for _ in 0..2 {
        let page = other.get_with(&path, &html).await;
        assert!(text(&page).contains(&format!("name=\"token\" value=\"{}\"", mail.token())), "opening uses up nothing");
    }
    let done = post(&other, "/sign-in-link", &[("token", &mail.token()), ("next", "//evil.example")]).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/")));
    assert!(other.is_signed_in().await);
    let again = post(&other, "/sign-in-link", &[("token", &mail.token())]).await;
    assert!(again.status == 400 && !text(&again).contains("<button>"), "{again:?}");
    let empty = other.get_with("/sign-in-link", &html).await;
    assert!(text(&empty).contains("The link is invalid or has expired"), "{empty:?}");
}

/// What an attacker has, who created an account with the victim's address before the victim did.
async fn attacker(server: &TestServer) -> Client {
    let client = server.client();
    assert_eq!(register(&client, "mallory", ADA).await.status, 201);
    client.login("mallory").await;
    client
}

/// The account that the victim signs in to by email, after `mails` earlier messages.
async fn victim(server: &TestServer, smtp: &SmtpServer, mails: usize) -> (Client, Value) {
    let client = server.client();
    let login = sign_in(&client, smtp, ADA, mails).await;
    assert_eq!(login.status, 200, "{login:?}");
    assert_ne!(login.body["username"], json!("mallory"), "another account than the attacker's");
    (client, login.body)
}

// The attacks of Sudhodanan and Paverd, "Pre-hijacked accounts", USENIX Security 2022.

#[both_databases::test]
async fn pre_hijacking_by_classic_federated_merge(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let mallory = attacker(&server).await;
    smtp.nth(1).await;
    let (ada, user) = victim(&server, &smtp, 1).await;
    // The attacker's password opens only the attacker's account, which has lost the address.
    let theirs = server.client().login("mallory").await;
    assert_eq!((&theirs.body["email"], theirs.body["id"] == user["id"]), (&Value::Null, false));
    assert_eq!(server.client().try_login(ADA, PASSWORD).await, 400);
    assert_eq!(mallory.get("/check_session").await.body["email"], Value::Null);
    assert_eq!(ada.get("/check_session").await.body["email"], json!(ADA));
}

#[both_databases::test]
async fn pre_hijacking_by_unexpired_session_identifier(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let mallory = attacker(&server).await;
    smtp.nth(1).await;
    let (ada, user) = victim(&server, &smtp, 1).await;
    // The attacker's session stays in the attacker's account.
    let theirs = mallory.get("/check_session").await;
    assert_eq!((theirs.status, theirs.body["id"] == user["id"]), (200, false));
    assert_eq!(ada.get("/sessions").await.body.as_array().unwrap().len(), 1);
}

#[both_databases::test]
async fn pre_hijacking_by_trojan_identifier(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let mallory = attacker(&server).await;
    smtp.nth(1).await;
    enrol(&server, &mallory).await;
    let created = mallory.post("/account/tokens", &json!({ "name": "trojan", "scopes": ["account"] })).await;
    let trojan = bearer(&server.client(), created.body["token"].as_str().unwrap());
    let (ada, user) = victim(&server, &smtp, 1).await;
    assert_eq!(user["second_factors"], json!([]));
    assert_eq!(ada.get("/account/tokens").await.body, json!([]));
    assert_ne!(trojan.get("/check_session").await.body["id"], user["id"]);
}

#[both_databases::test]
async fn pre_hijacking_by_unexpired_email_change(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    let mallory = attacker(&server).await;
    smtp.nth(1).await;
    // A change that waits for its confirmation, in either direction.
    let change = json!({ "email": "mallory@example.org" });
    assert_eq!(mallory.patch("/account", &change).await.status, 200);
    let waiting = smtp.nth(2).await;
    let (ada, user) = victim(&server, &smtp, 2).await;
    let verify = server.client().post("/email/verify", &json!({ "token": waiting.token() })).await;
    assert_eq!(verify.status, 204);
    assert_eq!(ada.get("/check_session").await.body["email"], user["email"]);
    assert_eq!(mallory.patch("/account", &json!({ "email": ADA })).await.code(), "email_taken");
    // A reset for the attacker's address is one of the attacker's account.
    server.client().post("/password/forgot", &json!({ "email": "mallory@example.org" })).await;
    let mail = smtp.nth(4).await;
    let reset = json!({ "token": mail.token(), "new_password": "seven wiser toads" });
    assert_eq!(server.client().post("/password/reset", &reset).await.status, 204);
    assert!(ada.is_signed_in().await && !mallory.is_signed_in().await);
}

#[both_databases::test]
async fn pre_hijacking_by_non_verifying_provider(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[ON]).await;
    // As another system, or this one while email was off, has stored the address without verifying it.
    server.client().register("mallory").await;
    let claim = format!("UPDATE users SET email = '{ADA}', email_key = '{ADA}' WHERE username = 'mallory'");
    assert_eq!(server.execute(&claim).await, 1);
    let (_, user) = victim(&server, &smtp, 0).await;
    let theirs = server.client().login("mallory").await;
    assert_eq!((&theirs.body["email"], theirs.body["id"] == user["id"]), (&Value::Null, false));
}
