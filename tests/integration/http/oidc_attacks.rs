//! Hostile browsers and hostile providers.

use actix_web::rt::spawn;
use serde_json::{Value, json};

use super::oidc::{ada, login, start, user};
use crate::support::{
    client::{Answer, Client},
    database::TestDatabase,
    fixtures::{HOUR, MINUTE},
    provider::{CLIENT_ID, CLIENT_SECRET, Mood, Provider, Signature, SigningKey, depart, settings, sign_in, target},
    server::TestServer,
};

async fn is_rejected(server: &TestServer, client: &Client, answer: &Answer, error: &str) {
    assert_eq!(target(answer), (302, &*login(error)));
    assert!(!client.is_signed_in().await);
    assert_eq!(server.execute("UPDATE users SET id = id").await, 0, "nobody got an account");
}

#[both_databases::test]
async fn an_answer_without_the_cookie_or_with_that_of_another_browser_signs_nobody_in(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let (victim, attacker) = (server.client(), server.client());
    let answer = provider.consent(&depart(&attacker, "/login/oidc/sso").await, &ada());
    is_rejected(&server, &victim, &victim.get(&answer).await, "login_expired").await;
    depart(&victim, "/login/oidc/sso").await;
    is_rejected(&server, &victim, &victim.get(&answer).await, "login_expired").await;
    let (path, query) = answer.split_once('?').unwrap();
    for wrong in ["", "?code=x", "?state=&code=x", "?state=x"] {
        is_rejected(&server, &attacker, &attacker.get(&format!("{path}{wrong}")).await, "login_expired").await;
    }
    // None of it has used up the answer of the browser that it is for.
    assert_eq!(target(&attacker.get(&format!("{path}?{query}")).await), (302, "/"));
}

#[both_databases::test]
async fn a_cookie_that_is_changed_expired_or_under_another_name_is_none(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let client = server.client().without_cookies();
    let departure = client.get("/login/oidc/sso").await;
    let cookie = departure.cookie();
    let answer = provider.consent(departure.header("location").unwrap(), &ada());
    assert!(!cookie.contains("verifier") && !cookie.contains("sso"), "{cookie}");
    let (name, value) = cookie.split_once('=').unwrap();
    let middle = value.len() / 2;
    let flipped = if &value[middle..=middle] == "A" { "B" } else { "A" };
    let changed = format!("{name}={}{flipped}{}", &value[..middle], &value[middle + 1..]);
    for wrong in [changed, format!("%6Fidc={value}"), format!("reader={value}"), format!("{name}=")] {
        let back = client.get_with(&answer, &[("cookie", &wrong)]).await;
        is_rejected(&server, &client, &back, "login_expired").await;
    }
    server.advance(10 * MINUTE);
    let back = client.get_with(&answer, &[("cookie", &cookie)]).await;
    is_rejected(&server, &client, &back, "login_expired").await;
}

#[both_databases::test]
async fn an_answer_of_another_provider_signs_nobody_in(database: TestDatabase) {
    let (provider, evil) = (Provider::start().await, Provider::start().await);
    let both = [
        ("OIDC_PROVIDERS", "sso,evil"),
        ("OIDC_EVIL_ISSUER", evil.issuer()),
        ("OIDC_EVIL_CLIENT_ID", CLIENT_ID),
        ("OIDC_EVIL_CLIENT_SECRET", CLIENT_SECRET),
    ];
    let server = TestServer::with(database, &[&settings(&provider)[..], &both].concat()).await;
    let client = server.client();
    // The evil one sends the browser back as if it came from the other, to get its code.
    let address = depart(&client, "/login/oidc/evil").await;
    let answer = evil.consent(&address, &ada()).replace("/evil/", "/sso/");
    is_rejected(&server, &client, &client.get(&answer).await, "login_expired").await;
    let address = depart(&client, "/login/oidc/sso").await;
    let answer = format!("{}&iss={}", provider.consent(&address, &ada()), evil.issuer());
    is_rejected(&server, &client, &client.get(&answer).await, "login_expired").await;
    // A token of the other issuer, and the same subject of it.
    evil.state().claims = json!({ "iss": provider.issuer() });
    let address = depart(&client, "/login/oidc/evil").await;
    let answer = client.get(&evil.consent(&address, &ada())).await;
    is_rejected(&server, &client, &answer, "provider_error").await;
    evil.state().claims = json!({});
    sign_in(&client, &provider, &ada()).await;
    let other = server.client();
    let address = depart(&other, "/login/oidc/evil").await;
    let answer = other.get(&evil.consent(&address, &json!({ "sub": "ada" }))).await;
    assert_eq!(target(&answer), (302, "/"));
    assert_ne!(user(&other).await["id"], user(&client).await["id"]);
}

