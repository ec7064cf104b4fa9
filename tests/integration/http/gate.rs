//! Which paths need a session, and the responses without one.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    client::CHROMIUM,
    database::TestDatabase,
    fixtures::{login_required, not_found},
    server::TestServer,
};

#[both_databases::test]
async fn without_a_session_unknown_and_protected_paths_are_401(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    let paths = [
        "/",
        "/blog",
        "/blog/1",
        "/blog/x",
        "/meter",
        "/logout",
        "/nowhere",
        "/login/",
        "/LOGIN",
        "/HEALTHZ",
        "//login",
        "/%6cogin",
        "/login%2f",
        "/healthz/",
        "/check_session/",
        "/forward-auth/",
        "/forward%2dauth",
        "/FORWARD-AUTH",
        "/register;x",
        "/docsx",
        "/login%00",
    ];
    for path in paths {
        for method in [Method::GET, Method::POST, Method::DELETE, Method::PUT, Method::PATCH, Method::OPTIONS] {
            let answer = client.send(client.request(method.clone(), path)).await;
            assert_eq!(answer.parts(), login_required(), "{method} {path}");
        }
    }
}

#[both_databases::test]
async fn with_a_session_an_unknown_path_is_404_and_a_wrong_method_405(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    for path in [
        "/",
        "/nowhere",
        "/blog/",
        "/blog/1/",
        "/blog/1/x",
        "//blog",
        "/login/",
        "/blo%67",
        "/%6cogin",
        "/check%5fsession",
    ] {
        let answer = client.get(path).await;
        assert_eq!(answer.parts(), not_found(), "{path}");
    }
    let resources = [
        ("/login", "GET, POST"),
        ("/register", "GET, POST"),
        ("/logout", "DELETE, POST"),
        ("/check_session", "GET, HEAD"),
        ("/forward-auth", "GET, HEAD"),
        ("/blog/1", "GET, HEAD, PUT, PATCH, DELETE"),
        ("/meter", "GET, HEAD"),
        ("/healthz", "GET, HEAD"),
    ];
    for (path, allow) in resources {
        let answer = client.send(client.request(Method::TRACE, path)).await;
        assert_eq!(answer.header("allow"), Some(allow), "{path}");
        let body = json!({ "error": "this method is not allowed", "code": "method_not_allowed" });
        assert_eq!(answer.parts(), (405, body), "{path}");
    }
}

#[both_databases::test]
async fn a_browser_without_a_session_is_redirected_to_the_login_page(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    let redirected = client.get_with("/blog/1?from=mail", &[("accept", CHROMIUM)]).await;
    assert_eq!(redirected.header("location"), Some("/login?next=%2Fblog%2F1%3Ffrom%3Dmail"));
    assert_eq!(redirected.parts(), (302, Value::Null));
    let elsewhere = client.get_with("//evil.example/x", &[("accept", CHROMIUM)]).await;
    assert_eq!(elsewhere.header("location"), Some("/login?next=%2F"));

    let program = client.get_with("/blog/1", &[("accept", "application/json")]).await;
    assert_eq!(program.parts(), login_required());
    let signed_in = server.signed_in("ada").await;
    assert_eq!(signed_in.get_with("/nowhere", &[("accept", CHROMIUM)]).await.status, 404);
}

#[both_databases::test]
async fn responses_that_depend_on_the_session_are_not_cached(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    for path in ["/check_session", "/blog", "/blog/1", "/blog/99", "/nowhere"] {
        let answer = client.get(path).await;
        assert_eq!(answer.header("cache-control"), Some("private, no-store"), "{path}");
        assert!(answer.headers.iter().any(|(name, value)| name == "vary" && value == "Cookie"), "{path}");
    }
}
