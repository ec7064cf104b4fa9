//! `/forward-auth?meter=1`: pages of other applications that cost a read.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Client},
    database::TestDatabase,
    fixtures::{DAY, HOUR},
    server::TestServer,
};

pub(super) const TRUSTED: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

/// The request that a proxy sends for a visitor who requests this page.
pub(super) async fn visit(client: &Client, uri: &str) -> Answer {
    request(client, "GET", uri, &[]).await
}

pub(super) async fn request(
    client: &Client,
    method: &str,
    uri: &str,
    headers: &[(&'static str, &'static str)],
) -> Answer {
    let request = client.request(Method::GET, "/forward-auth?meter=1");
    let request = request.header("x-forwarded-method", method).header("x-forwarded-uri", uri);
    client.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

pub(super) async fn used(client: &Client) -> Value {
    client.get("/meter").await.body["used"].clone()
}

/// Reads left, as the proxy and the browser see it.
pub(super) fn left(answer: &Answer) -> [Option<&str>; 3] {
    ["limit", "remaining", "reset"].map(|name| answer.header(&format!("x-reads-{name}")))
}

#[both_databases::test]
async fn each_page_costs_one_read_per_period_whatever_reads_count_is(database: TestDatabase) {
    for count in ["requests", "posts"] {
        let database = TestDatabase::new(database.kind).unwrap();
        let settings =
            [TRUSTED, ("READS_COUNT", count), ("READS_LIMIT", "2"), ("CHECKOUT_URL", "https://pay.example/a")];
        let server = TestServer::with(database, &settings).await;
        let client = server.signed_in("ada").await;
        for (uri, remaining) in
            [("/a", "1"), ("/a", "1"), ("/a/?page=2", "1"), ("/b?x", "0"), ("/%61", "0"), ("/b", "0")]
        {
            let answer = visit(&client, uri).await;
            assert_eq!(left(&answer), [Some("2"), Some(remaining), Some("2592000")], "{uri}");
            assert_eq!((answer.status, answer.header("x-tollgate-user-id")), (204, Some("1")), "{uri}");
        }
        let refused = visit(&client, "/c").await;
        assert_eq!(left(&refused), [Some("2"), Some("0"), Some("2592000")]);
        assert_eq!(
            (refused.header("x-tollgate-code"), refused.header("x-tollgate-user-id")),
            (Some("payment_required"), None)
        );
        let body = json!({
            "error": "pay me monies", "code": "payment_required", "limit": 2, "used": 2,
            "resets_at": "2026-12-21T10:00:00.000Z", "checkout_url": "https://pay.example/a?client_reference_id=1",
            "checkout": [{ "label": null, "url": "https://pay.example/a?client_reference_id=1" }],
        });
        assert_eq!(refused.parts(), (403, body));
        assert_eq!(visit(&client, "/a").await.status, 204, "what was paid for stays readable");

        server.advance(30 * DAY);
        client.login("ada").await;
        assert_eq!((visit(&client, "/c").await.status, visit(&client, "/a").await.status), (204, 204));
        assert_eq!(visit(&client, "/b").await.status, 403, "another period");
    }
}

#[both_databases::test]
async fn pages_and_posts_draw_on_the_same_meter(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED, ("READS_LIMIT", "3")]).await;
    let client = server.signed_in("ada").await;
    assert_eq!(client.get("/blog/1").await.status, 200);
    server.advance(HOUR);
    assert_eq!(visit(&client, "/essays/on-tolls?page=2").await.status, 204);
    server.advance(HOUR);
    assert_eq!(visit(&client, "/1").await.status, 204);
    assert_eq!(client.get("/blog/2").await.code(), "payment_required");
    assert_eq!(visit(&client, "/2").await.code(), "payment_required");

    let read = |number: i64, post_id: Value, path: Option<&str>, title: Option<&str>, hour: &str| {
        let mut read = json!({
            "id": (20_778_i64 << 32) + number, "post_id": post_id, "title": title,
            "read_at": format!("2026-11-21T{hour}:00:00.000Z"), "metered": true,
        });
        if let Some(path) = path {
            read["path"] = json!(path);
        }
        read
    };
    let reads = json!([
        read(3, json!(null), Some("/1"), None, "12"),
        read(2, json!(null), Some("/essays/on-tolls"), None, "11"),
        read(1, json!(1), None, Some("What a toll gate is for"), "10"),
    ]);
    assert_eq!(client.get("/reads").await.parts(), (200, reads.clone()));
    let without = |read: &Value| {
        let mut read = read.clone();
        let keys = read.as_object_mut().unwrap();
        keys.remove("id");
        keys.remove("title");
        read
    };
    let exported: Vec<_> = reads.as_array().unwrap().iter().map(without).collect();
    assert_eq!(client.get("/account/export").await.body["reads"], json!(exported));

    let admin = server.admin("eve").await;
    let today = admin.get("/stats?from=2026-11-21&to=2026-11-21").await.body;
    let counts = json!({ "reads": 3, "refusals": 2, "readers": 1, "conversions": 0 });
    let none = json!({ "reads": 0, "refusals": 0, "readers": 0, "conversions": 0 });
    assert_eq!(
        today,
        json!([{
            "day": "2026-11-21", "reads": 3, "refusals": 2, "readers": 1, "conversions": 0,
            "anonymous": none, "registered": counts, "subscribed": { "reads": 0, "readers": 0 },
        }])
    );
}

