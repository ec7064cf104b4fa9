//! Signing in with an OpenID Connect provider.

use serde_json::{Value, json};

use super::{
    email::{ADA, mail_settings, register, verified},
    email_login,
};
use crate::support::{
    authenticator::{enrol, second_step},
    client::{Answer, CHROMIUM, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{HOUR, MINUTE, not_found},
    provider::{Mood, Provider, SigningKey, depart, settings, sign_in, target},
    server::TestServer,
    smtp::SmtpServer,
};

pub(super) async fn start(database: TestDatabase, provider: &Provider) -> TestServer {
    TestServer::with(database, &settings(provider)).await
}

/// A server that also sends email.
pub(super) async fn start_with_mail(database: TestDatabase, provider: &Provider, smtp: &SmtpServer) -> TestServer {
    let url = smtp.url();
    let settings = [&mail_settings(&url)[..], &settings(provider), &[email_login::ON]].concat();
    TestServer::with(database, &settings).await
}

/// Somebody whose address the provider has verified.
pub(super) fn ada() -> Value {
    json!({ "sub": "ada", "email": ADA, "email_verified": true })
}

pub(super) fn login(error: &str) -> String {
    format!("/login?next=%2F&error={error}")
}

pub(super) async fn user(client: &Client) -> Value {
    let answer = client.get("/check_session").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

pub(super) async fn events(client: &Client) -> Vec<Value> {
    let events = client.get("/account/audit").await.body;
    events.as_array().unwrap().iter().map(|event| event["event"].clone()).collect()
}

pub(super) async fn identities(client: &Client) -> Answer {
    client.get("/account/identities").await
}

#[both_databases::test]
async fn a_new_identity_gets_an_account_and_signs_in_to_it_again(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let methods = server.client().get("/login/methods").await;
    assert_eq!(methods.body["oidc"], json!([{ "name": "sso", "label": "sso", "url": "/login/oidc/sso" }]));

    let client = server.client();
    let address = depart(&client, "/login/oidc/sso?next=/blog/1&stay_signed_in=true").await;
    assert!(address.starts_with(&format!("{}/authorize?", provider.issuer())), "{address}");
    for part in
        ["scope=openid+email+profile", "redirect_uri=http%3A%2F%2Flocalhost%3A0%2Flogin%2Foidc%2Fsso%2Fcallback"]
    {
        assert!(address.contains(part), "{address}");
    }
    assert!(!client.is_signed_in().await);
    let back = client.get(&provider.consent(&address, &ada())).await;
    assert_eq!(target(&back), (302, "/blog/1"));
    let cookies: Vec<_> = back.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, it)| it).collect();
    assert!(cookies[0].starts_with("session=") && cookies[0].contains("Max-Age=2592000"), "{cookies:?}");
    assert!(cookies.iter().any(|cookie| cookie.starts_with("oidc=;")), "{cookies:?}");

    let account = user(&client).await;
    let name = account["username"].as_str().unwrap();
    assert!(name.starts_with("reader-") && name.len() == 15, "{name}");
    assert_eq!((&account["email"], &account["email_verified"]), (&json!(ADA), &json!(true)));
    assert_eq!(account["session"]["stay_signed_in"], json!(true));
    assert_eq!(events(&client).await, ["signed_in", "identity_added", "email_verified", "registered"]);
    assert_eq!(server.client().try_login(name, PASSWORD).await, 400, "it has no password");

    server.advance(HOUR);
    // The address plays no part any more.
    let other = server.client();
    let claims = json!({ "sub": "ada", "email": "lovelace@example.org", "email_verified": true });
    assert_eq!(target(&sign_in(&other, &provider, &claims).await), (302, "/"));
    let again = user(&other).await;
    assert_eq!((&again["id"], &again["email"]), (&account["id"], &json!(ADA)));
    let expected = json!([{
        "id": 1, "provider": "sso", "label": "sso", "email": ADA, "created_at": "2026-11-21T10:00:00.000Z",
        "last_used_at": "2026-11-21T11:00:00.000Z",
    }]);
    assert_eq!(identities(&other).await.parts(), (200, expected));
}

