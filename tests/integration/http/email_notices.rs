//! Notices about what happens to an account, and "this wasn't me".

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tollgate::base::clock::Clock;

use super::{
    email::{ADA, invalid_token, mail_settings, register, start, verified, verify},
    email_outbox::{until, until_recorded},
};
use crate::support::{
    authenticator::enrol,
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{DAY, HOUR, MINUTE},
    mail::Mail,
    server::{START, TestServer},
    smtp::SmtpServer,
};

const NEW: &str = "seven wiser toads";

/// [`ADA`] in another spelling.
const SPELLED: &str = "Ada@example.org";

const THIEF: &str = "thief@example.org";

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

async fn change_password(client: &Client, current: &str, new: &str) -> u16 {
    client.post("/account/password", &json!({ "current_password": current, "new_password": new })).await.status
}

pub(super) async fn secure(client: &Client, notice: &Mail) -> Answer {
    client.post("/account/secure", &json!({ "token": notice.token() })).await
}

/// Sets a password with the link of this message.
pub(super) async fn reset(client: &Client, mail: &Mail, password: &str) -> u16 {
    client.post("/password/reset", &json!({ "token": mail.token(), "new_password": password })).await.status
}

#[both_databases::test]
async fn a_changed_password_is_reported_and_can_be_taken_back(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    let thief = server.client().with_headers(&[("user-agent", FIREFOX)]);
    thief.login("ada").await;
    assert_eq!(smtp.notice(ADA, 1).await.subject(), "New sign-in to your account");
    assert_eq!(change_password(&thief, PASSWORD, NEW).await, 204);

    let notice = smtp.notice(ADA, 2).await;
    assert_eq!(notice.subject(), "Your password was changed");
    let line = "2026-11-21 10:00 UTC: password changed, Firefox on Linux, 127.0.0.1";
    assert!(notice.text().contains(line) && notice.html().contains(line), "{}", notice.text());
    assert!(notice.link().starts_with("https://blog.example/secure-account?token="), "{}", notice.link());
    for path in ["/secure-account", "/account/secure"] {
        let opened = client.get_with(&format!("{path}?token={}", notice.token()), &[("accept", "text/html")]).await;
        assert_ne!(opened.status, 204, "{path}");
    }
    assert_eq!(secure(&server.client(), &notice).await.parts(), (204, Value::Null));
    assert_eq!(secure(&server.client(), &notice).await.parts(), invalid_token());
    assert!(!thief.is_signed_in().await && !client.is_signed_in().await);
    for password in [PASSWORD, NEW] {
        assert_eq!(server.client().try_login("ada", password).await, 400, "no password works");
    }
    let link = smtp.nth(2).await;
    assert_eq!((link.recipients.as_slice(), link.subject().as_str()), (&[ADA.to_owned()][..], "Reset your password"));
    assert_eq!(reset(&server.client(), &link, "three honest herons").await, 204);
    assert_eq!(server.client().try_login("ada", "three honest herons").await, 200);
}

/// A thief changes the address and the password; the notice to `recipient` gives the account back to its owner.
async fn restore_address(database: TestDatabase, recipient: &str) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    client.patch("/account", &json!({ "email": THIEF })).await;
    assert_eq!(verify(&client, &smtp.nth(2).await).await.status, 204);
    let notice = smtp.notice(recipient, 1).await;
    assert_eq!(notice.subject(), "Your email address was changed");
    client.post("/password/forgot", &json!({ "email": THIEF })).await;
    assert_eq!(reset(&client, &smtp.nth(3).await, NEW).await, 204);

    assert_eq!(secure(&server.client(), &notice).await.status, 204);
    let link = smtp.nth(4).await;
    assert_eq!(link.recipients, [ADA]);
    assert_eq!(reset(&server.client(), &link, "three honest herons").await, 204);
    let body = json!({ "username": ADA, "password": "three honest herons" });
    let user = client.post("/login", &body).await.body;
    assert_eq!((&user["email"], &user["email_verified"]), (&json!(ADA), &json!(true)));
}

#[both_databases::test]
async fn the_notice_to_a_former_address_restores_it(database: TestDatabase) {
    restore_address(database, ADA).await;
}

#[both_databases::test]
async fn the_notice_to_a_new_address_restores_the_former(database: TestDatabase) {
    restore_address(database, THIEF).await;
}

#[both_databases::test]
async fn a_removed_address_is_told_and_can_be_restored(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    client.patch("/account", &json!({ "email": null })).await;
    let notice = smtp.notice(ADA, 1).await;
    assert_eq!(notice.subject(), "Your email address was changed");
    // Somebody else enters it meanwhile, which reserves nothing.
    register(&server.client(), "eve", ADA).await;
    smtp.nth(2).await;
    assert_eq!(secure(&server.client(), &notice).await.status, 204);
    assert_eq!(reset(&client, &smtp.nth(3).await, NEW).await, 204);
    assert_eq!(server.client().try_login(ADA, NEW).await, 200);
}

