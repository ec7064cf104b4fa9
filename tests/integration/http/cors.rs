//! CORS

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    server::TestServer,
};

const VITE: &str = "http://localhost:5173";

async fn preflight(client: &Client, path: &str, origin: &str, method: &str) -> Answer {
    let request = client.request(Method::OPTIONS, path).header("origin", origin);
    let request = request.header("access-control-request-method", method);
    client.send(request.header("access-control-request-headers", "content-type")).await
}

fn assert_readable(answer: &Answer, origin: &str) {
    assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    let exposed = answer.header("access-control-expose-headers").unwrap();
    for name in
        ["x-reads-limit", "x-reads-remaining", "x-reads-reset", "retry-after", "x-request-id", "link", "location"]
    {
        assert!(exposed.split(", ").any(|header| header == name), "{name}: {exposed}");
    }
}

#[both_databases::test]
async fn a_preflight_of_a_listed_origin_needs_no_session(database: TestDatabase) {
    let server = TestServer::start(database).await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let answer = preflight(&server.client(), "/blog/1", VITE, method).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some(VITE));
        assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
        assert!(answer.header("access-control-allow-methods").unwrap().contains(method));
        assert_eq!(answer.header("access-control-allow-headers"), Some("content-type"));
        assert_eq!(answer.parts(), (200, Value::Null));
    }
}

#[both_databases::test]
async fn a_response_varies_by_origin_and_only_one_to_an_origin_has_cors_headers(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    for path in ["/healthz", "/check_session", "/nowhere"] {
        let plain = client.send(client.request(Method::GET, path)).await;
        let from_origin = client.send(client.request(Method::GET, path).header("origin", VITE)).await;
        let vary = |answer: &Answer| {
            let vary = answer.headers.iter().filter(|(name, _)| name == "vary").map(|(_, value)| value.clone());
            vary.collect::<Vec<_>>().join(", ")
        };
        assert_eq!(vary(&plain), vary(&from_origin), "{path}");
        assert!(vary(&plain).starts_with("Origin, "), "{path}: {}", vary(&plain));
        let cors = plain.headers.iter().filter(|(name, _)| name.starts_with("access-control-")).count();
        assert_eq!(cors, 0, "{path}: {plain:?}");
        assert_readable(&from_origin, VITE);
    }
}

#[both_databases::test]
async fn a_preflight_of_any_other_origin_is_refused(database: TestDatabase) {
    let server = TestServer::start(database).await;
    for origin in ["https://evil.example", "null", "https://localhost:5173", "http://localhost:5173.evil.example"] {
        let answer = preflight(&server.client(), "/login", origin, "POST").await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        let error = json!({ "error": "requests from this origin are not allowed", "code": "cross_origin" });
        assert_eq!(answer.parts(), (403, error), "{origin}");
    }
}

#[both_databases::test]
async fn any_localhost_port_is_allowed_without_a_list(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let other = Client::new(&server.second_node(&[("CORS_ORIGINS", "https://app.example")]).await);
    for origin in ["http://localhost:5174", "http://127.0.0.1:4321", "http://localhost"] {
        let answer = preflight(&server.client(), "/login", origin, "POST").await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some(origin)));
        let login = server
            .client()
            .request(Method::POST, "/login")
            .header("origin", origin)
            .header("sec-fetch-site", "cross-site");
        let login = server.client().send(login.json(&json!({ "username": "nobody", "password": PASSWORD }))).await;
        assert_eq!(login.code(), "user_not_found", "{origin} may try");
        assert_eq!(preflight(&other, "/login", origin, "POST").await.status, 403, "{origin} is not listed");
    }
}

#[both_databases::test]
async fn a_listed_origin_can_read_responses_and_errors(database: TestDatabase) {
    let server = TestServer::with(database, &[("CORS_ORIGINS", "https://app.example")]).await;
    let client = server.signed_in("ada").await;
    let origin = [("origin", "https://app.example")];
    for path in ["/check_session", "/blog/1", "/blog/99", "/nowhere", "/blog?limit=0"] {
        assert_readable(&client.get_with(path, &origin).await, "https://app.example");
    }
    assert_readable(&server.client().get_with("/meter", &origin).await, "https://app.example");
    let refused = client.request(Method::POST, "/login").header("origin", "https://app.example").json(&json!({}));
    assert_readable(&client.send(refused).await, "https://app.example");
}

#[both_databases::test]
async fn any_other_origin_can_read_nothing(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let answer = client.get_with("/check_session", &[("origin", "https://evil.example")]).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, None));
}

#[both_databases::test]
async fn a_page_on_another_port_can_sign_in_and_read(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    let login = client.request(Method::POST, "/login").header("origin", VITE).header("sec-fetch-site", "same-site");
    let login = login.json(&json!({ "username": "ada", "password": PASSWORD }));
    assert_eq!(client.send(login).await.status, 200);
    let read = client.get_with("/blog/1", &[("origin", VITE), ("sec-fetch-site", "same-site")]).await;
    assert_eq!(read.status, 200);
    assert_readable(&read, VITE);
}