#[both_databases::test]
async fn an_address_that_is_not_in_the_token_is_that_of_the_user_info_endpoint(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let claims = json!({ "sub": "ada" });
    // Of somebody else: the token would be another person's.
    provider.state().user_info = json!({ "sub": "eve", "email": ADA, "email_verified": true });
    let client = server.client();
    assert_eq!(target(&sign_in(&client, &provider, &claims).await), (302, &*login("provider_error")));
    assert!(!client.is_signed_in().await);
    provider.state().moods.insert("/userinfo", Mood::Fails);
    assert_eq!(target(&sign_in(&client, &provider, &claims).await), (302, &*login("provider_unavailable")));

    provider.state().moods.clear();
    provider.state().user_info = json!({ "sub": "ada", "email": ADA, "email_verified": true });
    assert_eq!(target(&sign_in(&client, &provider, &claims).await), (302, "/"));
    let account = user(&client).await;
    assert_eq!((&account["email"], &account["email_verified"]), (&json!(ADA), &json!(true)));
    // A token with an address needs no other request.
    let asked = provider.requests("/userinfo");
    assert_eq!(target(&sign_in(&server.client(), &provider, &ada()).await), (302, "/"));
    assert_eq!(provider.requests("/userinfo"), asked);
}

#[both_databases::test]
async fn tokens_signed_with_rsa_are_accepted_and_two_subjects_are_two_people(database: TestDatabase) {
    let provider = Provider::start().await;
    let key = SigningKey::rsa("rsa");
    provider.state().published = vec![SigningKey::ecdsa("other"), key.clone()];
    provider.state().signing = key;
    let server = start(database, &provider).await;
    let (ada, eve) = (server.client(), server.client());
    sign_in(&ada, &provider, &json!({ "sub": "1" })).await;
    sign_in(&eve, &provider, &json!({ "sub": "2" })).await;
    let (ada, eve) = (user(&ada).await, user(&eve).await);
    assert_ne!(ada["id"], eve["id"]);
    assert_eq!((&ada["email"], &ada["email_verified"]), (&Value::Null, &json!(false)));
}

#[both_databases::test]
async fn an_address_that_the_provider_has_not_verified_stays_unverified_and_links_nothing(database: TestDatabase) {
    let (provider, smtp) = (Provider::start().await, SmtpServer::start());
    let server = start_with_mail(database, &provider, &smtp).await;
    let owner = verified(&server, &smtp, "ada", ADA, 0).await;
    for (number, claims) in [
        json!({ "sub": "a", "email": ADA, "email_verified": false }),
        json!({ "sub": "b", "email": ADA }),
        json!({ "sub": "c", "email": ADA, "email_verified": "false" }),
    ]
    .iter()
    .enumerate()
    {
        let client = server.client();
        assert_eq!(target(&sign_in(&client, &provider, claims).await), (302, "/"), "{number}");
        let account = user(&client).await;
        assert_ne!(account["username"], json!("ada"));
        assert_eq!((&account["email"], &account["email_verified"]), (&json!(ADA), &json!(false)));
    }
    assert_eq!(identities(&owner).await.body, json!([]));
    assert_eq!(smtp.requested().len(), 1, "the owner of the address gets no messages");

    let client = server.client();
    sign_in(&client, &provider, &json!({ "sub": "d", "email": "d@example.org" })).await;
    let mail = smtp.nth(2).await;
    assert_eq!(
        (mail.recipients.as_slice(), &*mail.subject()),
        (&["d@example.org".to_owned()][..], "Confirm your email address")
    );
    assert_eq!(server.client().post("/email/verify", &json!({ "token": mail.token() })).await.status, 204);
    assert_eq!(user(&client).await["email_verified"], json!(true));
}