/// Somebody who has signed in to ada's account changes its address to this one; `mails` were requested before.
async fn take_address(thief: &Client, smtp: &SmtpServer, email: &str, mails: usize) {
    assert_eq!(thief.patch("/account", &json!({ "email": email })).await.status, 200);
    assert_eq!(verify(thief, &smtp.nth(mails + 1).await).await.status, 204);
}

#[both_databases::test]
async fn an_address_that_somebody_else_has_verified_since_stays_theirs(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    take_address(&client, &smtp, THIEF, 1).await;
    let notice = smtp.notice(ADA, 1).await;
    // The owner could not sign in any more, and has registered again.
    let other = verified(&server, &smtp, "ada2", ADA, 2).await;
    assert_eq!(secure(&server.client(), &notice).await.status, 204);
    assert!(!client.is_signed_in().await, "everything else is done");
    assert_eq!(other.get("/check_session").await.body["email"], json!(ADA));
    let link = smtp.nth(4).await;
    assert_eq!(link.recipients, [ADA], "and not the address that took its place");
    assert_eq!(reset(&server.client(), &link, NEW).await, 204);
    let user = server.client().post("/login", &json!({ "username": "ada", "password": NEW })).await.body;
    assert_eq!((&user["email"], &user["email_verified"]), (&json!(null), &json!(false)));
}

#[both_databases::test]
async fn links_of_later_notices_stop_working(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let thief = verified(&server, &smtp, "ada", ADA, 0).await;
    let earlier = {
        server.advance(2 * DAY);
        server.client().login("ada").await;
        smtp.notice(ADA, 1).await
    };
    server.advance(HOUR);
    thief.login("ada").await;
    take_address(&thief, &smtp, THIEF, 1).await;
    let first = smtp.notice(ADA, 2).await;
    smtp.notice(THIEF, 1).await;
    server.advance(HOUR);
    thief.login("ada").await;
    take_address(&thief, &smtp, "other@example.org", 2).await;
    let second = smtp.notice(THIEF, 2).await;
    assert_eq!(secure(&server.client(), &first).await.status, 204);
    assert_eq!(
        secure(&server.client(), &second).await.parts(),
        invalid_token(),
        "it would restore the thief's address"
    );
    assert_eq!(reset(&server.client(), &smtp.nth(4).await, NEW).await, 204);
    let user = server.client().post("/login", &json!({ "username": "ada", "password": NEW })).await.body;
    assert_eq!(user["email"], json!(ADA));
    assert_eq!(secure(&server.client(), &earlier).await.status, 204, "an earlier one still works");
}

#[both_databases::test]
async fn every_notice_restores_what_was_before_it(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    server.advance(2 * DAY);
    let thief = server.client();
    thief.login("ada").await;
    let signed_in = smtp.notice(ADA, 1).await;
    assert_eq!(signed_in.subject(), "New sign-in to your account");
    server.advance(MINUTE);
    take_address(&thief, &smtp, THIEF, 1).await;
    smtp.notice(THIEF, 1).await;
    enrol(&server, &thief).await;
    assert_eq!(smtp.notice(THIEF, 2).await.subject(), "Your account has a second factor");
    assert_eq!(secure(&server.client(), &signed_in).await.status, 204);
    let link = smtp.nth(3).await;
    assert_eq!(link.recipients, [ADA]);
    assert_eq!(reset(&server.client(), &link, NEW).await, 204);
    let user = server.client().post("/login", &json!({ "username": ADA, "password": NEW })).await.body;
    assert_eq!((&user["email"], &user["second_factors"]), (&json!(ADA), &json!([])));
}

#[both_databases::test]
async fn what_happened_after_a_notice_is_undone_whatever_the_clocks_say(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let thief = verified(&server, &smtp, "ada", ADA, 0).await;
    server.advance(Duration::from_secs(10));
    take_address(&thief, &smtp, THIEF, 1).await;
    let notice = smtp.notice(ADA, 1).await;
    smtp.notice(THIEF, 1).await;
    let (url, late) = (smtp.url(), Clock::manual(START.after(Duration::from_secs(8))));
    let elsewhere = thief.at(&server.node_with_clock(&mail_settings(&url), late).await);
    enrol(&server, &elsewhere).await;
    let later = smtp.notice(THIEF, 2).await;
    assert_eq!(secure(&server.client(), &notice).await.status, 204);
    assert_eq!(secure(&server.client(), &later).await.parts(), invalid_token());
    assert_eq!(reset(&server.client(), &smtp.nth(3).await, NEW).await, 204);
    assert_eq!(server.client().try_login("ada", NEW).await, 200, "without a second factor");
}

