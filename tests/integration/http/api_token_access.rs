//! What an API token reaches, and what it never does.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    api_tokens::invalid_token,
    email::{ADA, start, verified},
};
use crate::support::{
    api_tokens::{bearer, create, program},
    authenticator::enrol,
    client::{Answer, CHROMIUM, Client, PASSWORD},
    contract::DOCUMENT,
    database::TestDatabase,
    fixtures::{forbidden, forbidden_to_readers, login_required},
    server::TestServer,
    smtp::SmtpServer,
};

const SCOPES: [&str; 3] = ["read", "account", "admin"];

fn insufficient(scope: Option<&str>) -> (u16, Value) {
    let error = scope.map_or("API tokens cannot do this; sign in".to_owned(), |scope| {
        format!("this needs an API token with the scope {scope}")
    });
    (403, json!({ "error": error, "code": "insufficient_scope" }))
}

/// A token of the right form that nobody has, with a valid checksum.
fn unknown_token() -> String {
    tollgate::credentials::api_tokens::generate().into_text()
}

async fn call(client: &Client, method: &Method, path: &str) -> Answer {
    let path = path.replace("{id}", "999999").replace("{token}", "999999").replace("{identity}", "999999");
    client.send(client.request(method.clone(), &path)).await
}

/// The scope of a token that an operation in `openapi.yaml` needs; `None` if it takes no token. `Err` if it needs no
/// credential.
fn needed(operation: &Value) -> Result<Option<&str>, ()> {
    let security = operation.get("security").unwrap_or(&DOCUMENT["security"]).as_array().unwrap();
    let scope = security.iter().find_map(|scheme| scheme["token"][0].as_str());
    match scope {
        Some(scope) => Ok(Some(scope)),
        None if security.is_empty() || security[0] == json!({}) => Err(()),
        None => Ok(None),
    }
}