#[both_databases::test]
async fn a_replayed_code_signs_nobody_in(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let client = server.client().without_cookies();
    let departure = client.get("/login/oidc/sso").await;
    let cookie = departure.cookie();
    let answer = provider.consent(departure.header("location").unwrap(), &ada());
    assert_eq!(target(&client.get_with(&answer, &[("cookie", &cookie)]).await), (302, "/"));
    let replayed = client.get_with(&answer, &[("cookie", &cookie)]).await;
    assert_eq!(target(&replayed), (302, &*login("provider_error")));
    assert_eq!(replayed.headers.iter().filter(|(_, value)| value.starts_with("session=")).count(), 0);
}

#[both_databases::test]
async fn a_code_that_was_issued_to_another_browser_cannot_be_injected(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let (victim, attacker) = (server.client(), server.client());
    let stolen = provider.consent(&depart(&victim, "/login/oidc/sso").await, &ada());
    let code = stolen.split('&').next().unwrap().to_owned();
    let own = provider.consent(&depart(&attacker, "/login/oidc/sso").await, &json!({ "sub": "eve" }));
    let state = own.split('&').nth(1).unwrap();
    let back = attacker.get(&format!("{code}&{state}")).await;
    is_rejected(&server, &attacker, &back, "provider_error").await;
}

#[both_databases::test]
async fn forged_tokens_are_rejected(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let client = server.client();
    for key in [SigningKey::rsa("rsa"), SigningKey::ecdsa("ecdsa")] {
        provider.state().published = vec![key.clone()];
        provider.state().signing = key;
        server.advance(MINUTE);
        for forged in [Signature::None, Signature::WithPublicKey, Signature::WithClientSecret, Signature::Broken] {
            provider.state().signature = forged;
            let back = sign_in(&client, &provider, &ada()).await;
            is_rejected(&server, &client, &back, "provider_error").await;
        }
    }
    provider.state().signature = Signature::Honest;
    for claims in [
        json!({ "iss": "https://evil.example" }),
        json!({ "iss": format!("{}/", provider.issuer()) }),
        json!({ "aud": "another client" }),
        json!({ "aud": [CLIENT_ID, "another client"] }),
        json!({ "aud": null }),
        json!({ "nonce": "of another browser" }),
        json!({ "nonce": null }),
        json!({ "exp": 1_795_255_200 }),
        json!({ "sub": "" }),
        json!({ "sub": "x".repeat(256) }),
        json!({ "sub": null }),
    ] {
        provider.state().claims = claims.clone();
        let back = sign_in(&client, &provider, &ada()).await;
        let error = back.header("location").unwrap().to_owned();
        assert!(error.ends_with("error=provider_error") || error.ends_with("error=provider_unavailable"), "{claims}");
        assert_eq!(server.execute("UPDATE users SET id = id").await, 0, "{claims}");
    }
    provider.state().claims = json!({});
    assert_eq!(target(&sign_in(&client, &provider, &ada()).await), (302, "/"));
}

#[both_databases::test]
async fn rotated_keys_are_fetched_and_unknown_ones_cause_one_request(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let client = server.client();
    assert_eq!(target(&sign_in(&client, &provider, &ada()).await), (302, "/"));
    assert_eq!(provider.requests("/jwks"), 1);
    server.advance(MINUTE);
    assert_eq!(target(&sign_in(&client, &provider, &ada()).await), (302, "/"));
    assert_eq!(provider.requests("/jwks"), 1, "they are kept");

    let second = SigningKey::ecdsa("second");
    provider.state().published = vec![second.clone()];
    provider.state().signing = second;
    assert_eq!(target(&sign_in(&client, &provider, &ada()).await), (302, "/"));
    assert_eq!(provider.requests("/jwks"), 2);

    provider.state().signing = SigningKey::ecdsa("unknown");
    server.advance(MINUTE);
    for _ in 0..3 {
        assert_eq!(target(&sign_in(&server.client(), &provider, &ada()).await), (302, &*login("provider_error")));
    }
    assert_eq!(provider.requests("/jwks"), 3, "one for all of them");
}

#[both_databases::test]
async fn a_key_that_the_provider_has_withdrawn_is_not_used_for_long(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    sign_in(&server.client(), &provider, &ada()).await;
    // The key was stolen. The thief signs with it, and the provider does not publish it any more.
    provider.state().published = vec![SigningKey::ecdsa("second")];
    server.advance(HOUR);
    let client = server.client();
    assert_eq!(target(&sign_in(&client, &provider, &ada()).await), (302, &*login("provider_error")));
}