#[both_databases::test]
async fn a_link_ends_those_that_went_to_an_address_in_between(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let thief = verified(&server, &smtp, "ada", ADA, 0).await;
    take_address(&thief, &smtp, THIEF, 1).await;
    let first = smtp.notice(ADA, 1).await;
    smtp.notice(THIEF, 1).await;
    // The owner changes the address back without a link.
    let owner = server.client();
    owner.login("ada").await;
    smtp.notice(THIEF, 2).await;
    server.advance(MINUTE);
    take_address(&owner, &smtp, SPELLED, 2).await;
    let held = smtp.notice(THIEF, 3).await;
    smtp.notice(SPELLED, 1).await;
    assert_eq!(held.subject(), "Your email address was changed");
    server.advance(MINUTE);
    assert_eq!(change_password(&owner, PASSWORD, NEW).await, 204);
    assert_eq!(secure(&server.client(), &smtp.notice(SPELLED, 2).await).await.status, 204);
    assert_eq!(secure(&server.client(), &held).await.parts(), invalid_token());
    assert_eq!(secure(&server.client(), &first).await.status, 204, "the owner's stay");
}

#[both_databases::test]
async fn a_link_of_an_address_in_between_does_not_end_those_of_the_first(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let thief = verified(&server, &smtp, "ada", ADA, 0).await;
    take_address(&thief, &smtp, THIEF, 1).await;
    smtp.notice(THIEF, 1).await;
    smtp.notice(ADA, 1).await;
    take_address(&thief, &smtp, ADA, 2).await;
    let held = smtp.notice(THIEF, 2).await;
    smtp.notice(ADA, 2).await;
    take_address(&thief, &smtp, THIEF, 3).await;
    let last = smtp.notice(ADA, 3).await;
    assert_eq!(secure(&server.client(), &held).await.status, 204);
    // The next link replaces this one, whose message would be discarded if it were still waiting.
    smtp.nth(5).await;
    assert_eq!(secure(&server.client(), &last).await.status, 204, "the first owner's still works");
    let link = smtp.nth(6).await;
    assert_eq!(link.recipients, [ADA]);
    assert_eq!(reset(&server.client(), &link, NEW).await, 204);
    assert_eq!(server.client().try_login(ADA, NEW).await, 200);
}

#[both_databases::test]
async fn a_summary_lists_only_what_its_recipient_may_know(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[("THROTTLE", "on")]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    for _ in 0..11 {
        server.client().login("ada").await;
    }
    until(&server, &format!("kind = 'summary' AND recipient = '{ADA}'")).await;
    take_address(&client, &smtp, THIEF, 1).await;
    assert_eq!(change_password(&client, PASSWORD, NEW).await, 204);
    until(&server, &format!("kind = 'summary' AND recipient = '{THIEF}'")).await;
}

#[both_databases::test]
async fn an_address_that_is_replaced_by_the_former_one_is_told_without_a_link(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let thief = verified(&server, &smtp, "ada", ADA, 0).await;
    take_address(&thief, &smtp, THIEF, 1).await;
    let copy = smtp.notice(THIEF, 1).await;
    // Entered by another account, which has not verified it.
    register(&server.client(), "eve", ADA).await;
    assert_eq!(secure(&server.client(), &copy).await.status, 204);
    let told = smtp.notice(THIEF, 2).await;
    assert_eq!(told.subject(), "Your email address was removed from an account");
    assert!(!told.text().contains("token=") && !told.text().contains("127.0.0.1"), "{}", told.text());
    let eve = server.client();
    eve.login("eve").await;
    assert_eq!(eve.get("/check_session").await.body["email"], json!(null), "it belongs to ada again");
    assert_eq!(secure(&server.client(), &smtp.notice(ADA, 1).await).await.status, 204, "the owner's link stays");
}

/// Thirteen sign-ins from unknown browsers: ten are reported at once, and a summary of three waits.
async fn sign_in_until_a_summary_waits(server: &TestServer, smtp: &SmtpServer) {
    for _ in 0..13 {
        server.client().login("ada").await;
    }
    smtp.notice(ADA, 10).await;
    until(server, "kind = 'summary' AND attempts = 0").await;
}

#[both_databases::test]
async fn a_summary_that_waits_does_not_swallow_what_happens_after_a_link(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[("THROTTLE", "on")]).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    sign_in_until_a_summary_waits(&server, &smtp).await;
    assert_eq!(secure(&server.client(), &smtp.notice(ADA, 1).await).await.status, 204);
    assert_eq!(reset(&server.client(), &smtp.nth(2).await, NEW).await, 204);
    until(&server, "kind = 'summary' AND attempts = 0").await;
    until_recorded(&server).await;
    server.advance(HOUR);
    let summary = smtp.notice(ADA, 11).await;
    assert!(
        summary.text().contains("password changed") && !summary.text().contains("new sign-in"),
        "{}",
        summary.text()
    );
    assert_eq!(secure(&server.client(), &summary).await.status, 204);
}

