//! Pages of other applications that are read without a session.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::forward_auth_meter::{TRUSTED, left, request, used, visit};
use crate::support::{
    client::{Answer, Client},
    database::TestDatabase,
    fixtures::{DAY, login_required},
    server::TestServer,
};

/// The request that a proxy sends for a visitor with these cookies.
async fn visit_with(client: &Client, uri: &str, cookie: &str) -> Answer {
    let request = client.request(Method::GET, "/forward-auth?meter=1").header("x-forwarded-method", "GET");
    client.send(request.header("x-forwarded-uri", uri).header("cookie", cookie)).await
}

fn set_cookies(answer: &Answer) -> Vec<&str> {
    let cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value.as_str());
    cookies.collect()
}

#[both_databases::test]
async fn readers_without_a_session_have_reads_of_their_own(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED, ("READS_ANONYMOUS", "2")]).await;
    let client = server.client();
    let first = visit(&client, "/a").await;
    assert_eq!(left(&first), [Some("2"), Some("1"), Some("2592000")]);
    let told = ["user-id", "username", "role", "subscribed"].map(|name| first.header(&format!("x-tollgate-{name}")));
    assert_eq!((first.status, told), (204, [None, None, None, Some("false")]));
    assert!(first.cookie().starts_with("reader="), "{first:?}");
    for (uri, remaining) in [("/a?x", "1"), ("/b", "0"), ("/a", "0")] {
        let answer = visit(&client, uri).await;
        assert_eq!(
            (answer.status, left(&answer)[1], answer.header("set-cookie")),
            (204, Some(remaining), None),
            "{uri}"
        );
    }
    let refused = visit(&client, "/c").await;
    assert_eq!((refused.header("x-tollgate-code"), left(&refused)[1]), (Some("login_required"), Some("0")));
    let body = json!({
        "error": "please login", "code": "login_required", "limit": 2, "used": 2,
        "resets_at": "2026-12-21T10:00:00.000Z", "anonymous": true,
    });
    assert_eq!(refused.parts(), (401, body));
    let uri = [("x-forwarded-uri", "/c")];
    let redirected = client.get_with("/forward-auth?meter=1&redirect=1", &uri).await;
    assert_eq!((redirected.status, redirected.header("location")), (302, Some("/login?next=%2Fc")));

    client.register("ada").await;
    client.login("ada").await;
    assert_eq!(visit(&client, "/c").await.header("x-reads-remaining"), Some("4"));
}

#[both_databases::test]
async fn readers_without_a_session_may_only_get_metered_pages(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED, ("READS_ANONYMOUS", "2")]).await;
    let client = server.client();
    for method in ["HEAD", "POST", "OPTIONS"] {
        assert_eq!(request(&client, method, "/a", &[]).await.parts(), login_required(), "{method}");
    }
    let uri = [("x-forwarded-uri", "/a")];
    for query in ["", "?meter=0", "?meter=1&require=subscriber", "?meter=1&require=admin"] {
        assert_eq!(client.get_with(&format!("/forward-auth{query}"), &uri).await.parts(), login_required(), "{query}");
    }
    let prefetch = request(&client, "GET", "/a", &[("sec-purpose", "prefetch")]).await;
    assert_eq!((prefetch.status, prefetch.header("set-cookie")), (403, None));
    assert_eq!(visit(&client, "/a").await.header("x-reads-remaining"), Some("1"));
}

#[both_databases::test]
async fn without_a_cookie_pages_draw_on_the_budget_of_the_network(database: TestDatabase) {
    let settings = [TRUSTED, ("READS_ANONYMOUS", "1")];
    let server = TestServer::with(database, &settings).await;
    let client = server.client().without_cookies();
    let node = client.at(&server.second_node(&settings).await);
    let pages: Vec<_> = (0..100).map(|n| (if n % 2 == 0 { &client } else { &node }, format!("/essays/{n}"))).collect();
    let answers = join_all(pages.iter().map(|(client, page)| visit(client, page))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 10);
    assert!(answers.iter().all(|answer| answer.status == 204 || answer.status == 401));
    let elsewhere = client.behind_proxy("203.0.113.7");
    assert_eq!(visit(&elsewhere, "/a").await.status, 204);
}

#[both_databases::test]
async fn one_reader_without_a_session_pays_once_for_each_page_however_many_requests_are_sent_at_once(
    database: TestDatabase,
) {
    let settings = [TRUSTED, ("READS_ANONYMOUS", "3")];
    let server = TestServer::with(database, &settings).await;
    let client = server.client().without_cookies();
    let node = client.at(&server.second_node(&settings).await);
    let cookie = visit(&client, "/a").await.cookie();
    let same = join_all((0..50).map(|n| visit_with(if n % 2 == 0 { &client } else { &node }, "/b", &cookie))).await;
    assert!(same.iter().all(|answer| answer.status == 204), "{same:?}");
    let pages: Vec<_> = (0..50).map(|n| format!("/essays/{n}")).collect();
    let others = join_all(pages.iter().map(|page| visit_with(&node, page, &cookie))).await;
    assert_eq!(others.iter().filter(|answer| answer.status == 204).count(), 1);
}

#[both_databases::test]
async fn a_page_that_a_reader_and_the_user_have_read_is_added_once_at_login(database: TestDatabase) {
    let settings = [TRUSTED, ("READS_ANONYMOUS", "5"), ("READS_ANONYMOUS_MERGE", "true")];
    let server = TestServer::with(database, &settings).await;
    let (ada, reader) = (server.signed_in("ada").await, server.client());
    for (client, uri) in [(&reader, "/a"), (&reader, "/b"), (&ada, "/a")] {
        assert_eq!(visit(client, uri).await.status, 204, "{uri}");
    }
    server.advance(3 * DAY);
    reader.login("ada").await;
    assert_eq!(used(&reader).await, json!(2));
    assert_eq!(visit(&reader, "/b").await.header("x-reads-remaining"), Some("3"));
    assert_eq!(
        server.execute("UPDATE pages SET used_on = used_on WHERE used_on = 20781").await,
        1,
        "only /b was added"
    );
}

/// nginx can copy only one cookie to its response.
#[both_databases::test]
async fn a_response_sets_at_most_one_cookie(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED, ("READS_ANONYMOUS", "1")]).await;
    let client = server.signed_in("ada").await;
    let ended = client.login("ada").await.cookie();
    assert_eq!(client.delete("/logout").await.status, 204);
    let stranger = server.client().without_cookies();
    let read = visit_with(&stranger, "/a", &ended).await;
    assert_eq!((read.status, set_cookies(&read).len()), (204, 1));
    assert!(set_cookies(&read)[0].starts_with("reader="), "{read:?}");
    let both = format!("{ended}; {}", read.cookie());
    let refused = visit_with(&stranger, "/b", &both).await;
    assert_eq!((refused.status, set_cookies(&refused).len()), (401, 1));
    assert!(set_cookies(&refused)[0].starts_with("session=;"), "{refused:?}");
}