#[both_databases::test]
async fn the_owner_of_the_verified_address_signs_in_first_and_then_the_identity_is_linked(database: TestDatabase) {
    let (provider, smtp) = (Provider::start().await, SmtpServer::start());
    let server = start_with_mail(database, &provider, &smtp).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    let client = server.client();
    let address = depart(&client, "/login/oidc/sso?next=/blog/1").await;
    let back = client.get(&provider.consent(&address, &ada())).await;
    assert_eq!(target(&back), (302, "/login?next=%2Fblog%2F1&error=sign_in_to_link"));
    assert!(!client.is_signed_in().await);
    let page = client.get_with("/login?error=sign_in_to_link", &[("accept", CHROMIUM)]).await;
    assert!(page.body.as_str().unwrap().contains("Sign in to it within 10 minutes to link it"), "{page:?}");

    client.login("ada").await;
    // Later than the notice of the sign-in, whose link must remove it.
    let expected = json!([{
        "id": 1, "provider": "sso", "label": "sso", "email": ADA, "created_at": "2026-11-21T10:00:00.001Z",
        "last_used_at": null,
    }]);
    assert_eq!(identities(&client).await.parts(), (200, expected));
    assert_eq!(smtp.notice(ADA, 1).await.subject(), "New sign-in to your account");
    assert_eq!(smtp.notice(ADA, 2).await.subject(), "Your account has a new way to sign in");
    assert_eq!(events(&client).await[..2], ["identity_added", "signed_in"]);
    let other = server.client();
    assert_eq!(target(&sign_in(&other, &provider, &ada()).await), (302, "/"));
    assert_eq!(user(&other).await["username"], json!("ada"));
}

#[both_databases::test]
async fn a_code_in_a_message_and_a_second_factor_link_the_waiting_identity_as_well(database: TestDatabase) {
    let (provider, smtp) = (Provider::start().await, SmtpServer::start());
    let server = start_with_mail(database, &provider, &smtp).await;
    let phone = verified(&server, &smtp, "ada", ADA, 0).await;
    let (app, _) = enrol(&server, &phone).await;
    server.advance(MINUTE);
    let client = server.client();
    assert_eq!(target(&sign_in(&client, &provider, &ada()).await), (302, &*login("sign_in_to_link")));
    let first = email_login::sign_in(&client, &smtp, ADA, 1).await;
    assert_eq!((first.status, first.code()), (401, "second_factor_required"));
    assert_eq!(identities(&phone).await.body, json!([]), "one factor is not enough");
    assert_eq!(second_step(&client, "totp", &app.code()).await.status, 200);
    assert_eq!(identities(&client).await.body.as_array().unwrap().len(), 1);

    // The second factor is asked for as always.
    server.advance(MINUTE);
    let other = server.client();
    let address = depart(&other, "/login/oidc/sso?next=/blog/1").await;
    let back = other.get(&provider.consent(&address, &ada())).await;
    assert_eq!(target(&back), (302, "/login/second-factor?next=%2Fblog%2F1"));
    assert!(!other.is_signed_in().await);
    assert_eq!(second_step(&other, "totp", &app.code()).await.status, 200);
    assert_eq!(user(&other).await["username"], json!("ada"));
}

#[both_databases::test]
async fn a_waiting_identity_is_linked_to_nobody_else_and_not_for_long(database: TestDatabase) {
    let (provider, smtp) = (Provider::start().await, SmtpServer::start());
    let server = start_with_mail(database, &provider, &smtp).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    server.client().register("eve").await;
    let shared = server.client();
    sign_in(&shared, &provider, &ada()).await;
    shared.login("eve").await;
    assert_eq!(identities(&shared).await.body, json!([]), "people share browsers");
    shared.login("ada").await;
    assert_eq!(identities(&shared).await.body, json!([]), "the first sign-in has used it up");

    let late = server.client();
    sign_in(&late, &provider, &ada()).await;
    server.advance(10 * MINUTE);
    late.login("ada").await;
    assert_eq!(identities(&late).await.body, json!([]));

    // A page of another site sends the browser to the provider, where somebody else is signed in.
    let lured = server.client();
    let address = lured.get_with("/login/oidc/sso", &[("sec-fetch-site", "cross-site")]).await;
    let back = lured.get(&provider.consent(address.header("location").unwrap(), &ada())).await;
    assert_eq!(target(&back), (302, &*login("sign_in_to_link")));
    lured.login("ada").await;
    assert_eq!(identities(&lured).await.body, json!([]));
}

