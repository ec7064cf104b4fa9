//! Reading with a gift link: exact, without charge, and free for those who have opened it.

use futures_util::future::{join, join_all};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    api_tokens::program,
    client::{CHROMIUM, Client},
    database::TestDatabase,
    fixtures::{HOUR, login_required},
    gifts::{give, link, new_link, opened, subscriber},
    server::TestServer,
};

fn not_a_read() -> (u16, Value) {
    (
        403,
        json!({ "error": "prefetches, link previews and cross-site requests cannot read posts", "code": "not_a_read" }),
    )
}

#[both_databases::test]
async fn exactly_as_many_open_a_gift_as_it_allows(database: TestDatabase) {
    let settings = [("READS_LIMIT", "0")];
    let server = TestServer::with(database, &settings).await;
    let giver = subscriber(&server, "ada").await;
    let path = new_link(&giver, 37).await;
    let node = server.second_node(&settings).await;
    let mut readers = Vec::new();
    for number in 0..20 {
        let reader = server.signed_in(&format!("reader{number}")).await;
        readers.push(if number % 2 == 0 { reader.at(&node) } else { reader });
    }
    // Each of these requests comes from another reader.
    let strangers = [server.client().without_cookies(), Client::new(&node).without_cookies()];
    let users = join_all(readers.iter().map(|reader| reader.get(&path)));
    let (users, strangers) = join(users, join_all((0..180).map(|number| strangers[number % 2].get(&path)))).await;
    let read = users.iter().chain(&strangers).filter(|answer| answer.status == 200).count();
    assert_eq!(read, 37);
    assert!(users.iter().all(|answer| answer.status == 200 || answer.code() == "payment_required"), "{users:?}");
    assert!(strangers.iter().all(|answer| answer.status == 200 || answer.code() == "login_required"), "{strangers:?}");
    assert_eq!(opened(&giver).await, json!(37));
    assert_eq!(server.client().get(&path).await.parts(), login_required());
    for (reader, answer) in readers.iter().zip(users) {
        assert_eq!(reader.get(&path).await.status, answer.status, "spent, but not for those who have opened it");
    }
    assert_eq!(opened(&giver).await, json!(37));
}

#[both_databases::test]
async fn one_reader_opens_a_gift_once_however_often(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "0")]).await;
    let giver = subscriber(&server, "ada").await;
    let path = new_link(&giver, 10).await;
    let user = server.signed_in("eve").await;
    let many = join_all((0..20).map(|_| user.get(&path))).await;
    assert!(many.iter().all(|answer| answer.status == 200), "{many:?}");
    assert_eq!(opened(&giver).await, json!(1));

    let stranger = server.client();
    let first = stranger.get(&path).await;
    assert_eq!((first.status, first.header("x-reads-limit")), (200, None));
    assert_eq!(first.header("cache-control"), Some("private, no-store"));
    let cookie = first.header("set-cookie").unwrap();
    let (is_reader, lasts) = (cookie.starts_with("reader="), cookie.contains("Max-Age=34560000"));
    assert!(is_reader && lasts && cookie.contains("HttpOnly"), "{cookie}");
    let many = join_all((0..20).map(|_| stranger.get(&path))).await;
    assert!(many.iter().all(|answer| answer.status == 200 && answer.header("set-cookie").is_none()), "{many:?}");
    assert_eq!(opened(&giver).await, json!(2));
    stranger.register("bob").await;
    stranger.login("bob").await;
    assert_eq!(stranger.get(&path).await.status, 200, "the browser has opened it before");
    assert_eq!(opened(&giver).await, json!(2));
    assert_eq!(server.client().get(&path).await.status, 200);
    assert_eq!(opened(&giver).await, json!(3), "another browser");
}

#[both_databases::test]
async fn a_gift_is_charged_to_nobody(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "1"), ("READS_ANONYMOUS", "1")]).await;
    let giver = subscriber(&server, "ada").await;
    let path = new_link(&giver, 100).await;
    let user = server.signed_in("eve").await;
    for remaining in ["1", "0"] {
        assert_eq!(user.get(&path).await.header("x-reads-remaining"), Some(remaining));
        user.get("/blog/2").await;
    }
    assert_eq!(user.get("/meter").await.body["used"], json!(1));
    let reads = user.get("/reads").await.body;
    assert_eq!((&reads[1]["post_id"], &reads[1]["metered"]), (&json!(1), &json!(false)), "{reads}");

    let stranger = server.client();
    assert_eq!(stranger.get(&path).await.status, 200);
    assert_eq!(stranger.get("/meter").await.body["used"], json!(0));
    assert_eq!(stranger.get("/blog/2").await.header("x-reads-remaining"), Some("0"));
    assert_eq!(stranger.get("/blog/3").await.code(), "login_required");
    assert_eq!(stranger.get(&path).await.status, 200);
    // More than the network's budget of ten.
    for _ in 0..11 {
        assert_eq!(server.client().get(&path).await.status, 200);
    }
    assert_eq!(server.client().get("/blog/2").await.status, 200);
}

