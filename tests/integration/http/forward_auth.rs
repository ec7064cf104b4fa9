//! `/forward-auth`: what a proxy asks before it serves a page of another application.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    authenticator::enrol,
    client::{Answer, CHROMIUM, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{DAY, forbidden, login_required},
    server::TestServer,
};

const TRUSTED: [(&str, &str); 1] = [("TRUSTED_PROXIES", "127.0.0.1")];

/// Who the application is told the visitor is: id, name, role, and whether subscribed.
fn visitor(answer: &Answer) -> [Option<&str>; 4] {
    ["user-id", "username", "role", "subscribed"].map(|name| answer.header(&format!("x-tollgate-{name}")))
}

async fn subscribe(admin: &Client, user_id: i64) {
    let grant = admin.request(Method::PUT, &format!("/users/{user_id}/subscription")).json(&json!({}));
    assert_eq!(admin.send(grant).await.status, 200);
}

#[both_databases::test]
async fn the_application_is_told_who_the_visitor_is(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let answer = client.get("/forward-auth").await;
    assert_eq!(visitor(&answer), [Some("1"), Some("ada"), Some("user"), Some("false")]);
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert_eq!(answer.parts(), (204, Value::Null));
    assert_eq!(visitor(&client.head("/forward-auth").await)[0], Some("1"));
    assert_eq!(client.get("/meter").await.body["used"], json!(0));

    let admin = server.admin("eve").await;
    subscribe(&admin, 1).await;
    assert_eq!(visitor(&client.get("/forward-auth").await)[3], Some("true"));
    assert_eq!(visitor(&admin.get("/forward-auth").await), [Some("2"), Some("eve"), Some("admin"), Some("false")]);
}

#[both_databases::test]
async fn names_are_percent_encoded(database: TestDatabase) {
    let server = TestServer::start(database).await;
    for (name, encoded) in
        [("Zoë你", "Zo%C3%AB%E4%BD%A0"), ("a,b;c=\"d\"", "a%2Cb%3Bc%3D%22d%22"), ("a-b.c_d~e%41", "a-b.c_d~e%2541")]
    {
        let client = server.signed_in(name).await;
        assert_eq!(client.get("/forward-auth").await.header("x-tollgate-username"), Some(encoded));
    }
}

#[both_databases::test]
async fn without_a_session_the_visitor_must_sign_in(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    for query in ["", "?redirect=0", "?require=subscriber", "?require=admin"] {
        let refused = client.get(&format!("/forward-auth{query}")).await;
        assert_eq!((refused.header("x-tollgate-code"), visitor(&refused)), (Some("login_required"), [None; 4]));
        assert_eq!(refused.parts(), login_required(), "{query}");
    }
    let page = client.get_with("/forward-auth", &[("accept", CHROMIUM)]).await;
    assert_eq!(page.parts(), login_required(), "the proxy decides whether to redirect");

    let ended = server.signed_in("ada").await;
    let cookie = ended.login("ada").await.cookie();
    ended.delete("/logout").await;
    let refused = client.get_with("/forward-auth", &[("cookie", &cookie)]).await;
    assert_eq!(refused.header("set-cookie").map(|cookie| cookie.starts_with("session=;")), Some(true));
    assert_eq!(refused.parts(), login_required());
}

#[both_databases::test]
async fn a_redirect_leads_to_the_login_page_and_back(database: TestDatabase) {
    let server = TestServer::with(database, &TRUSTED).await;
    let client = server.client();
    let redirected = async |uri: &'static str| {
        let answer = client.get_with("/forward-auth?redirect=1", &[("x-forwarded-uri", uri)]).await;
        assert_eq!((answer.status, &answer.body), (302, &Value::Null), "{uri}");
        answer.header("location").unwrap().to_owned()
    };
    assert_eq!(redirected("/essays/on-tolls?page=2&x").await, "/login?next=%2Fessays%2Fon-tolls%3Fpage%3D2%26x");
    for elsewhere in ["", "//evil.example", "/\\evil.example", "https://evil.example/", "essays"] {
        assert_eq!(redirected(elsewhere).await, "/login?next=%2F", "{elsewhere}");
    }
    let twice = [("x-forwarded-uri", "/a"), ("x-forwarded-uri", "/b")];
    let twice = client.get_with("/forward-auth?redirect=1", &twice).await;
    assert_eq!(twice.header("location"), Some("/login?next=%2F"), "which of them is the proxy's is unknown");
    let renamed = [("x-original-uri", "/a"), ("x-original-url", "/a"), ("x-rewrite-url", "/a")];
    let renamed = client.get_with("/forward-auth?redirect=1", &renamed).await;
    assert_eq!(renamed.header("location"), Some("/login?next=%2F"));
}

#[both_databases::test]
async fn only_trusted_proxies_say_where_the_visitor_wants_to_go(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let uri = [("x-forwarded-uri", "/essays/on-tolls")];
    let answer = server.client().get_with("/forward-auth?redirect=1", &uri).await;
    assert_eq!((answer.status, answer.header("location")), (302, Some("/login?next=%2F")));
}