#[both_databases::test]
async fn with_registration_closed_only_known_identities_sign_in(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = TestServer::with(database, &[&settings(&provider)[..], &[("REGISTRATION", "closed")]].concat()).await;
    let client = server.client();
    assert_eq!(target(&sign_in(&client, &provider, &ada()).await), (302, &*login("registration_closed")));
    assert_eq!(server.execute("UPDATE users SET id = id").await, 0);
}

#[both_databases::test]
async fn a_disabled_account_stays_closed(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    sign_in(&server.client(), &provider, &ada()).await;
    assert_eq!(server.execute("UPDATE users SET is_active = FALSE").await, 1);
    let client = server.client();
    assert_eq!(target(&sign_in(&client, &provider, &ada()).await), (302, &*login("account_disabled")));
    assert!(!client.is_signed_in().await);
}

#[both_databases::test]
async fn a_network_makes_twenty_accounts_in_an_hour(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = TestServer::with(database, &[&settings(&provider)[..], &[("THROTTLE", "on")]].concat()).await;
    for number in 0..20 {
        let back = sign_in(&server.client(), &provider, &json!({ "sub": number.to_string() })).await;
        assert_eq!(target(&back), (302, "/"));
    }
    let back = sign_in(&server.client(), &provider, &json!({ "sub": "20" })).await;
    assert_eq!(target(&back), (302, &*login("too_many_requests")));
    assert_eq!(target(&sign_in(&server.client(), &provider, &json!({ "sub": "0" })).await), (302, "/"), "it has one");
}

#[both_databases::test]
async fn an_app_on_a_listed_origin_gets_its_users_and_its_errors_back(database: TestDatabase) {
    let provider = Provider::start().await;
    let origins = ("CORS_ORIGINS", "https://app.example");
    let server = TestServer::with(database, &[&settings(&provider)[..], &[origins]].concat()).await;
    let client = server.client();
    let start = "/login/oidc/sso?next=https://app.example/read%3Fa%3Db";
    let address = depart(&client, start).await;
    let back = client.get(&provider.refuse(&address, "access_denied")).await;
    let next = "https%3A%2F%2Fapp.example%2Fread%3Fa%3Db";
    assert_eq!(target(&back), (302, &*format!("https://app.example/login?next={next}&error=access_denied")));
    let address = depart(&client, start).await;
    let back = client.get(&provider.consent(&address, &ada())).await;
    assert_eq!(target(&back), (302, "https://app.example/read?a=b"));
    for elsewhere in
        ["https://evil.example/", "//evil.example", "https://app.example.evil.example/", "/%5Cevil.example"]
    {
        let address = depart(&client, &format!("/login/oidc/sso?next={elsewhere}")).await;
        let back = client.get(&provider.consent(&address, &ada())).await;
        assert_eq!(target(&back), (302, "/"), "{elsewhere}");
    }
}

