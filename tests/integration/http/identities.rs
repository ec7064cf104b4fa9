//! `/account/identities`: linking and unlinking accounts of providers.

use serde_json::{Value, json};

use super::{
    email::ADA,
    oidc::{ada, events, identities, start, start_with_mail, user},
};
use crate::support::{
    client::{Answer, CHROMIUM, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{HOUR, not_found},
    provider::{Provider, settings, sign_in, target},
    server::TestServer,
    smtp::SmtpServer,
};

async fn link(client: &Client, provider: &Provider, claims: &Value) -> Answer {
    let started = client.post("/account/identities/sso", &json!({})).await;
    assert_eq!(started.status, 200, "{started:?}");
    client.get(&provider.consent(started.body["url"].as_str().unwrap(), claims)).await
}

fn last_credential() -> (u16, Value) {
    let error = "this is the only way to sign in to this account; set a password or add a passkey first";
    (409, json!({ "error": error, "code": "last_credential" }))
}

#[both_databases::test]
async fn a_signed_in_user_links_an_account_of_a_provider_and_unlinks_it(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let client = server.signed_in("lovelace").await;
    // The address does not matter: the user has chosen the account.
    assert_eq!(target(&link(&client, &provider, &ada()).await), (302, "/account"));
    assert_eq!(target(&link(&client, &provider, &ada()).await), (302, "/account"), "once more changes nothing");
    assert_eq!(user(&client).await["email"], Value::Null);
    let other = server.client();
    sign_in(&other, &provider, &ada()).await;
    assert_eq!(user(&other).await["username"], json!("lovelace"));

    assert_eq!(client.delete("/account/identities/1").await.parts(), (204, Value::Null));
    assert_eq!(client.delete("/account/identities/1").await.parts(), not_found());
    assert_eq!(identities(&client).await.parts(), (200, json!([])));
    assert!(other.is_signed_in().await);
    let audit = events(&client).await;
    assert_eq!(audit[..3], ["identity_removed", "signed_in", "identity_added"]);
    let new = server.client();
    sign_in(&new, &provider, &ada()).await;
    assert_ne!(user(&new).await["username"], json!("lovelace"), "it is nobody's any more");
}

#[both_databases::test]
async fn linking_and_unlinking_need_a_fresh_session_or_the_password(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let client = server.signed_in("ada").await;
    link(&client, &provider, &ada()).await;
    server.advance(HOUR);
    let stale = client.post("/account/identities/sso", &json!({})).await;
    assert_eq!((stale.status, stale.code(), stale.header("set-cookie")), (401, "fresh_login_required", None));
    assert_eq!(client.delete("/account/identities/1").await.code(), "fresh_login_required");
    let wrong = json!({ "current_password": "wrong" });
    assert_eq!(client.delete_with("/account/identities/1", &wrong).await.code(), "incorrect_password");
    let right = json!({ "current_password": PASSWORD });
    assert_eq!(client.post("/account/identities/sso", &right).await.status, 200);
    assert_eq!(client.delete_with("/account/identities/1", &right).await.status, 204);
    assert_eq!(server.client().get("/account/identities").await.code(), "login_required");
}

#[both_databases::test]
async fn an_identity_of_somebody_else_cannot_be_linked_or_unlinked(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let owner = server.client();
    sign_in(&owner, &provider, &ada()).await;
    let eve = server.signed_in("eve").await;
    assert_eq!(target(&link(&eve, &provider, &ada()).await), (302, "/login?next=%2Faccount&error=identity_taken"));
    let page = eve.get_with("/login?next=/account&error=identity_taken", &[("accept", CHROMIUM)]).await;
    assert_eq!(target(&page), (303, "/account?error=identity_taken"));
    let page = eve.get_with("/account?error=identity_taken", &[("accept", CHROMIUM)]).await;
    assert!(page.body.as_str().unwrap().contains("is linked to another account here"), "{page:?}");
    assert_eq!(eve.delete("/account/identities/1").await.parts(), not_found());
    assert_eq!(identities(&owner).await.body.as_array().unwrap().len(), 1);
    assert_eq!(identities(&eve).await.body, json!([]));
}

#[both_databases::test]
async fn only_the_session_that_has_asked_gets_the_identity(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let browser = server.signed_in("ada").await;
    let started = browser.post("/account/identities/sso", &json!({})).await;
    let answer = provider.consent(started.body["url"].as_str().unwrap(), &ada());
    // Somebody else signs in with the same browser in the meantime.
    server.client().register("eve").await;
    browser.login("eve").await;
    assert_eq!(target(&browser.get(&answer).await), (302, "/login?next=%2Faccount&error=login_expired"));
    assert_eq!(identities(&browser).await.body, json!([]));

    let browser = server.client();
    browser.login("ada").await;
    let started = browser.post("/account/identities/sso", &json!({})).await;
    let answer = provider.consent(started.body["url"].as_str().unwrap(), &ada());
    browser.delete("/logout").await;
    assert_eq!(target(&browser.get(&answer).await), (302, "/login?next=%2Faccount&error=login_expired"));
    assert_eq!(server.execute("UPDATE identities SET id = id").await, 0);
}

#[both_databases::test]
async fn the_last_way_to_sign_in_stays(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let client = server.client();
    sign_in(&client, &provider, &ada()).await;
    assert_eq!(client.delete("/account/identities/1").await.parts(), last_credential());
    link(&client, &provider, &json!({ "sub": "second" })).await;
    assert_eq!(client.delete("/account/identities/1").await.status, 204, "there is another one");
    assert_eq!(client.delete("/account/identities/2").await.parts(), last_credential());
    let set = client.post("/account/password", &json!({ "new_password": PASSWORD })).await;
    assert_eq!(set.status, 204, "{set:?}");
    assert_eq!(client.delete("/account/identities/2").await.status, 204, "there is a password");
}

#[both_databases::test]
async fn an_identity_of_a_provider_that_is_gone_is_no_way_in(database: TestDatabase) {
    let (provider, other) = (Provider::start().await, Provider::start().await);
    let server = start(database, &provider).await;
    let client = server.client();
    sign_in(&client, &provider, &ada()).await;
    let renamed = [&settings(&other)[..], &[("OIDC_PROVIDERS", "google"), ("OIDC_GOOGLE_CLIENT_ID", "g")]].concat();
    let node = client.at(&server.second_node(&renamed).await);
    let listed = identities(&node).await.body;
    assert_eq!((&listed[0]["provider"], &listed[0]["label"]), (&Value::Null, &json!(provider.issuer())));
    assert_eq!(node.delete("/account/identities/1").await.parts(), last_credential());
}

#[both_databases::test]
async fn a_verified_address_is_a_way_in_where_messages_sign_people_in(database: TestDatabase) {
    let (provider, smtp) = (Provider::start().await, SmtpServer::start());
    let server = start_with_mail(database, &provider, &smtp).await;
    let client = server.client();
    sign_in(&client, &provider, &ada()).await;
    assert_eq!(client.delete("/account/identities/1").await.status, 204);
    assert_eq!(smtp.notice(ADA, 1).await.subject(), "A way to sign in to your account was removed");
}

#[both_databases::test]
async fn this_wasnt_me_removes_what_was_linked_and_keeps_what_was_there(database: TestDatabase) {
    let (provider, smtp) = (Provider::start().await, SmtpServer::start());
    let server = start_with_mail(database, &provider, &smtp).await;
    let client = server.client();
    sign_in(&client, &provider, &ada()).await;
    server.advance(HOUR);
    // An intruder at the same browser.
    sign_in(&client, &provider, &ada()).await;
    link(&client, &provider, &json!({ "sub": "mallory" })).await;
    let notice = smtp.notice(ADA, 1).await;
    assert_eq!(notice.subject(), "Your account has a new way to sign in");
    assert_eq!(server.client().post("/account/secure", &json!({ "token": notice.token() })).await.status, 204);
    assert!(!client.is_signed_in().await);
    let owner = server.client();
    sign_in(&owner, &provider, &ada()).await;
    let left = identities(&owner).await.body;
    assert_eq!((left.as_array().unwrap().len(), &left[0]["id"]), (1, &json!(1)));
    assert!(events(&owner).await.contains(&json!("identity_removed")));
}

#[both_databases::test]
async fn the_export_has_identities_and_deletion_frees_them(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let client = server.client();
    sign_in(&client, &provider, &ada()).await;
    let expected = json!([{
        "id": 1, "issuer": provider.issuer(), "subject": "ada", "email": ADA, "created_at": "2026-11-21T10:00:00.000Z",
        "last_used_at": "2026-11-21T10:00:00.000Z",
    }]);
    assert_eq!(client.get("/account/export").await.body["identities"], expected);
    let before = user(&client).await["id"].clone();
    assert_eq!(client.delete_with("/account", &json!({})).await.status, 204);
    assert_eq!(server.execute("UPDATE identities SET id = id").await, 0);
    let again = server.client();
    sign_in(&again, &provider, &ada()).await;
    assert_ne!(user(&again).await["id"], before);
}

#[both_databases::test]
async fn the_account_page_links_and_unlinks_without_scripts(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let client = server.signed_in("ada").await;
    let post = async |fields: &[(&str, &str)]| {
        let request = client.request(reqwest::Method::POST, "/account").header("accept", CHROMIUM).form(fields);
        client.send(request).await
    };
    let page = post(&[("action", "link-identity"), ("provider", "sso")]).await;
    let text = page.body.as_str().unwrap();
    let start = text.find(&format!("href=\"{}/authorize?", provider.issuer())).unwrap() + 6;
    let url = text[start..].split('"').next().unwrap().replace("&#38;", "&");
    assert_eq!(target(&client.get(&provider.consent(&url, &ada())).await), (302, "/account"));
    let account = client.get_with("/account", &[("accept", CHROMIUM)]).await;
    assert!(account.body.as_str().unwrap().contains("aria-label=\"Remove sso\""), "{account:?}");
    assert_eq!(target(&post(&[("action", "unlink-identity"), ("id", "1")]).await), (303, "/account"));
    assert_eq!(identities(&client).await.body, json!([]));
    assert_eq!(post(&[("action", "link-identity"), ("provider", "nobody")]).await.status, 404);
}

#[both_databases::test]
async fn twenty_changes_in_an_hour_are_enough(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = TestServer::with(database, &[&settings(&provider)[..], &[("THROTTLE", "on")]].concat()).await;
    let client = server.signed_in("ada").await;
    for number in 0..20 {
        let linked = link(&client, &provider, &json!({ "sub": number.to_string() })).await;
        assert_eq!(target(&linked), (302, "/account"));
    }
    let linked = link(&client, &provider, &json!({ "sub": "20" })).await;
    assert_eq!(target(&linked), (302, "/login?next=%2Faccount&error=too_many_requests"));
    assert_eq!(client.delete("/account/identities/1").await.status, 429);
}