#[both_databases::test]
async fn sign_ins_are_reported_unless_the_browser_or_the_account_is_new(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    client.post("/logout", &json!({})).await;
    client.login("ada").await;
    let unverified = server.client();
    register(&unverified, "eve", "eve@example.org").await;
    unverified.login("eve").await;
    server.client().login("eve").await;
    server.client().login("ada").await;
    assert_eq!(smtp.notice(ADA, 1).await.subject(), "New sign-in to your account");
    // After a day, a first sign-in is not that of whoever has just registered.
    let late = server.client();
    register(&late, "bob", "bob@example.org").await;
    let verification = smtp.arrived("bob@example.org").await;
    assert_eq!(verify(&late, &verification).await.status, 204);
    until_recorded(&server).await;
    server.advance(DAY);
    late.login("bob").await;
    smtp.notice("bob@example.org", 1).await;
    assert_eq!((smtp.notices(ADA).len(), smtp.notices("eve@example.org").len()), (1, 0));
}

#[both_databases::test]
async fn a_deletion_is_reported_without_a_link(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    assert_eq!(client.delete_with("/account", &json!({ "password": PASSWORD })).await.status, 204);
    let notice = smtp.notice(ADA, 1).await;
    assert_eq!(notice.subject(), "Your account was deleted");
    assert!(!notice.text().contains("token="), "{}", notice.text());
}

#[both_databases::test]
async fn more_than_ten_notices_in_an_hour_arrive_as_one(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[("THROTTLE", "on")]).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    sign_in_until_a_summary_waits(&server, &smtp).await;
    until_recorded(&server).await;
    server.advance(HOUR - Duration::from_millis(1));
    assert_eq!(smtp.notices(ADA).len(), 10);
    server.advance(Duration::from_millis(1));
    let summary = smtp.notice(ADA, 11).await;
    assert_eq!(summary.subject(), "More has happened to your account");
    assert_eq!(summary.text().matches("new sign-in").count(), 3, "{}", summary.text());
    assert_eq!(secure(&server.client(), &summary).await.status, 204);
}

#[both_databases::test]
async fn of_many_requests_to_secure_an_account_one_succeeds(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    change_password(&client, PASSWORD, NEW).await;
    let notice = smtp.notice(ADA, 1).await;
    let client = server.client();
    // The queue of hashes takes 16 of a network.
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let answers = join_all((0..10).map(|_| secure(&client, &notice))).await;
        statuses.extend(answers.iter().map(|answer| answer.status));
    }
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(204), count(400)), (1, 49), "{statuses:?}");
    smtp.nth(2).await;
    assert_eq!(smtp.requested().len(), 2, "one link");
}

#[both_databases::test]
async fn a_link_in_a_notice_expires_after_a_week(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    change_password(&client, PASSWORD, NEW).await;
    let notice = smtp.notice(ADA, 1).await;
    server.advance(7 * DAY);
    assert_eq!(secure(&server.client(), &notice).await.parts(), invalid_token());
    for body in [json!({ "token": "forged" }), json!({ "token": "" })] {
        assert_eq!(client.post("/account/secure", &body).await.parts(), invalid_token(), "{body}");
    }
    let missing = client.post("/account/secure", &json!({})).await;
    assert_eq!((missing.status, &missing.body["fields"]), (422, &json!({ "token": "is missing" })));
}

#[both_databases::test]
async fn a_hostile_user_agent_is_not_in_a_notice(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    let agent = "<a href=https://evil.example>Sign in</a> https://evil.example {{ site }}";
    server.client().with_headers(&[("user-agent", agent)]).login("ada").await;
    let notice = smtp.notice(ADA, 1).await;
    assert!(!notice.text().contains("evil") && !notice.html().contains("evil"), "{}", notice.text());
}

#[both_databases::test]
async fn a_page_secures_an_account_without_scripts(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let client = verified(&server, &smtp, "ada", ADA, 0).await;
    change_password(&client, PASSWORD, NEW).await;
    let token = smtp.notice(ADA, 1).await.token();
    let browser = server.client();
    let page = browser.get_with(&format!("/secure-account?token={token}"), &[("accept", "text/html")]).await;
    assert!(page.body.as_str().unwrap().contains(&format!("name=\"token\" value=\"{token}\"")), "{page:?}");
    let submit = || {
        let request = browser.request(reqwest::Method::POST, "/secure-account").header("accept", "text/html");
        browser.send(request.form(&[("token", &token)]))
    };
    let done = submit().await;
    assert_eq!((done.status, done.header("location")), (303, Some("/login?secured=on")));
    let again = submit().await;
    assert!(again.status == 400 && again.body.as_str().unwrap().contains("The link is invalid"), "{again:?}");
}