#[both_databases::test]
async fn an_answer_that_the_provider_makes_the_browser_post_is_followed_with_get(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let client = server.client();
    let address = depart(&client, "/login/oidc/sso").await;
    let back = provider.consent(&address, &ada());
    let (path, fields) = back.split_once('?').unwrap();
    let (code, state) = fields.split_once('&').unwrap();
    // As browsers do it: from another site, and therefore without cookies.
    let stranger = server.client();
    let posted = stranger
        .request(reqwest::Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://appleid.apple.com")
        .header("sec-fetch-site", "cross-site")
        .body(format!("{fields}&user=x"));
    let posted = stranger.send(posted).await;
    let followed = format!("{path}?{state}&{code}");
    assert_eq!((target(&posted), posted.header("set-cookie")), ((303, &*followed), None));
    assert_eq!(target(&client.get(&followed).await), (302, "/"));
    assert!(client.is_signed_in().await);
}

#[both_databases::test]
async fn pages_have_a_button_for_each_provider_and_show_what_went_wrong(database: TestDatabase) {
    let provider = Provider::start().await;
    let label = ("OIDC_SSO_LABEL", "Work & play");
    let server = TestServer::with(database, &[&settings(&provider)[..], &[label]].concat()).await;
    let html = [("accept", CHROMIUM)];
    let text = async |client: &Client, path: &str| {
        client.get_with(path, &html).await.body.as_str().unwrap_or_default().to_owned()
    };
    let client = server.client();
    for page in ["/login?next=/blog/1", "/register?next=/blog/1"] {
        let page = text(&client, page).await;
        assert!(page.contains("href=\"/login/oidc/sso?next=%2Fblog%2F1\">Continue with Work &#38; play<"), "{page}");
    }
    for (code, sentence) in [
        ("access_denied", "You have not allowed the sign-in"),
        ("account_disabled", "This account is disabled"),
        ("identity_taken", "is linked to another account here"),
        ("login_expired", "took too long"),
        ("provider_error", "could not confirm who you are"),
        ("provider_unavailable", "cannot be reached"),
        ("registration_closed", "registration is closed"),
        ("too_many_requests", "Too many attempts"),
    ] {
        let page = text(&client, &format!("/login?error={code}")).await;
        assert!(page.contains("role=\"alert\"") && page.contains(sentence), "{page}");
    }
    assert!(!text(&client, "/login?error=<b>x").await.contains("<p class=\"notice\" role=\"alert\">"));

    provider.set_mood(Mood::Fails);
    let down = client.get_with("/login/oidc/sso", &html).await;
    assert_eq!((down.status, down.header("retry-after")), (503, Some("10")));
    assert!(down.body.as_str().unwrap().contains("This provider cannot be reached"), "{down:?}");
}

#[both_databases::test]
async fn without_the_setting_nothing_of_it_exists(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    for path in ["/login/oidc/google", "/login/oidc/google/callback", "/login/oidc/", "/login/oidc/google/x"] {
        assert_eq!(client.get(path).await.parts(), not_found(), "{path}");
    }
    let member = server.signed_in("ada").await;
    assert_eq!(identities(&member).await.parts(), (200, json!([])));
    assert_eq!(member.post("/account/identities/google", &json!({})).await.parts(), not_found());
    let login = client.get_with("/login", &[("accept", CHROMIUM)]).await;
    assert!(!login.body.as_str().unwrap().contains("/login/oidc/"));
}

#[both_databases::test]
async fn sign_ins_are_counted_by_provider_and_outcome(database: TestDatabase) {
    let provider = Provider::start().await;
    let metrics = ("METRICS_ADDR", "127.0.0.1:0");
    let server = TestServer::with(database, &[&settings(&provider)[..], &[metrics]].concat()).await;
    sign_in(&server.client(), &provider, &ada()).await;
    server.client().get("/login/oidc/sso/callback?state=x&code=y").await;
    let address = format!("http://{}/metrics", server.metrics.unwrap());
    let text = reqwest::get(address).await.unwrap().text().await.unwrap();
    for (outcome, count) in [("success", 1), ("login_expired", 1), ("provider_unavailable", 0)] {
        let line = format!("oidc_logins_total{{provider=\"sso\",outcome=\"{outcome}\"}} {count}");
        assert!(text.contains(&line), "{line} in {text}");
    }
}

/// What an attacker has, who created an account with the victim's address before the victim did.
async fn attacker(server: &TestServer, smtp: &SmtpServer) -> Client {
    let client = server.client();
    assert_eq!(register(&client, "mallory", ADA).await.status, 201);
    smtp.nth(1).await;
    client.login("mallory").await;
    client
}

/// The account that the victim signs in to with the provider.
async fn victim(server: &TestServer, provider: &Provider) -> (Client, Value) {
    let client = server.client();
    assert_eq!(target(&sign_in(&client, provider, &ada()).await), (302, "/"));
    let user = user(&client).await;
    assert_ne!(user["username"], json!("mallory"), "another account than the attacker's");
    assert_eq!((&user["email"], &user["email_verified"]), (&json!(ADA), &json!(true)));
    (client, user)
}

// The attacks of Sudhodanan and Paverd, "Pre-hijacked accounts", USENIX Security 2022.

#[both_databases::test]
async fn pre_hijacking_by_classic_federated_merge(database: TestDatabase) {
    let (provider, smtp) = (Provider::start().await, SmtpServer::start());
    let server = start_with_mail(database, &provider, &smtp).await;
    let mallory = attacker(&server, &smtp).await;
    let (_, ada) = victim(&server, &provider).await;
    let theirs = user(&mallory).await;
    assert_eq!((&theirs["email"], theirs["id"] == ada["id"]), (&Value::Null, false));
    assert_eq!(server.client().try_login(ADA, PASSWORD).await, 400, "the password opens the attacker's account only");
}

#[both_databases::test]
async fn pre_hijacking_by_unexpired_session_identifier(database: TestDatabase) {
    let (provider, smtp) = (Provider::start().await, SmtpServer::start());
    let server = start_with_mail(database, &provider, &smtp).await;
    let mallory = attacker(&server, &smtp).await;
    let (browser, ada) = victim(&server, &provider).await;
    assert_ne!(user(&mallory).await["id"], ada["id"]);
    assert_eq!(browser.get("/sessions").await.body.as_array().unwrap().len(), 1);
}

#[both_databases::test]
async fn pre_hijacking_by_trojan_identifier(database: TestDatabase) {
    let (provider, smtp) = (Provider::start().await, SmtpServer::start());
    let server = start_with_mail(database, &provider, &smtp).await;
    // The attacker's own identity is linked to the account with the victim's address.
    let mallory = attacker(&server, &smtp).await;
    let url = mallory.post("/account/identities/sso", &json!({})).await.body["url"].as_str().unwrap().to_owned();
    let claims = json!({ "sub": "mallory", "email": "mallory@example.org", "email_verified": true });
    assert_eq!(target(&mallory.get(&provider.consent(&url, &claims)).await), (302, "/account"));
    let (browser, ada) = victim(&server, &provider).await;
    let trojan = server.client();
    sign_in(&trojan, &provider, &claims).await;
    assert_ne!(user(&trojan).await["id"], ada["id"]);
    let linked = identities(&browser).await.body;
    assert_eq!((linked.as_array().unwrap().len(), &linked[0]["email"]), (1, &json!(ADA)));
}

#[both_databases::test]
async fn pre_hijacking_by_unexpired_email_change(database: TestDatabase) {
    let (provider, smtp) = (Provider::start().await, SmtpServer::start());
    let server = start_with_mail(database, &provider, &smtp).await;
    // The attacker's change to the victim's address waits for the victim to confirm it.
    let mallory = verified(&server, &smtp, "mallory", "mallory@example.org", 0).await;
    assert_eq!(mallory.patch("/account", &json!({ "email": ADA })).await.status, 200);
    let waiting = smtp.nth(2).await;
    let (browser, ada) = victim(&server, &provider).await;
    let verify = server.client().post("/email/verify", &json!({ "token": waiting.token() })).await;
    assert_eq!(verify.status, 400, "the attacker's account has lost the address");
    assert_eq!(user(&browser).await["id"], ada["id"]);
    assert_eq!(user(&mallory).await["email"], json!("mallory@example.org"));
}

#[both_databases::test]
async fn pre_hijacking_by_non_verifying_provider(database: TestDatabase) {
    let (provider, smtp) = (Provider::start().await, SmtpServer::start());
    let server = start_with_mail(database, &provider, &smtp).await;
    // The provider lets the attacker enter the victim's address, and does not verify it.
    let mallory = server.client();
    sign_in(&mallory, &provider, &json!({ "sub": "mallory", "email": ADA })).await;
    smtp.nth(1).await;
    let (_, ada) = victim(&server, &provider).await;
    let theirs = user(&mallory).await;
    assert_eq!((&theirs["email"], theirs["id"] == ada["id"]), (&Value::Null, false));
    // A later one is not linked to the victim's account either.
    let again = server.client();
    sign_in(&again, &provider, &json!({ "sub": "mallory2", "email": ADA })).await;
    assert_ne!(user(&again).await["id"], ada["id"]);
}
