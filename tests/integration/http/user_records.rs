//! What admins see and set of one user: sessions, tokens, events, the meter, the export, the name and the address.

use serde_json::{Value, json};

use super::email::{ADA, register, start, verified, verify};
use crate::support::{
    api_tokens::{create, program},
    client::PASSWORD,
    database::TestDatabase,
    fixtures::{MINUTE, invalid_fields, not_found},
    server::TestServer,
    smtp::SmtpServer,
};

const NEW: &str = "ada@new.example";

#[both_databases::test]
async fn the_events_of_a_user_are_listed_in_pages(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let ada = server.signed_in("ada").await;
    ada.delete("/logout").await;
    let all = admin.get("/users/2/audit").await;
    assert_eq!(all.header("link"), None);
    let own = server.client();
    own.login("ada").await;
    let events: Vec<_> = all.body.as_array().unwrap().iter().map(|entry| entry["event"].clone()).collect();
    assert_eq!((all.status, events), (200, vec![json!("signed_out"), json!("signed_in"), json!("registered")]));
    let page = admin.get("/users/2/audit?limit=1").await;
    let first = page.body[0]["id"].as_i64().unwrap();
    let next = format!("/users/2/audit?limit=1&before={first}");
    assert_eq!(page.header("link"), Some(format!("<{next}>; rel=\"next\"").as_str()));
    let mut newest = own.get("/account/audit").await.body[0].clone();
    newest["id"] = json!(first);
    assert_eq!(page.body, json!([newest]), "as its owner sees it");
    assert_eq!(admin.get(&next).await.body[0]["event"], json!("signed_out"));
    let unknown = invalid_fields(&json!({ "query": "there is no parameter event" }));
    assert_eq!(admin.get("/users/2/audit?event=failed").await.parts(), unknown);
    assert_eq!(admin.get("/users/9/audit").await.parts(), not_found());
}

#[both_databases::test]
async fn sessions_and_tokens_of_a_user_are_listed_and_ended(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let ada = server.signed_in("ada").await;
    let mut own = ada.get("/sessions").await.body;
    own[0]["current"] = json!(false);
    assert_eq!(admin.get("/users/2/sessions").await.parts(), (200, own));
    assert_eq!(admin.get("/users/1/sessions").await.body[0]["current"], json!(true));

    let program_of_ada = program(&ada, &["read"]).await;
    create(&ada, &["account"]).await;
    let tokens = ada.get("/account/tokens").await.body;
    assert_eq!(admin.get("/users/2/tokens").await.parts(), (200, tokens.clone()));
    assert_eq!(program_of_ada.get("/meter").await.status, 200);
    assert_eq!(admin.delete("/users/2/tokens/1").await.parts(), (204, json!(null)));
    assert_eq!(program_of_ada.get("/meter").await.code(), "invalid_token");
    assert_eq!(admin.delete("/users/2/tokens/1").await.parts(), not_found());
    assert_eq!(admin.delete("/users/1/tokens/2").await.parts(), not_found(), "it is another user's");
    assert_eq!(admin.get("/users/2/tokens").await.body, json!([tokens[0]]));
    assert_eq!(admin.delete("/users/2/tokens").await.parts(), (204, json!(null)));
    assert_eq!(admin.get("/users/2/tokens").await.body, json!([]));
    let last = &admin.get("/users/2/audit").await.body[0];
    assert_eq!(last["event"], json!("api_token_deleted"));
    assert_eq!(last["user_agent"], json!("tollgate token revoke by admin editor"));
    for path in ["/users/9/sessions", "/users/9/tokens"] {
        assert_eq!(admin.get(path).await.parts(), not_found(), "{path}");
    }
}

#[both_databases::test]
async fn a_token_does_not_list_those_of_its_owner_and_may_end_itself(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let token = program(&admin, &["admin"]).await;
    let error = json!({ "error": "API tokens cannot do this; sign in", "code": "insufficient_scope" });
    assert_eq!(token.get("/users/1/tokens").await.parts(), (403, error));
    server.client().register("ada").await;
    assert_eq!(token.get("/users/2/tokens").await.parts(), (200, json!([])));
    server.advance(15 * MINUTE);
    assert_eq!(admin.delete("/users/2/tokens").await.code(), "fresh_login_required");
    assert_eq!(token.delete("/users/1/tokens").await.parts(), (204, json!(null)));
    assert_eq!(token.get("/users").await.code(), "invalid_token");
}

