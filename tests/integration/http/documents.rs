//! Responses that are the same for everybody: health and the contract.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{client::PASSWORD, database::TestDatabase, server::TestServer};

#[both_databases::test]
async fn every_response_has_security_headers(database: TestDatabase) {
    let server = TestServer::with(database, &[("COOKIE_SECURE", "true")]).await;
    let client = server.client();
    for path in ["/healthz", "/check_session", "/nowhere", "/openapi.json"] {
        let answer = client.get(path).await;
        assert_eq!(
            answer.header("content-security-policy"),
            Some("default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"), "{path}");
    }
    let plain = client.at(&server.second_node(&[]).await).get("/healthz").await;
    assert_eq!(plain.header("strict-transport-security"), None, "over plain HTTP it means nothing");
}

#[both_databases::test]
async fn healthz_and_readyz_are_200(database: TestDatabase) {
    let server = TestServer::start(database).await;
    for path in ["/healthz", "/readyz"] {
        let answer = server.client().get(path).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.parts(), (200, json!({ "status": "ok" })));
        assert_eq!(server.client().head(path).await.parts(), (200, Value::Null));
    }
}

#[both_databases::test]
async fn the_contract_is_served_as_yaml_and_json(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let json = server.client().get("/openapi.json").await;
    assert_eq!((json.status, &json.body["openapi"]), (200, &json!("3.1.0")));
    let written = server.client().get("/openapi.yaml").await;
    assert_eq!((written.status, written.header("content-type")), (200, Some("application/yaml")));
    let yaml: Value = serde_saphyr::from_str(written.body.as_str().unwrap()).unwrap();
    assert_eq!(json.body, yaml);
    for path in ["/openapi.yaml", "/openapi.json"] {
        assert_eq!(server.client().get_with(path, &[("if-none-match", "W/\"other\"")]).await.status, 200, "{path}");
        let tag = [("if-none-match", written.header("etag").unwrap())];
        assert_eq!(server.client().get_with(path, &tag).await.parts(), (304, Value::Null), "{path}");
    }
}

#[both_databases::test]
async fn the_description_is_that_of_this_server(database: TestDatabase) {
    let settings = [("CONTRACT", "modern"), ("COOKIE_SECURE", "true"), ("MAIL_URL", "none"), ("EXCERPTS", "public")];
    let server = TestServer::with(database, &settings).await;
    let description = server.client().get("/openapi.json").await.body;
    let login = &description["paths"]["/login"]["post"]["responses"];
    let statuses: Vec<_> = login.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(statuses, ["200", "400", "401", "403", "408", "413", "415", "422", "429", "500", "503"]);
    assert_eq!(description["paths"]["/blog/{id}"]["get"]["responses"]["400"], Value::Null);
    let used_up = &description["components"]["responses"]["MeterUsedUp"]["content"];
    let example = &used_up["application/problem+json"]["examples"]["usedUp"]["value"];
    assert_eq!((&example["status"], &example["title"]), (&json!(402), &json!("Payment Required")));
    assert_eq!(description["components"]["securitySchemes"]["session"]["name"], "__Host-session");
    assert_eq!(description["components"]["parameters"]["KnownBrowser"]["name"], "__Host-known_browser");
    for absent in ["/password/forgot", "/login/email", "/media", "/demo-checkout", "/feed.xml"] {
        assert_eq!(description["paths"][absent], Value::Null, "{absent}");
    }
    let text = description.to_string();
    for absent in [
        "x-modern",
        "x-anywhere",
        "\"text/html\":",
        "\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Invalid",
    ] {
        assert!(!text.contains(absent), "{absent}");
    }
    for reference in text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(description.pointer(reference).is_some(), "{reference}");
    }
}

#[both_databases::test]
async fn the_api_documentation_loads_nothing_from_elsewhere(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    let entry = client.get("/docs").await;
    assert_eq!((entry.status, entry.header("location")), (308, Some("/docs/")));
    let page = client.get("/docs/").await;
    let policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                  connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    assert_eq!((page.status, page.header("content-security-policy")), (200, Some(policy)));
    let html = page.body.as_str().unwrap();
    let named = html.split(['"', '\'']).filter_map(|text| text.strip_prefix("./"));
    for name in named.chain(["index.css"]) {
        assert_eq!(client.get(&format!("/docs/{name}")).await.status, 200, "{name}");
    }
    assert!(!html.contains("://"));
    assert!(html.contains("<title>tollgate API</title>") && html.contains("<meta name=\"viewport\""));
    let script = client.get("/docs/swagger-ui-bundle.js").await;
    let length: usize = script.header("content-length").unwrap().parse().unwrap();
    assert!(length > 1_000_000 && script.body.as_str().unwrap().len() == length);
    let known =
        client.get_with("/docs/swagger-ui-bundle.js", &[("if-none-match", script.header("etag").unwrap())]).await;
    assert_eq!(known.parts(), (304, Value::Null));
    let settings = client.get("/docs/swagger-initializer.js").await;
    assert!(settings.body.as_str().unwrap().contains("\"url\": \"/openapi.json\""));
    for nothing in ["/docs/nothing", "/docs/a/b", "/docs/..%2fCargo.toml", "/docs//"] {
        assert_eq!(client.get(nothing).await.code(), "not_found", "{nothing}");
    }
}

#[both_databases::test]
async fn public_responses_do_not_touch_the_session(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    client.post("/login", &json!({ "username": "ada", "password": PASSWORD, "stay_signed_in": true })).await;
    server.advance(Duration::from_secs(3600));
    for path in ["/healthz", "/readyz", "/openapi.json", "/openapi.yaml"] {
        assert_eq!(client.get(path).await.header("set-cookie"), None, "{path}");
        let forged = client.without_cookies().get_with(path, &[("cookie", "session=forged")]).await;
        assert_eq!((forged.status, forged.header("set-cookie")), (200, None), "{path}");
    }
    assert!(client.get("/check_session").await.header("set-cookie").is_some(), "it is renewed where it is used");
}

#[both_databases::test]
async fn every_response_has_its_own_request_id(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    let first = client.get_with("/healthz", &[("x-request-id", "mine")]).await;
    let second = client.get_with("/nowhere", &[("x-request-id", "mine")]).await;
    assert_ne!(first.header("x-request-id"), Some("mine"));
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}
