//! Requests to `/forward-auth?meter=1` that are refused, and charge nothing.

use serde_json::{Value, json};

use super::forward_auth_meter::{TRUSTED, request, used, visit};
use crate::support::{client::PASSWORD, database::TestDatabase, fixtures::login_required, server::TestServer};

fn refusal(code: &str, error: &str) -> (u16, Value) {
    (403, json!({ "error": error, "code": code }))
}

#[both_databases::test]
async fn only_a_trusted_proxy_says_what_is_read(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let untrusted =
        refusal("untrusted_proxy", "a metered page must be requested by a proxy that TRUSTED_PROXIES lists");
    let client = server.signed_in("ada").await;
    for (client, method) in [(&client, "GET"), (&client, "POST"), (&server.client(), "GET")] {
        let refused = request(client, method, "/a", &[]).await;
        assert_eq!(refused.header("x-tollgate-code"), Some("untrusted_proxy"));
        assert_eq!(refused.parts(), untrusted);
    }
    assert_eq!(client.get("/forward-auth?meter=0").await.status, 204);
    assert_eq!(used(&client).await, json!(0));
}

#[both_databases::test]
async fn the_proxy_must_say_what_is_read(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED]).await;
    let client = server.signed_in("ada").await;
    let missing = refusal("resource_missing", "the proxy must send one X-Forwarded-Uri");
    let (twice, renamed) =
        ([("x-forwarded-uri", "/a"), ("x-forwarded-uri", "/a")], [("x-original-uri", "/a"), ("x-original-url", "/a")]);
    for headers in [&[][..], &[("x-forwarded-uri", "")], &twice, &renamed] {
        let refused = client.get_with("/forward-auth?meter=1&redirect=1", headers).await;
        assert_eq!(refused.header("x-tollgate-code"), Some("resource_missing"));
        assert_eq!(refused.parts(), missing, "{headers:?}");
    }
    let invalid = refusal("invalid_path", "the path of this page is ambiguous or too long");
    let long = format!("/{}", "a".repeat(2048));
    for uri in ["/a/../b", "/a//b", "/a%2fb", "/a%00", "/a\\b", "a", "http://host/a", &long] {
        let refused = visit(&client, uri).await;
        assert_eq!(refused.header("x-tollgate-code"), Some("invalid_path"));
        assert_eq!(refused.parts(), invalid, "{uri}");
    }
    assert_eq!(used(&client).await, json!(0));
    assert_eq!(server.execute("DELETE FROM pages").await, 0);
}

#[both_databases::test]
async fn without_a_session_a_metered_page_needs_one(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED]).await;
    assert_eq!(visit(&server.client(), "/a").await.parts(), login_required());
    let uri = [("x-forwarded-uri", "/a?b"), ("x-forwarded-method", "GET")];
    let redirected = server.client().get_with("/forward-auth?meter=1&redirect=1", &uri).await;
    assert_eq!((redirected.status, redirected.header("location")), (302, Some("/login?next=%2Fa%3Fb")));
    assert_eq!(server.execute("DELETE FROM pages").await, 0);
}

#[both_databases::test]
async fn other_sites_can_link_to_a_page_but_not_load_it(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED]).await;
    let client = server.signed_in("ada").await;
    let site = |site| ("sec-fetch-site", site);
    let (navigate, document) = (("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"));
    let refused: [&[(&'static str, &'static str)]; 7] = [
        &[("sec-purpose", "prefetch;prerender"), site("none"), navigate, document],
        &[("purpose", "prefetch")],
        &[("next-router-prefetch", "1"), site("same-origin"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")],
        &[site("cross-site"), navigate, ("sec-fetch-dest", "iframe")],
        &[site("cross-site"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")],
        &[site("same-site"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty"), ("origin", "https://x.example")],
        &[("origin", "https://x.example")],
    ];
    for headers in refused {
        let error = "prefetches, link previews and cross-site requests cannot read posts";
        assert_eq!(request(&client, "GET", "/a", headers).await.parts(), refusal("not_a_read", error), "{headers:?}");
    }
    assert_eq!(used(&client).await, json!(0));
    for (n, from) in ["cross-site", "same-site", "same-origin", "none"].into_iter().enumerate() {
        let answer = request(&client, "GET", &format!("/{n}"), &[site(from), navigate, document]).await;
        assert_eq!(answer.status, 204, "{from}");
    }
    // Node's fetch, with which an application asks, sends this mode whatever the visitor's browser has sent.
    let by_node = [site("cross-site"), ("sec-fetch-mode", "cors"), document];
    assert_eq!(request(&client, "GET", "/n", &by_node).await.status, 204);
    assert_eq!(used(&client).await, json!(5));
}

#[both_databases::test]
async fn other_conditions_are_checked_before_a_read_is_charged(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let mail = format!("file:{}", folder.path().display());
    let server = TestServer::with(database, &[TRUSTED, ("REQUIRE_VERIFIED_EMAIL", "true"), ("MAIL_URL", &mail)]).await;
    let client = server.client();
    let person = json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" });
    assert_eq!(client.post("/register", &person).await.status, 201);
    client.login("ada").await;
    let error = "verify your email address to read posts";
    assert_eq!(visit(&client, "/a").await.parts(), refusal("email_not_verified", error));
    assert_eq!(client.get("/forward-auth").await.status, 204, "only reading needs it");
    let uri = [("x-forwarded-uri", "/a")];
    assert_eq!(client.get_with("/forward-auth?meter=1&require=subscriber", &uri).await.code(), "subscription_required");
    assert_eq!(used(&client).await, json!(0));
}