#[both_databases::test]
async fn the_meter_is_set_within_the_limit(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let ada = server.signed_in("ada").await;
    for _ in 0..5 {
        ada.get("/blog/1").await;
    }
    let set = |body: Value| admin.send(admin.request(reqwest::Method::PUT, "/users/2/meter").json(&body));
    let meter = |used: i64| {
        let resets_at = "2026-12-21T10:00:00.000Z";
        json!({ "limit": 5, "used": used, "remaining": 5 - used, "resets_at": resets_at, "subscribed": false })
    };
    assert_eq!(set(json!({ "used": 2 })).await.parts(), (200, meter(2)));
    assert_eq!(ada.get("/blog/1").await.header("x-reads-remaining"), Some("2"));
    assert_eq!(set(json!({ "used": 5 })).await.parts(), (200, meter(5)));
    assert_eq!(ada.get("/blog/1").await.code(), "payment_required");
    for wrong in [json!({ "used": 6 }), json!({ "used": -1 }), json!({ "used": 1.5 }), json!({ "used": "1" })] {
        let fields = json!({ "used": "must be a whole number from 0 to 5" });
        assert_eq!(set(wrong).await.parts(), invalid_fields(&fields));
    }
    assert_eq!(set(json!({ "used": null })).await.parts(), invalid_fields(&json!({ "used": "is missing" })));
    let nobody = admin.request(reqwest::Method::PUT, "/users/9/meter").json(&json!({ "used": 0 }));
    assert_eq!(admin.send(nobody).await.parts(), not_found());
}

#[both_databases::test]
async fn the_export_is_the_users_own(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let ada = server.signed_in("ada").await;
    ada.get("/blog/1").await;
    let own = ada.get("/account/export").await.parts();
    assert_eq!(admin.get("/users/2/export").await.parts(), own);
    admin.patch("/users/2", &json!({ "is_active": false })).await;
    assert_eq!(admin.get("/users/2/export").await.body["user"]["is_active"], json!(false));
    assert_eq!(admin.get("/users/9/export").await.parts(), not_found());
}

#[both_databases::test]
async fn a_reader_is_renamed(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let ada = server.signed_in("ada").await;
    let renamed = admin.patch("/users/2", &json!({ "username": "Lovelace", "email": ADA })).await;
    let names = |body: &Value| (body["username"].clone(), body["email"].clone());
    assert_eq!((renamed.status, names(&renamed.body)), (200, (json!("Lovelace"), json!(ADA))));
    assert_eq!(ada.get("/check_session").await.body["username"], json!("Lovelace"));
    assert_eq!(admin.patch("/users/2", &json!({ "username": "Editor" })).await.code(), "username_taken");
    assert_eq!(admin.patch("/users/2", &json!({ "email": null })).await.body["email"], json!(null));
    let wrong = admin.patch("/users/2", &json!({ "username": "a b", "email": "x" })).await;
    assert_eq!((wrong.status, &wrong.body["fields"]["username"]), (422, &json!("must not contain spaces")));
    server.advance(15 * MINUTE);
    for change in [json!({ "username": "ada" }), json!({ "email": null })] {
        assert_eq!(admin.patch("/users/2", &change).await.code(), "fresh_login_required", "{change}");
    }
}

#[both_databases::test]
async fn a_new_address_is_pending_and_the_present_owner_is_told(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let ada = verified(&server, &smtp, "ada", ADA, 0).await;
    let admin = server.admin("editor").await;
    let changed = admin.patch("/users/1", &json!({ "email": NEW })).await;
    assert_eq!((&changed.body["email"], &changed.body["pending_email"]), (&json!(ADA), &json!(NEW)));
    let notice = smtp.notice(ADA, 1).await;
    assert_eq!(notice.subject(), "Your email address is about to change");
    let confirmation = smtp.arrived(NEW).await;
    assert_eq!(confirmation.subject(), "Confirm your email address");
    assert_eq!(verify(&server.client(), &confirmation).await.status, 204);
    assert_eq!(ada.get("/check_session").await.body["email"], json!(NEW));

    let eve = server.client();
    assert_eq!(register(&eve, "eve", "eve@example.org").await.status, 201);
    assert_eq!(admin.patch("/users/3", &json!({ "email": NEW })).await.code(), "email_taken");
}

#[both_databases::test]
async fn a_link_to_reset_the_password_goes_to_a_verified_address_only(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    let admin = server.admin("editor").await;
    let send = |id: i64| admin.send(admin.request(reqwest::Method::POST, &format!("/users/{id}/password-reset")));
    assert_eq!(send(1).await.parts(), (202, json!({})));
    let mail = smtp.nth(2).await;
    assert_eq!((mail.recipients.clone(), mail.subject()), (vec![ADA.to_owned()], "Reset your password".to_owned()));
    let reset = json!({ "token": mail.token(), "new_password": "seven wiser toads" });
    assert_eq!(server.client().post("/password/reset", &reset).await.status, 204);
    assert_eq!(server.client().try_login("ada", PASSWORD).await, 400);
    let error = json!({ "error": "this account has no email address", "code": "no_email" });
    assert_eq!(send(2).await.parts(), (409, error));
    assert_eq!(send(9).await.parts(), not_found());
}
