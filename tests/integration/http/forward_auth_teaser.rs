//! `teaser=1`: the application shows its own excerpt.

use serde_json::json;

use super::forward_auth_meter::{TRUSTED, left};
use crate::support::{
    client::{Answer, Client},
    database::TestDatabase,
    server::TestServer,
};

async fn visit(client: &Client, query: &str, uri: &str) -> Answer {
    let headers = [("x-forwarded-uri", uri), ("x-forwarded-method", "GET")];
    client.get_with(&format!("/forward-auth?{query}"), &headers).await
}

fn access(answer: &Answer) -> (u16, Option<&str>, Option<&str>) {
    (answer.status, answer.header("x-tollgate-access"), answer.header("x-tollgate-code"))
}

#[both_databases::test]
async fn visitors_whom_only_the_paywall_denies_a_page_pass(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED, ("READS_LIMIT", "1")]).await;
    let query = "meter=1&teaser=1";
    let nobody = visit(&server.client(), query, "/a").await;
    assert_eq!(access(&nobody), (204, Some("teaser"), Some("login_required")));
    assert_eq!((nobody.header("x-tollgate-user-id"), nobody.header("x-tollgate-subscribed")), (None, Some("false")));

    let user = server.signed_in("ada").await;
    let read = visit(&user, query, "/a").await;
    assert_eq!((access(&read), left(&read)[1]), ((204, Some("full"), None), Some("0")));
    let used_up = visit(&user, query, "/b").await;
    assert_eq!(access(&used_up), (204, Some("teaser"), Some("payment_required")));
    assert_eq!((used_up.header("x-tollgate-username"), left(&used_up)[1]), (Some("ada"), Some("0")));
    assert_eq!(access(&visit(&user, query, "/a").await), (204, Some("full"), None), "it was read before");
    let subscribers = visit(&user, "require=subscriber&teaser=1", "/a").await;
    assert_eq!(access(&subscribers), (204, Some("teaser"), Some("subscription_required")));
    assert_eq!(user.get("/meter").await.body["used"], json!(1));
}

#[both_databases::test]
async fn nothing_else_passes(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED]).await;
    let user = server.signed_in("ada").await;
    for (query, uri, code) in [
        ("require=admin&teaser=1", "/a", "forbidden"),
        ("meter=1&teaser=1", "/a//b", "invalid_path"),
        ("meter=1&teaser=2", "/a", "forbidden"),
    ] {
        let denied = visit(&user, query, uri).await;
        assert_eq!(access(&denied), (403, None, Some(code)), "{query} {uri}");
    }
    let plain = visit(&user, "meter=1", "/a").await;
    assert_eq!(access(&plain), (204, None, None));
    // The browser would show the excerpt to a reader who may read the page.
    let headers = [("x-forwarded-uri", "/b"), ("x-forwarded-method", "GET"), ("sec-purpose", "prefetch")];
    let prefetched = user.get_with("/forward-auth?meter=1&teaser=1", &headers).await;
    assert_eq!(access(&prefetched), (403, None, Some("not_a_read")));
}

#[both_databases::test]
async fn whoever_must_enrol_a_second_factor_is_still_redirected(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED, ("REQUIRE_SECOND_FACTOR", "all")]).await;
    let user = server.signed_in("ada").await;
    let sent_on = visit(&user, "meter=1&teaser=1&redirect=1", "/a").await;
    assert_eq!((sent_on.status, sent_on.header("location")), (302, Some("/second-factor")));
}