#[both_databases::test]
async fn a_gift_opens_its_own_post_only_also_one_for_subscribers(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let giver = subscriber(&server, "ada").await;
    server.execute("UPDATE posts SET access = 'subscribers' WHERE id = 2").await;
    let gift = give(&giver, 2, json!({ "opens": 5 })).await;
    let path = link(&gift);
    let token = path.split_once("gift=").unwrap().1;
    let user = server.signed_in("eve").await;
    for reader in [&user, &server.client(), &program(&user, &["read"]).await] {
        assert_eq!(reader.get(&path).await.body["id"], json!(2));
    }
    assert_eq!(opened(&giver).await, json!(2), "the API token is the user's");
    let stranger = server.client();
    for path in [
        format!("/blog/1?gift={token}"),
        format!("/blog/2?gift={token}x"),
        "/blog/2?gift=".to_owned(),
        "/blog/2?gift".to_owned(),
        format!("/blog/2?gift=x&gift={token}"),
        format!("/blog/2?GIFT={token}"),
        format!("/blog/02?gift={token}"),
        format!("/blog/%32?gift={token}"),
        format!("/blog/2/?gift={token}"),
        format!("/blog/999?gift={token}"),
        format!("/blog?gift={token}"),
        format!("/meter?gift={token}"),
        format!("/gifts?gift={token}"),
    ] {
        assert_eq!(stranger.get(&path).await.parts(), login_required(), "{path}");
    }
    for method in [Method::PUT, Method::DELETE, Method::POST] {
        let request = stranger.request(method.clone(), &path).json(&json!({ "title": "t", "data": "d" }));
        assert_eq!(stranger.send(request).await.parts(), login_required(), "{method}");
    }
    let create = stranger.request(Method::POST, &format!("/blog/2/gifts?gift={token}"));
    assert_eq!(stranger.send(create).await.parts(), login_required());
    assert_eq!(opened(&giver).await, json!(2));
}

#[both_databases::test]
async fn nothing_but_a_get_opens_a_gift(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let giver = subscriber(&server, "ada").await;
    let path = new_link(&giver, 1).await;
    let stranger = server.client();
    let head = stranger.head(&path).await;
    assert_eq!((head.status, head.header("set-cookie")), (200, None));
    assert_eq!(stranger.head("/blog/1?gift=x").await.status, 401);
    for purpose in ["prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip"] {
        let prefetch = stranger.get_with(&path, &[("sec-purpose", purpose)]).await;
        assert_eq!(prefetch.header("set-cookie"), None);
        assert_eq!(prefetch.parts(), not_a_read());
    }
    let preview = stranger.get_with(&path, &[("user-agent", "Slackbot-LinkExpanding 1.0")]).await;
    assert_eq!(preview.parts(), not_a_read());
    assert_eq!(opened(&giver).await, json!(0));
    assert_eq!(stranger.get(&path).await.status, 200);
    assert_eq!(stranger.head(&path).await.status, 200);
    assert_eq!(server.client().head(&path).await.status, 401, "it is spent");
}

#[both_databases::test]
async fn readers_who_need_no_gift_do_not_use_it_up(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let giver = subscriber(&server, "ada").await;
    let path = new_link(&giver, 1).await;
    assert_eq!(giver.get(&path).await.status, 200);
    let admin = server.admin("eve").await;
    server.execute("UPDATE posts SET access = 'subscribers'").await;
    assert_eq!(admin.get(&path).await.status, 200);
    server.execute("UPDATE posts SET access = 'free'").await;
    assert_eq!(server.client().get(&path).await.status, 200);
    assert_eq!(opened(&giver).await, json!(0));
}

#[both_databases::test]
async fn a_link_on_another_site_opens_a_gift(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let giver = subscriber(&server, "ada").await;
    let path = new_link(&giver, 1).await;
    let foreign = [("sec-fetch-site", "cross-site")];
    assert_eq!(server.client().get_with(&path, &foreign).await.status, 200);
    let user = server.signed_in("eve").await;
    assert_eq!(user.get_with(&path, &foreign).await.parts(), not_a_read(), "it is spent, and counts as none");
}

