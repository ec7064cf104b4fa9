//! Who may use the paths for admins. The operations come from `openapi.yaml`, which has every route, so that none is
//! forgotten.

use reqwest::Method;
use serde_json::{Value, json};

use super::email::start;
use crate::support::{
    api_tokens::{bearer, create, program},
    client::{Answer, Client},
    contract::DOCUMENT,
    database::TestDatabase,
    fixtures::{forbidden, forbidden_to_readers, login_required},
    smtp::SmtpServer,
};

/// What is for admins only if the query says so. Last, because it ends the sessions of the test.
const BY_QUERY: [(Method, &str); 1] = [(Method::DELETE, "/sessions?all=1")];

/// What editors may do as well.
const FOR_EDITORS: [(&str, &str); 7] = [
    ("POST", "/blog"),
    ("PUT", "/blog/{id}"),
    ("PATCH", "/blog/{id}"),
    ("DELETE", "/blog/{id}"),
    ("POST", "/media"),
    ("GET", "/stats"),
    ("GET", "/stats/posts"),
];

pub(super) fn is_for_editors(method: &Method, path: &str) -> bool {
    FOR_EDITORS.contains(&(method.as_str(), path))
}

/// The error for those whose role does not suffice.
fn refusal((method, path): &(Method, String)) -> (u16, Value) {
    if is_for_editors(method, path) { forbidden_to_readers() } else { forbidden() }
}

/// Every operation for admins, with ids of what does not exist.
pub(super) fn operations() -> Vec<(Method, String)> {
    let mut found = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for method in ["get", "head", "post", "put", "patch", "delete"] {
            let security = item.get(method).and_then(|operation| operation["security"].as_array());
            if security.is_some_and(|schemes| schemes.iter().any(|scheme| scheme["token"] == json!(["admin"]))) {
                found.push((method.to_uppercase().parse().unwrap(), path.clone()));
            }
        }
    }
    assert!(found.len() > 25, "{found:?}");
    found.extend(BY_QUERY.map(|(method, path)| (method, path.to_owned())));
    found
}

fn address(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "999999" } else { part }).collect::<Vec<_>>().join("/")
}

async fn call(client: &Client, (method, path): &(Method, String)) -> Answer {
    client.send(client.request(method.clone(), &address(path))).await
}

fn insufficient_scope() -> (u16, Value) {
    (403, json!({ "error": "this needs an API token with the scope admin", "code": "insufficient_scope" }))
}

fn invalid_token() -> (u16, Value) {
    let error = "the API token is invalid, has expired or was deleted";
    (401, json!({ "error": error, "code": "invalid_token" }))
}

#[both_databases::test]
async fn each_operation_is_for_its_role_and_only_with_the_scope(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let media = tempfile::tempdir().unwrap();
    let server = start(database, &smtp, &[("MEDIA_DIR", media.path().to_str().unwrap())]).await;
    let reader = server.signed_in("reader").await;
    let editor = server.signed_in("editor").await;
    server.execute("UPDATE users SET role = 'editor' WHERE username_key = 'editor'").await;
    let admin = server.admin("admin").await;
    let (token, editors) = (program(&admin, &["admin"]).await, program(&editor, &["admin"]).await);
    let (narrow, readers) = (program(&admin, &["account", "read"]).await, program(&reader, &["account"]).await);
    for operation in operations() {
        let of = format!("{operation:?}");
        assert_eq!(call(&server.client(), &operation).await.parts(), login_required(), "nobody: {of}");
        assert_eq!(call(&reader, &operation).await.parts(), refusal(&operation), "a reader: {of}");
        assert_eq!(call(&narrow, &operation).await.parts(), insufficient_scope(), "no scope: {of}");
        assert_eq!(call(&readers, &operation).await.parts(), insufficient_scope(), "a reader's token: {of}");
        let editors_pass = is_for_editors(&operation.0, &operation.1);
        for client in [&editor, &editors].into_iter().filter(|_| !editors_pass) {
            assert_eq!(call(client, &operation).await.parts(), forbidden(), "an editor: {of}");
        }
        let passing: &[_] = if editors_pass { &[&editor, &editors, &admin, &token] } else { &[&admin, &token] };
        for client in passing {
            let answer = call(client, &operation).await;
            assert!(!matches!(answer.status, 401 | 403 | 405 | 500..), "{of}: {answer:?}");
        }
    }
}

#[both_databases::test]
async fn a_role_that_was_lost_opens_nothing(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let media = tempfile::tempdir().unwrap();
    let server = start(database, &smtp, &[("MEDIA_DIR", media.path().to_str().unwrap())]).await;
    let demoted = server.admin("demoted").await;
    let token = program(&demoted, &["admin"]).await;
    let disabled = server.admin("disabled").await;
    let text = create(&disabled, &["admin"]).await;
    server.execute("UPDATE users SET role = 'user' WHERE id = 1").await;
    server.execute("UPDATE users SET is_active = FALSE WHERE id = 2").await;
    let gone = bearer(&server.client(), &text);
    for operation in operations() {
        let of = format!("{operation:?}");
        assert_eq!(call(&demoted, &operation).await.parts(), refusal(&operation), "{of}");
        assert_eq!(call(&token, &operation).await.parts(), refusal(&operation), "{of}");
        assert_eq!(call(&disabled, &operation).await.parts(), login_required(), "{of}");
        assert_eq!(call(&gone, &operation).await.parts(), invalid_token(), "{of}");
    }
}

#[both_databases::test]
async fn a_page_of_another_site_changes_nothing_and_reads_nothing(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let media = tempfile::tempdir().unwrap();
    let server = start(database, &smtp, &[("MEDIA_DIR", media.path().to_str().unwrap())]).await;
    let cookie = server.client();
    cookie.register("editor").await;
    server.promote("editor").await;
    let cookie = cookie.login("editor").await.cookie();
    let attacker = server.client().with_headers(&[
        ("cookie", &cookie),
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ]);
    for (method, path) in operations() {
        let answer = call(&attacker, &(method.clone(), path.clone())).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{method} {path}");
        if method != Method::GET {
            assert_eq!((answer.status, answer.code()), (403, "cross_origin"), "{method} {path}");
        }
    }
}