#[both_databases::test]
async fn a_page_may_require_a_subscription_or_an_admin(database: TestDatabase) {
    let settings = [("CHECKOUT_URL", "https://buy.stripe.com/test_toll")];
    let server = TestServer::with(database, &settings).await;
    let (user, admin) = (server.signed_in("ada").await, server.admin("eve").await);
    let refused = user.get("/forward-auth?require=subscriber&redirect=1").await;
    assert_eq!((refused.header("x-tollgate-code"), visitor(&refused)), (Some("subscription_required"), [None; 4]));
    let body = json!({
        "error": "this needs a subscription", "code": "subscription_required",
        "checkout_url": "https://buy.stripe.com/test_toll?client_reference_id=1",
        "checkout": [{ "label": null, "url": "https://buy.stripe.com/test_toll?client_reference_id=1" }],
    });
    assert_eq!(refused.parts(), (403, body));
    assert_eq!(user.get("/forward-auth?require=admin").await.parts(), forbidden());
    assert_eq!(admin.get("/forward-auth?require=admin").await.status, 204);
    assert_eq!(admin.get("/forward-auth?require=admin&require=subscriber").await.code(), "subscription_required");

    subscribe(&admin, 1).await;
    assert_eq!(user.get("/forward-auth?require=subscriber").await.status, 204);
    assert_eq!(user.get("/forward-auth?require=subscriber&require=admin").await.parts(), forbidden());
    assert_eq!(admin.delete("/users/1/subscription").await.status, 204);
    assert_eq!(user.get("/forward-auth?require=subscriber").await.status, 403);
}

#[both_databases::test]
async fn an_unknown_condition_opens_no_page(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("ada").await;
    let error = "the proxy's address of /forward-auth contains an unknown condition";
    for query in ["require=editor", "require=", "require=Admin", "requires=admin", "redirect=yes"] {
        for client in [&admin, &server.client()] {
            let refused = client.get(&format!("/forward-auth?{query}")).await;
            assert_eq!(refused.header("x-tollgate-code"), Some("forbidden"), "{query}");
            assert_eq!(refused.parts(), (403, json!({ "error": error, "code": "forbidden" })), "{query}");
        }
    }
}

#[both_databases::test]
async fn the_modern_contract_has_the_same_statuses(database: TestDatabase) {
    let server = TestServer::with(database, &[("CONTRACT", "modern")]).await;
    let user = server.signed_in("ada").await;
    let problem = json!({
        "type": "about:blank", "title": "Forbidden", "status": 403, "detail": "only admins may do this",
        "error": "only admins may do this", "code": "forbidden",
    });
    assert_eq!(user.get("/forward-auth?require=admin").await.parts(), (403, problem));
    assert_eq!(server.client().get("/forward-auth").await.status, 401);
}

#[both_databases::test]
async fn whoever_must_have_a_second_factor_and_has_none_sees_no_page(database: TestDatabase) {
    let server = TestServer::with(database, &[("REQUIRE_SECOND_FACTOR", "all")]).await;
    let client = server.signed_in("ada").await;
    let code = "second_factor_required_by_policy";
    let required = json!({ "error": "add a second factor to your account first", "code": code });
    for accept in ["application/json", CHROMIUM] {
        let refused = client.get_with("/forward-auth", &[("accept", accept)]).await;
        assert_eq!(refused.header("x-tollgate-code"), Some(code));
        assert_eq!(refused.parts(), (403, required.clone()));
    }
    let redirected = client.get("/forward-auth?redirect=1").await;
    assert_eq!((redirected.status, redirected.header("location")), (302, Some("/second-factor")));
    enrol(&server, &client).await;
    assert_eq!(client.get("/forward-auth").await.status, 204);
}

#[both_databases::test]
async fn a_single_page_app_does_not_answer_for_the_gate(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    for name in ["index.html", "forward-auth"] {
        fs::write(folder.path().join(name), "<!doctype html>").unwrap();
    }
    let server = TestServer::with(database, &[("STATIC_DIR", folder.path().to_str().unwrap())]).await;
    let refused = server.client().get_with("/forward-auth", &[("accept", CHROMIUM)]).await;
    assert_eq!(refused.parts(), login_required());
}

#[both_databases::test]
async fn the_browser_gets_the_cookie_that_renews_its_session(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    let login = json!({ "username": "ada", "password": PASSWORD, "stay_signed_in": true });
    client.post("/login", &login).await;
    assert_eq!(client.get("/forward-auth").await.header("set-cookie"), None);
    server.advance(DAY);
    let renewed = client.get("/forward-auth").await;
    assert_eq!((renewed.status, renewed.header("set-cookie").is_some_and(|it| it.contains("; Max-Age="))), (204, true));
}

#[both_databases::test]
async fn if_the_server_cannot_decide_the_response_is_503(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    server.execute("ALTER TABLE sessions RENAME TO elsewhere").await;
    let undecided = client.get("/forward-auth?redirect=1").await;
    let code = undecided.code().to_owned();
    assert_eq!((undecided.status, undecided.header("x-tollgate-code")), (503, Some(code.as_str())));
    assert_eq!(undecided.header("set-cookie"), None, "the session may still be good");
    server.execute("ALTER TABLE elsewhere RENAME TO sessions").await;
    assert_eq!(client.get("/forward-auth").await.status, 204);
}