#[both_databases::test]
async fn every_operation_needs_the_scope_that_the_contract_names(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let media = tempfile::tempdir().unwrap();
    let media = ("MEDIA_DIR", media.path().to_str().unwrap());
    let settings = [("PUBLIC_URL", "http://localhost"), ("DEMO_CHECKOUT", "true"), ("SIGN_IN_EMAIL", "true"), media];
    let server = start(database, &smtp, &settings).await;
    let admin = verified(&server, &smtp, "ada", ADA, 0).await;
    server.promote("ada").await;
    let mut programs = Vec::new();
    for scope in SCOPES {
        programs.push((scope, program(&admin, &[scope]).await));
    }
    let mut checked = 0;
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for method in ["get", "head", "post", "put", "patch", "delete"] {
            let Some(operation) = item.get(method) else { continue };
            let Ok(needed) = needed(operation) else { continue };
            let method: Method = method.to_uppercase().parse().unwrap();
            for (scope, program) in &programs {
                let answer = call(program, &method, path).await;
                let is_allowed = needed.is_some_and(|needed| needed == "read" || needed == *scope);
                if is_allowed {
                    assert!(!matches!(answer.status, 401 | 403), "{method} {path} with {scope}: {answer:?}");
                } else {
                    let challenge = answer.header("www-authenticate").unwrap_or_default().to_owned();
                    let names = needed.map(|needed| format!("scope=\"{needed}\""));
                    assert!(
                        challenge.starts_with("Bearer error=\"insufficient_scope\""),
                        "{method} {path}: {answer:?}"
                    );
                    assert_eq!(names.is_some_and(|names| challenge.ends_with(&names)), needed.is_some(), "{challenge}");
                    if method != Method::HEAD {
                        assert_eq!(answer.parts(), insufficient(needed), "{method} {path} with {scope}");
                    }
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "only {checked} requests were sent");
}

#[both_databases::test]
async fn an_invalid_token_never_falls_back_to_the_cookie(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let cookie = client.login("ada").await.cookie();
    let deleted = create(&client, &["account"]).await;
    assert_eq!(client.delete("/account/tokens/1").await.status, 204);
    let valid = create(&client, &["account"]).await;
    let (start, last) = valid.split_at(52);
    let wrong_checksum = format!("{start}{}", if last == "a" { 'b' } else { 'a' });
    let unknown = unknown_token();
    let long = "a".repeat(4000);
    let texts = [&deleted, &unknown, &wrong_checksum, "", "tgt_", "x", &long, &cookie, &format!("{valid} {valid}")];
    let before = client.get("/meter").await.body;
    for text in texts {
        let header = format!("Bearer {text}");
        let browser = client.without_cookies();
        for path in ["/meter", "/blog/1", "/blog", "/check_session", "/check_sessions", "/sessions", "/nowhere", "/"] {
            for accept in ["application/json", CHROMIUM] {
                let headers = [("cookie", cookie.as_str()), ("authorization", header.as_str()), ("accept", accept)];
                let answer = browser.get_with(path, &headers).await;
                let challenge = answer.header("www-authenticate").unwrap_or_default();
                assert!(challenge.starts_with("Bearer error=\"invalid_token\""), "{path} {text}: {answer:?}");
                assert_eq!(answer.header("set-cookie"), None, "{path} {text}: the session is not touched");
                assert_eq!(answer.parts(), invalid_token(), "{path} {text}");
            }
        }
        let out = browser.request(Method::DELETE, "/logout").header("cookie", &cookie).header("authorization", &header);
        assert_eq!(browser.send(out).await.parts(), invalid_token(), "{text}");
    }
    let both = client.request(Method::GET, "/meter");
    let both = both.header("authorization", format!("Bearer {valid}")).header("authorization", "Bearer x");
    assert_eq!(client.send(both).await.parts(), invalid_token(), "two tokens");
    assert!(client.is_signed_in().await);
    assert_eq!(client.get("/meter").await.body, before, "nothing was read");
}

#[both_databases::test]
async fn a_valid_token_takes_the_place_of_the_cookie(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (ada, eve) = (server.signed_in("ada").await, server.signed_in("eve").await);
    let token = format!("Bearer {}", create(&eve, &["account"]).await);
    let answer = ada.get_with("/check_session", &[("authorization", &token)]).await;
    assert_eq!((answer.status, &answer.body["username"]), (200, &json!("eve")));
    assert_eq!(ada.get_with("/sessions", &[("authorization", &token)]).await.parts(), insufficient(None));
    let lower_case = token.replace("Bearer", "bearer");
    assert_eq!(ada.get_with("/meter", &[("authorization", &lower_case)]).await.status, 200);
    assert!(ada.is_signed_in().await);
}

#[both_databases::test]
async fn the_header_does_not_matter_where_no_credential_does(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let stranger = bearer(&client, "nonsense");
    for path in ["/healthz", "/readyz", "/openapi.json", "/docs/"] {
        assert_eq!(stranger.get(path).await.status, 200, "{path}");
    }
    let account = json!({ "username": "bob", "password": PASSWORD });
    assert_eq!(stranger.post("/register", &account).await.status, 201);
    let login = stranger.post("/login", &account).await;
    assert_eq!(login.status, 200);
    let signed_in = client.without_cookies().get_with("/meter", &[("cookie", &login.cookie())]).await;
    assert_eq!(signed_in.status, 200);
    for scheme in ["Basic YTpi", "Digest username=\"a\"", "Negotiate a"] {
        assert_eq!(client.get_with("/meter", &[("authorization", scheme)]).await.status, 200, "{scheme}");
        let nobody = client.without_cookies().get_with("/meter", &[("authorization", scheme)]).await;
        assert_eq!(nobody.header("www-authenticate"), None);
        assert_eq!(nobody.parts(), login_required(), "{scheme}");
    }
}

#[both_databases::test]
async fn reads_with_a_token_draw_on_the_users_meter(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let program = program(&client, &["read"]).await;
    for used in 1..=5 {
        let read = program.get("/blog/1").await;
        assert_eq!((read.status, read.header("x-reads-remaining")), (200, Some((5 - used).to_string().as_str())));
    }
    assert_eq!(client.get("/blog/1").await.code(), "payment_required");
    assert_eq!(program.get("/meter").await.body["used"], json!(5));
    assert_eq!(program.get("/reads").await.body.as_array().unwrap().len(), 5);
}

#[both_databases::test]
async fn a_page_of_another_site_may_use_a_token_and_no_cookie(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("eve").await;
    let token = format!("Bearer {}", create(&admin, &["admin"]).await);
    let foreign = [("origin", "https://elsewhere.example"), ("sec-fetch-site", "cross-site")];
    let post = json!({ "title": "t", "data": "d" });
    let send = async |method: Method, path: &str, token: Option<&str>| {
        let request =
            foreign.iter().fold(admin.request(method, path), |request, (name, value)| request.header(*name, *value));
        let request = token.into_iter().fold(request, |request, token| request.header("authorization", token));
        admin.send(request.json(&post)).await
    };
    assert_eq!(send(Method::POST, "/blog", Some(&token)).await.status, 201);
    assert_eq!(send(Method::GET, "/blog/1", Some(&token)).await.status, 200);
    assert_eq!(send(Method::POST, "/blog", None).await.code(), "cross_origin");
    assert_eq!(send(Method::GET, "/blog/1", None).await.code(), "not_a_read");
    assert_eq!(send(Method::POST, "/blog", Some("Basic YTpi")).await.code(), "cross_origin");
    assert_eq!(send(Method::POST, "/blog", Some("Bearer x")).await.parts(), invalid_token());
    assert_eq!(send(Method::POST, "/login", Some(&token)).await.code(), "cross_origin", "it takes no token");
    let prefetch = [("authorization", token.as_str()), ("sec-purpose", "prefetch")];
    assert_eq!(admin.without_cookies().get_with("/blog/1", &prefetch).await.code(), "not_a_read");
}

#[both_databases::test]
async fn a_listed_origin_may_send_the_header(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    let preflight = client.request(Method::OPTIONS, "/meter").header("origin", "http://localhost:5173");
    let preflight = preflight.header("access-control-request-method", "GET");
    let answer = client.send(preflight.header("access-control-request-headers", "authorization")).await;
    assert_eq!((answer.status, answer.header("access-control-allow-headers")), (200, Some("authorization")));
}

#[both_databases::test]
async fn the_scope_admin_is_worth_what_the_role_is(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("eve").await;
    let editor = program(&admin, &["admin"]).await;
    let reader = program(&admin, &["read", "account"]).await;
    let draft = json!({ "title": "t", "data": "d", "published": false });
    let created = editor.post("/blog", &draft).await;
    assert_eq!(created.status, 201);
    let path = format!("/blog/{}", created.body["id"]);
    assert_eq!(editor.get(&path).await.status, 200);
    assert!(editor.get("/blog").await.body[0].get("published").is_some());
    assert_eq!(reader.get(&path).await.code(), "blog_not_found", "drafts are for admins");
    assert_eq!(reader.head(&path).await.status, 404);
    assert!(reader.get("/blog").await.body[0].get("published").is_none());
    assert_eq!(reader.post("/blog", &draft).await.parts(), insufficient(Some("admin")));

    server.execute("UPDATE users SET role = 'user'").await;
    assert_eq!(editor.post("/blog", &draft).await.parts(), forbidden_to_readers());
    assert_eq!(editor.get("/stats").await.parts(), forbidden_to_readers());
    assert_eq!(editor.get("/stats/posts").await.parts(), forbidden_to_readers());
    assert_eq!(editor.get(&path).await.code(), "blog_not_found");
    assert_eq!(editor.get("/meter").await.status, 200);
    server.promote("eve").await;
    assert_eq!(editor.get("/stats").await.status, 200);
    assert_eq!(editor.get("/stats/posts").await.status, 200);
}

#[both_databases::test]
async fn a_required_second_factor_is_required_of_tokens_too(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let program = program(&client, &["account"]).await;
    let node = server.second_node(&[("REQUIRE_SECOND_FACTOR", "all")]).await;
    let (there, client) = (program.at(&node), client.at(&node));
    assert_eq!(there.get("/meter").await.code(), "second_factor_required_by_policy");
    assert_eq!(client.post("/account/tokens", &json!({})).await.code(), "second_factor_required_by_policy");
    enrol(&server, &client).await;
    there.get_until("/meter", |answer| answer.status == 200).await;
}

#[both_databases::test]
async fn a_token_passes_forward_auth_with_what_its_scopes_allow(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("eve").await;
    let member = program(&admin, &["account"]).await;
    let passed = member.get("/forward-auth").await;
    assert_eq!((passed.status, passed.header("x-tollgate-username")), (204, Some("eve")));
    assert_eq!(passed.header("x-tollgate-role"), Some("user"), "the token has no scope for what admins do");
    assert_eq!(member.get("/forward-auth?require=admin").await.parts(), forbidden());
    let editor = program(&admin, &["account", "admin"]).await;
    let passed = editor.get("/forward-auth?require=admin").await;
    assert_eq!((passed.status, passed.header("x-tollgate-role")), (204, Some("admin")));
    let reader = program(&admin, &["read"]).await.get("/forward-auth").await;
    assert_eq!(reader.header("x-tollgate-code"), Some("insufficient_scope"));
    assert_eq!(reader.parts(), insufficient(Some("account")));

    let invalid = admin.get_with("/forward-auth", &[("authorization", "Bearer tgt_x")]).await;
    assert_eq!(invalid.header("x-tollgate-code"), Some("invalid_token"));
    assert_eq!(invalid.parts(), invalid_token());
    let own = admin.get_with("/forward-auth", &[("authorization", "Bearer of-the-application")]).await;
    assert_eq!(own.status, 204, "the cookie counts: the token is not tollgate's");
}

#[both_databases::test]
async fn a_checkout_link_shows_the_address_only_to_tokens_that_may_see_the_account(database: TestDatabase) {
    let server = TestServer::with(database, &[("CHECKOUT_URL", "https://buy.example/plan")]).await;
    let client = server.client();
    client.post("/register", &json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" })).await;
    client.login("ada").await;
    let link = "https://buy.example/plan?client_reference_id=1";
    let with_address = format!("{link}&prefilled_email=ada%40example.org");
    for (scope, expected) in [("read", link), ("account", &*with_address)] {
        let meter = program(&client, &[scope]).await.get("/meter").await;
        assert_eq!((meter.status, &meter.body["checkout_url"]), (200, &json!(expected)), "{scope}");
    }
    assert_eq!(client.get("/meter").await.body["checkout_url"], json!(with_address));
}