#[both_databases::test]
async fn a_provider_that_is_down_is_asked_once_and_closes_its_own_button_only(database: TestDatabase) {
    let (provider, other) = (Provider::start().await, Provider::start().await);
    provider.set_mood(Mood::Fails);
    let both = [
        ("OIDC_PROVIDERS", "sso,other"),
        ("OIDC_OTHER_ISSUER", other.issuer()),
        ("OIDC_OTHER_CLIENT_ID", CLIENT_ID),
        ("OIDC_OTHER_CLIENT_SECRET", CLIENT_SECRET),
    ];
    let server = TestServer::with(database, &[&settings(&provider)[..], &both].concat()).await;
    let client = server.client();
    let error = "this provider cannot be reached; try again later, or sign in another way";
    for _ in 0..3 {
        let down = client.get("/login/oidc/sso").await;
        assert_eq!((down.header("retry-after"), down.header("set-cookie")), (Some("10"), None));
        assert_eq!(down.parts(), (503, json!({ "error": error, "code": "provider_unavailable" })));
    }
    assert_eq!(provider.requests("/.well-known/openid-configuration"), 1);
    let address = depart(&client, "/login/oidc/other").await;
    assert_eq!(target(&client.get(&other.consent(&address, &ada())).await), (302, "/"));

    provider.set_mood(Mood::Answers);
    server.advance(MINUTE);
    assert_eq!(target(&sign_in(&client, &provider, &json!({ "sub": "1" })).await), (302, "/"));
    // Old metadata is better than none, until the browser comes back.
    provider.set_mood(Mood::Fails);
    server.advance(2 * HOUR);
    assert_eq!(target(&sign_in(&server.client(), &provider, &ada()).await), (302, &*login("provider_unavailable")));
}

#[both_databases::test]
async fn a_provider_that_hangs_delays_nobody_else(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let client = server.client();
    let answer = provider.consent(&depart(&client, "/login/oidc/sso").await, &ada());
    provider.set_mood(Mood::Hangs);
    let waiting = {
        let client = client.clone();
        spawn(async move { client.get(&answer).await })
    };
    provider.until_asked().await;
    // The worker that waits serves others, also those who only leave for the provider.
    assert_eq!(server.signed_in("eve").await.get("/check_session").await.status, 200);
    depart(&server.client(), "/login/oidc/sso").await;
    assert!(!waiting.is_finished());
    provider.set_mood(Mood::Answers);
    let back: Answer = waiting.await.unwrap();
    assert_eq!(target(&back), (302, &*login("provider_unavailable")));
}

#[both_databases::test]
async fn redirects_and_large_documents_are_refused_everywhere(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let client = server.client();
    let moods = [Mood::Redirects, Mood::SendsTooMuch, Mood::Fails];
    for path in ["/.well-known/openid-configuration", "/jwks"] {
        for mood in moods {
            provider.state().moods.insert(path, mood);
            server.advance(MINUTE);
            assert_eq!(client.get("/login/oidc/sso").await.code(), "provider_unavailable", "{mood:?} {path}");
        }
        provider.state().moods.remove(path);
    }
    server.advance(MINUTE);
    for mood in moods {
        provider.state().moods.insert("/token", mood);
        let back = sign_in(&client, &provider, &ada()).await;
        is_rejected(&server, &client, &back, "provider_unavailable").await;
    }
    provider.state().moods.remove("/token");
    assert_eq!(target(&sign_in(&client, &provider, &ada()).await), (302, "/"));
}

#[both_databases::test]
async fn a_document_cannot_aim_requests_at_this_network(database: TestDatabase) {
    let (provider, inside) = (Provider::start().await, Provider::start().await);
    let server = start(database, &provider).await;
    let inner = |path: &str| format!("{}{path}", inside.issuer());
    for metadata in [
        json!({ "jwks_uri": inner("/jwks") }),
        json!({ "jwks_uri": "http://169.254.169.254/latest" }),
        json!({ "issuer": inside.issuer() }),
        json!({ "authorization_endpoint": null }),
    ] {
        provider.state().metadata = metadata.clone();
        server.advance(MINUTE);
        assert_eq!(server.client().get("/login/oidc/sso").await.code(), "provider_unavailable", "{metadata}");
    }
    provider.state().metadata = json!({ "token_endpoint": inner("/token") });
    server.advance(MINUTE);
    let back = sign_in(&server.client(), &provider, &ada()).await;
    assert_eq!(target(&back), (302, &*login("provider_unavailable")));
    assert_eq!(inside.state().requests.values().sum::<usize>(), 0);
}

#[both_databases::test]
async fn nothing_about_a_sign_in_can_be_read_from_its_error(database: TestDatabase) {
    let provider = Provider::start().await;
    let server = start(database, &provider).await;
    let client = server.client();
    let address = depart(&client, "/login/oidc/sso").await;
    let back = client.get(&provider.refuse(&address, "<script>alert(1)</script>")).await;
    assert_eq!((target(&back), &back.body), ((302, &*login("provider_error")), &Value::Null));
}
