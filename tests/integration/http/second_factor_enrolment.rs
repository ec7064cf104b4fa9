//! Enrolling and removing a second factor, and what users are told of it.

use std::{
    io::{self, Write},
    process::Command,
    time::Duration,
};

use serde_json::{Value, json};

use super::email::{ADA, start, verified};
use crate::support::{
    authenticator::{Authenticator, enrol, first_step, incorrect_code, second_step},
    client::PASSWORD,
    database::TestDatabase,
    fixtures::{HOUR, MINUTE, incorrect_password, invalid_fields, not_found},
    server::TestServer,
    smtp::SmtpServer,
};

const STEP: Duration = Duration::from_secs(30);

fn already_enrolled() -> (u16, Value) {
    (409, json!({ "error": "this second factor is already enrolled", "code": "already_enrolled" }))
}

#[both_databases::test]
async fn an_app_is_enrolled_by_its_first_code(database: TestDatabase) {
    let server = TestServer::with(database, &[("PUBLIC_URL", "https://blog.example")]).await;
    let client = server.signed_in("ada").await;
    let started = client.post("/account/totp", &json!({})).await;
    let app = Authenticator::scan(&server, &started);
    let uri = format!(
        "otpauth://totp/blog%2Eexample:ada?secret={}&issuer=blog%2Eexample&algorithm=SHA1&digits=6&period=30",
        app.secret
    );
    assert_eq!(started.body["otpauth_uri"], json!(uri));
    assert_eq!(client.get("/check_session").await.body["second_factors"], json!([]));
    server.client().login("ada").await;
    let confirm = async |code: &str| client.post("/account/totp/confirm", &json!({ "code": code })).await;
    assert_eq!(confirm(&app.wrong_code()).await.parts(), incorrect_code());
    let replaced = Authenticator::scan(&server, &client.post("/account/totp", &json!({})).await);
    assert_eq!(confirm(&app.code()).await.parts(), incorrect_code(), "of the seed before");
    let code = replaced.code();
    assert_eq!(confirm(&code).await.body["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(client.get("/check_session").await.body["second_factors"], json!(["totp"]));
    assert_eq!(client.post("/account/totp", &json!({})).await.parts(), already_enrolled());
    assert_eq!(confirm(&code).await.parts(), not_found());
    let login = server.client();
    first_step(&login, "ada").await;
    assert_eq!(second_step(&login, "totp", &code).await.parts(), incorrect_code(), "the confirmation has spent it");
    server.advance(STEP);
    assert_eq!(second_step(&login, "totp", &replaced.code()).await.status, 200);
}

#[both_databases::test]
async fn an_enrolment_has_to_be_confirmed_within_an_hour_and_ten_attempts(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let client = server.signed_in("ada").await;
    let confirm = async |code: &str| client.post("/account/totp/confirm", &json!({ "code": code })).await;
    assert_eq!(confirm("123456").await.parts(), not_found());
    assert_eq!(confirm("").await.parts(), not_found());
    let missing = client.post("/account/totp/confirm", &json!({})).await;
    assert_eq!(missing.parts(), invalid_fields(&json!({ "code": "is missing" })));
    let app = Authenticator::scan(&server, &client.post("/account/totp", &json!({})).await);
    for _ in 0..10 {
        assert_eq!(confirm(&app.wrong_code()).await.parts(), incorrect_code());
    }
    assert_eq!(confirm(&app.code()).await.status, 429);
    server.advance(15 * MINUTE);
    server.advance(45 * MINUTE);
    assert_eq!(confirm(&app.code()).await.parts(), not_found());
}

#[both_databases::test]
async fn changes_of_the_factors_need_a_fresh_session_or_the_password(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let app = Authenticator::scan(&server, &client.post("/account/totp", &json!({})).await);
    server.advance(16 * MINUTE);
    assert_eq!(client.post("/account/totp", &json!({})).await.code(), "fresh_login_required");
    let confirmed = client.post("/account/totp/confirm", &json!({ "code": app.code() })).await;
    assert_eq!(confirmed.status, 200, "whoever has the seed has proved it: {confirmed:?}");
    assert_eq!(client.post("/account/recovery-codes", &json!({})).await.code(), "fresh_login_required");
    assert_eq!(client.delete("/account/totp").await.code(), "fresh_login_required");
    let (wrong, right) = (json!({ "current_password": "wrong" }), json!({ "current_password": PASSWORD }));
    assert_eq!(client.delete_with("/account/totp", &wrong).await.parts(), incorrect_password());
    let codes = client.post("/account/recovery-codes", &right).await.body["recovery_codes"].take();
    assert_eq!(codes.as_array().unwrap().len(), 10);
    let login = server.client();
    first_step(&login, "ada").await;
    let old = confirmed.body["recovery_codes"][0].as_str().unwrap();
    assert_eq!(second_step(&login, "recovery_code", old).await.parts(), incorrect_code(), "they are void");
    assert_eq!(second_step(&login, "recovery_code", codes[0].as_str().unwrap()).await.status, 200);
    assert_eq!(client.delete_with("/account/totp", &right).await.parts(), (204, Value::Null));
    assert_eq!(client.delete_with("/account/totp", &right).await.parts(), not_found());
    assert_eq!(client.post("/account/recovery-codes", &right).await.parts(), not_found());
    server.client().login("ada").await;
    let invalid = client.delete_with("/account/totp", &json!({ "current_password": 1 })).await;
    assert_eq!(invalid.parts(), invalid_fields(&json!({ "current_password": "must be a string" })));
}

#[both_databases::test]
async fn what_happens_to_the_factors_is_recorded(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let (app, codes) = enrol(&server, &client).await;
    let login = server.client();
    first_step(&login, "ada").await;
    assert_eq!(second_step(&login, "totp", &app.wrong_code()).await.status, 400);
    let step = json!({ "method": "recovery_code", "code": codes[0], "trust_browser": true });
    assert_eq!(login.post("/login/second-factor", &step).await.status, 200);
    assert_eq!(client.delete("/account/trusted-browsers").await.status, 204);
    assert_eq!(client.delete("/account/trusted-browsers").await.status, 204);
    assert_eq!(client.post("/account/recovery-codes", &json!({})).await.status, 200);
    assert_eq!(client.delete("/account/totp").await.status, 204);
    let events = client.get("/account/audit").await.body;
    let events: Vec<_> = events.as_array().unwrap().iter().rev().map(|it| it["event"].as_str().unwrap()).collect();
    let expected = [
        "registered",
        "signed_in",
        "second_factor_added",
        "second_factor_failed",
        "recovery_code_used",
        "signed_in",
        "trusted_browsers_removed",
        "recovery_codes_replaced",
        "second_factor_removed",
    ];
    assert_eq!(events, expected);
}

#[both_databases::test]
async fn a_notice_is_sent_and_its_link_removes_the_added_factor(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    enrol(&server, &client).await;
    let added = smtp.notice(ADA, 1).await;
    assert_eq!(added.subject(), "Your account has a second factor");
    assert!(added.link().starts_with("https://blog.example/secure-account?token="), "{}", added.link());
    assert_eq!(client.delete("/account/totp").await.status, 204);
    assert_eq!(smtp.notice(ADA, 2).await.subject(), "The second factor of your account was removed");
    server.advance(STEP);
    enrol(&server, &client).await;
    let added = smtp.notice(ADA, 3).await;
    let secured = server.client().post("/account/secure", &json!({ "token": added.token() })).await;
    assert_eq!(secured.parts(), (204, Value::Null));
    assert_eq!(client.get("/check_session").await.status, 401);
    let reset = smtp.nth(2).await;
    let body = json!({ "token": reset.token(), "new_password": PASSWORD });
    assert_eq!(server.client().post("/password/reset", &body).await.status, 204);
    server.client().login("ada").await;
}

#[both_databases::test]
async fn a_reset_asks_for_the_factor_and_other_notices_leave_it(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    let (app, codes) = enrol(&server, &client).await;
    smtp.notice(ADA, 1).await;
    server.advance(STEP);
    let pending = server.client();
    first_step(&pending, "ada").await;
    assert_eq!(server.client().post("/password/forgot", &json!({ "email": ADA })).await.status, 202);
    let reset = json!({ "token": smtp.nth(2).await.token(), "new_password": PASSWORD });
    assert_eq!(server.client().post("/password/reset", &reset).await.status, 204);
    assert_eq!(second_step(&pending, "recovery_code", &codes[0]).await.code(), "login_expired");
    let changed = smtp.notice(ADA, 2).await;
    assert_eq!(changed.subject(), "Your password was changed");
    first_step(&pending, "ada").await;
    let secure = json!({ "token": changed.token() });
    assert_eq!(server.client().post("/account/secure", &secure).await.status, 204);
    let reset = json!({ "token": smtp.nth(3).await.token(), "new_password": PASSWORD });
    assert_eq!(server.client().post("/password/reset", &reset).await.status, 204);
    first_step(&pending, "ada").await;
    server.advance(STEP);
    assert_eq!(second_step(&pending, "totp", &app.code()).await.status, 200);
}

#[both_databases::test]
async fn new_recovery_codes_are_reported_and_the_link_deletes_them(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let thief = verified(&server, &smtp, "ada", ADA, 0).await;
    let (app, _) = enrol(&server, &thief).await;
    server.advance(STEP);
    let codes = thief.post("/account/recovery-codes", &json!({})).await.body["recovery_codes"].take();
    let notice = smtp.notice(ADA, 2).await;
    assert_eq!(notice.subject(), "Your account has new recovery codes");
    let secured = server.client().post("/account/secure", &json!({ "token": notice.token() })).await;
    assert_eq!(secured.status, 204);
    let reset = json!({ "token": smtp.nth(2).await.token(), "new_password": PASSWORD });
    assert_eq!(server.client().post("/password/reset", &reset).await.status, 204);
    let login = server.client();
    first_step(&login, "ada").await;
    assert_eq!(second_step(&login, "recovery_code", codes[0].as_str().unwrap()).await.code(), "incorrect_code");
    assert_eq!(second_step(&login, "totp", &app.code()).await.status, 200, "the app was there before");
}

#[both_databases::test]
async fn a_message_says_when_few_recovery_codes_are_left(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    let (_, codes) = enrol(&server, &client).await;
    smtp.notice(ADA, 1).await;
    for code in &codes[..7] {
        first_step(&client, "ada").await;
        assert_eq!(second_step(&client, "recovery_code", code).await.status, 200);
    }
    assert_eq!(smtp.notice(ADA, 2).await.subject(), "Few recovery codes are left");
}

#[both_databases::test]
async fn what_has_expired_is_deleted(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let client = server.signed_in("ada").await;
    let (app, _) = enrol(&server, &client).await;
    let eve = server.signed_in("eve").await;
    Authenticator::scan(&server, &eve.post("/account/totp", &json!({})).await);
    let login = server.client();
    first_step(&login, "ada").await;
    assert_eq!(second_step(&login, "totp", &app.wrong_code()).await.status, 400);
    server.advance(31 * 24 * HOUR);
    let keep = tollgate::config::Config::from_values(std::collections::HashMap::new()).unwrap().retention;
    let db = server.database.open().await;
    tollgate::jobs::cleanup::cleanup(&db, server.clock.now(), keep).await.unwrap();
    for (table, left) in [("pending_logins", 0), ("attempts", 0), ("totp_seeds", 1)] {
        assert_eq!(server.execute(&format!("DELETE FROM {table}")).await, left, "{table}");
    }
}

/// A program that others wrote computes the same codes.
#[both_databases::test]
async fn oathtool_computes_the_code(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let app = Authenticator::scan(&server, &client.post("/account/totp", &json!({})).await);
    let seconds = server.clock.now().millis() / 1000;
    let mut oathtool = Command::new("oathtool");
    oathtool.args(["--totp", "--base32", "--now", &format!("@{seconds}"), &app.secret]);
    let output = match oathtool.output() {
        Ok(output) => output,
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "oathtool cannot be run: {error}");
            // Written to the stream directly, because the test harness captures what a passing test prints.
            let _ = writeln!(io::stderr(), "not tested: oathtool cannot be run: {error}");
            return;
        }
    };
    let code = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    let confirmed = client.post("/account/totp/confirm", &json!({ "code": code })).await;
    assert_eq!(confirmed.status, 200, "{code}: {confirmed:?}");
}