#[both_databases::test]
async fn a_gift_that_has_ended_is_ignored(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (giver, admin) = (subscriber(&server, "ada").await, server.admin("root").await);
    let reader = server.signed_in("eve").await;
    let expiring = link(&give(&giver, 1, json!({ "opens": 9, "expires_at": "2026-11-21T11:00:00Z" })).await);
    let (draft, disabled) = (link(&give(&giver, 2, json!({ "opens": 9 })).await), new_link(&giver, 9).await);
    for path in [&expiring, &draft, &disabled] {
        assert_eq!(reader.get(path).await.header("x-reads-remaining"), Some("5"));
    }
    let end = async |path: &str| {
        for answer in [server.client().get(path).await, server.client().head(path).await] {
            assert_eq!(answer.status, 401, "{answer:?}");
        }
        reader.get(path).await
    };
    server.advance(HOUR);
    assert_eq!(end(&expiring).await.header("x-reads-remaining"), Some("4"), "it is charged");
    server.execute("UPDATE posts SET published = FALSE WHERE id = 2").await;
    assert_eq!(end(&draft).await.code(), "blog_not_found");
    server.execute("UPDATE users SET is_active = FALSE WHERE username_key = 'ada'").await;
    assert_eq!(end(&disabled).await.header("x-reads-remaining"), Some("3"), "its giver is disabled");
    server.execute("UPDATE users SET is_active = TRUE").await;
    assert_eq!(server.client().get(&disabled).await.status, 200);
    assert_eq!(admin.delete("/blog/1").await.status, 204);
    assert_eq!(end(&disabled).await.code(), "blog_not_found");
    giver.login("ada").await;
    assert_eq!(giver.get("/gifts").await.body.as_array().unwrap().len(), 1, "deleted with its post");
}

#[both_databases::test]
async fn a_browser_that_opens_a_gift_from_a_message_gets_the_page(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "0")]).await;
    let giver = subscriber(&server, "ada").await;
    let path = new_link(&giver, 1).await;
    let from_webmail = [("accept", CHROMIUM), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    let friend = server.client();
    for _ in 0..2 {
        let page = friend.get_with(&path, &from_webmail).await;
        assert_eq!(page.status, 200, "{page:?}");
        let html = page.body.as_str().unwrap();
        assert!(html.contains(r#"<div class="prose">"#) && !html.contains(r#"<section class="paywall""#), "{html}");
        assert!(
            html.contains("<p class=\"success\">ada has given you this post. Reading it costs you nothing.</p>"),
            "{html}"
        );
    }
    assert_eq!(opened(&giver).await, json!(1));

    let spent = server.client().get_with(&path, &from_webmail).await;
    let next = path.replace('/', "%2F").replace('?', "%3F").replace('=', "%3D");
    assert_eq!((spent.status, spent.header("location")), (302, Some(&*format!("/login?next={next}"))));
    let late = server.signed_in("eve").await;
    let closed = late.get_with(&path, &from_webmail).await;
    let html = closed.body.as_str().unwrap();
    assert!(html.contains(">This gift was opened as often as it could be, or it has expired.</p>"), "{html}");
    assert!(html.contains(r#"<section class="paywall""#), "{html}");
    // Subscribers need no gift.
    let html = giver.get_with(&path, &from_webmail).await.body.as_str().unwrap().to_owned();
    assert!(
        html.contains(r#"<div class="prose">"#) && !html.contains("This gift") && !html.contains("given you"),
        "{html}"
    );
    let prefetched = [("accept", CHROMIUM), ("sec-purpose", "prefetch")];
    assert_eq!(friend.get_with(&path, &prefetched).await.status, 403);
}

#[both_databases::test]
async fn a_link_preview_does_not_say_that_a_gift_is_spent(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "0"), ("EXCERPTS", "public")]).await;
    let giver = subscriber(&server, "ada").await;
    let path = new_link(&giver, 1).await.replace("/blog/1?", "/blog/1-what-a-toll-gate-is-for?");
    let stranger = server.client();
    let preview = stranger.get_with(&path, &[("accept", "*/*"), ("user-agent", "facebookexternalhit/1.1")]).await;
    let html = preview.body.as_str().unwrap();
    assert!(preview.status == 200 && html.contains("og:title") && !html.contains("This gift"), "{html}");
    let opened = stranger.open(&path).await;
    assert!(opened.body.as_str().unwrap().contains("ada has given you this post."), "{opened:?}");
}