#[both_databases::test]
async fn subscribers_read_pages_free_of_charge(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED, ("READS_LIMIT", "1")]).await;
    let (client, admin) = (server.signed_in("ada").await, server.admin("eve").await);
    let grant = admin.request(Method::PUT, "/users/1/subscription").json(&json!({}));
    assert_eq!(admin.send(grant).await.status, 200);
    for uri in ["/a", "/b", "/a"] {
        let answer = visit(&client, uri).await;
        assert_eq!((answer.status, left(&answer)), (204, [Some("1"), Some("1"), Some("0")]), "{uri}");
    }
    assert_eq!(used(&client).await, json!(0));
    let reads = client.get("/reads").await.body;
    let reads: Vec<_> = reads.as_array().unwrap().iter().map(|read| (&read["path"], &read["metered"])).collect();
    assert_eq!(reads, [(&json!("/b"), &json!(false)), (&json!("/a"), &json!(false))], "once per page and day");

    assert_eq!(admin.delete("/users/1/subscription").await.status, 204);
    assert_eq!(visit(&client, "/a").await.status, 204);
    assert_eq!(used(&client).await, json!(1), "a free read is not a paid one");
    assert_eq!(visit(&client, "/b").await.code(), "payment_required");
}

#[both_databases::test]
async fn only_gets_are_metered(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED]).await;
    let client = server.signed_in("ada").await;
    for method in ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"] {
        let answer = request(&client, method, "/a", &[]).await;
        assert_eq!((answer.status, left(&answer)), (204, [None; 3]), "{method}");
    }
    assert_eq!(used(&client).await, json!(0));
    // A proxy that adds its header to the visitor's, and one that sends none.
    for headers in [
        &[("x-forwarded-method", "POST"), ("x-forwarded-uri", "/a"), ("x-forwarded-method", "GET")][..],
        &[("x-forwarded-uri", "/a")],
    ] {
        assert_eq!(client.get_with("/forward-auth?meter=1", headers).await.header("x-reads-remaining"), Some("4"));
    }
    assert_eq!(request(&client, "get", "/b", &[]).await.header("x-reads-remaining"), Some("3"));
}

#[both_databases::test]
async fn an_api_token_for_the_account_reads_pages(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED, ("READS_LIMIT", "1")]).await;
    let ada = server.signed_in("ada").await;
    let program = async |scope: &str| {
        let token = ada.post("/account/tokens", &json!({ "name": "script", "scopes": [scope] })).await;
        let token = format!("Bearer {}", token.body["token"].as_str().unwrap());
        server.client().with_headers(&[("authorization", &token)])
    };
    assert_eq!(visit(&program("read").await, "/a").await.code(), "insufficient_scope");
    let program = program("account").await;
    let cross_site = [("sec-fetch-site", "cross-site")];
    assert_eq!(request(&program, "GET", "/a", &cross_site).await.header("x-reads-remaining"), Some("0"));
    assert_eq!(visit(&program, "/b").await.code(), "payment_required");
}
