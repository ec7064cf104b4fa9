//! `/blog`

use serde_json::{Value, json};

use crate::support::{database::TestDatabase, fixtures::invalid_fields, server::TestServer};

const MORE_POSTS: &str = "INSERT INTO posts (title, slug, data, excerpt, published, access, created_at) VALUES \
    ('draft', '', 'secret', 'secret', FALSE, 'metered', 1), ('five', '', 'd', 'e', TRUE, 'metered', 1), \
    ('six', '', 'd', 'e', TRUE, 'metered', 1)";

fn not_found() -> (u16, Value) {
    (404, json!({ "error": "Blog not found", "code": "blog_not_found" }))
}

#[both_databases::test]
async fn the_list_is_newest_first_and_costs_no_read(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let list = client.get("/blog").await;
    assert_eq!(list.header("link"), None);
    let titles = json!([
        { "id": 3, "title": "Ten requests at once",
          "excerpt": "Two people look at the last ticket at the same moment. Who gets it?", "slug": "ten-requests-at-once", "access": "metered",
          "author": null, "image": null, "published_at": "2026-11-21T10:00:00.000Z", "updated_at": null },
        { "id": 2, "title": "Why the counter is not in your browser",
          "excerpt": "A counter in a cookie is a counter that the reader holds.", "slug": "why-the-counter-is-not-in-your-browser", "access": "metered",
          "author": null, "image": null, "published_at": "2026-11-21T10:00:00.000Z", "updated_at": null },
        { "id": 1, "title": "What a toll gate is for",
          "excerpt": "A road wants mending, and somebody has to pay for the stones.", "slug": "what-a-toll-gate-is-for", "access": "metered",
          "author": null, "image": null, "published_at": "2026-11-21T10:00:00.000Z", "updated_at": null },
    ]);
    assert_eq!(list.parts(), (200, titles));
    assert_eq!(client.get("/meter").await.body["used"], json!(0));
}

#[both_databases::test]
async fn the_next_link_leads_to_the_next_page(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.execute(MORE_POSTS).await;
    let client = server.signed_in("ada").await;
    let (mut path, mut pages) = ("/blog?limit=2".to_owned(), Vec::new());
    loop {
        let page = client.get(&path).await;
        pages.push(page.body.as_array().unwrap().iter().map(|post| post["id"].as_i64().unwrap()).collect::<Vec<_>>());
        let Some(link) = page.header("link") else { break };
        path = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
    }
    assert_eq!(pages, [vec![3, 2], vec![1, 6], vec![5]], "by date and then by id; the draft is not among them");
}

#[both_databases::test]
async fn invalid_page_parameters_are_refused(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let limit = "must be a whole number from 1 to 100";
    let before = "must be a positive whole number";
    for (query, fields) in [
        ("limit=0", json!({ "limit": limit })),
        ("limit=101", json!({ "limit": limit })),
        ("limit=&before=", json!({ "limit": limit, "before": before })),
        ("limit=x&before=-1", json!({ "limit": limit, "before": before })),
        ("before=99999999999999999999", json!({ "before": before })),
    ] {
        let answer = client.get(&format!("/blog?{query}")).await;
        assert_eq!(answer.parts(), invalid_fields(&fields), "{query}");
    }
    assert_eq!(client.get("/blog?other=1").await.status, 200);
}

#[both_databases::test]
async fn a_post_is_returned_with_all_its_fields(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let post = client.get("/blog/1").await;
    assert!(post.body["data"].as_str().unwrap().contains("nobody gets through twice on one coin"));
    let mut rest = post.body.clone();
    rest.as_object_mut().unwrap().remove("data");
    let expected = json!({
        "id": 1, "title": "What a toll gate is for",
        "excerpt": "A road wants mending, and somebody has to pay for the stones.",
        "slug": "what-a-toll-gate-is-for", "access": "metered", "published": true,
        "author": null, "image": null, "published_at": "2026-11-21T10:00:00.000Z", "created_at": "2026-11-21T10:00:00.000Z", "updated_at": null,
    });
    assert_eq!((post.status, rest), (200, expected));
}

#[both_databases::test]
async fn a_missing_post_is_404_and_costs_no_read(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.execute(MORE_POSTS).await;
    let client = server.signed_in("ada").await;
    for id in [
        "0",
        "-1",
        "4",
        "99",
        "99999999999999999999",
        "x",
        "1x",
        "+1",
        "01",
        "1.0",
        "0x1",
        "null",
        "%31",
        "%00",
        "%ff",
        "1%20",
        "1%2f",
    ] {
        assert_eq!(client.get(&format!("/blog/{id}")).await.parts(), not_found(), "{id}");
        assert_eq!(client.head(&format!("/blog/{id}")).await.status, 404, "{id}");
    }
    assert_eq!(client.get("/meter").await.body["used"], json!(0));
}

#[both_databases::test]
async fn head_reports_whether_a_post_exists_and_costs_no_read(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "0")]).await;
    let client = server.signed_in("ada").await;
    let head = client.head("/blog/1").await;
    assert_eq!(head.header("content-length"), None);
    assert_eq!(head.parts(), (200, Value::Null));
    assert_eq!(client.get("/meter").await.body["used"], json!(0));
}

#[both_databases::test]
async fn prefetches_are_refused_and_cost_no_read(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let own = format!("http://{}", server.address);
    let unwanted: [&[(&str, &str)]; 9] = [
        &[("sec-purpose", "prefetch")],
        &[("next-router-prefetch", "1"), ("sec-fetch-site", "same-origin")],
        &[("next-router-prefetch", "2")],
        &[("sec-purpose", "Prefetch;prerender")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("origin", "http://localhost:5173"), ("origin", "https://evil.example")],
    ];
    for headers in unwanted {
        let refused = client.get_with("/blog/1", headers).await;
        assert_eq!(
            refused.parts(),
            (
                403,
                json!({ "error": "prefetches, link previews and cross-site requests cannot read posts", "code": "not_a_read" })
            ),
            "{headers:?}"
        );
    }
    assert_eq!(client.get("/meter").await.body["used"], json!(0));

    let wanted: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "same-site"), ("origin", "http://localhost:5173")],
        &[("origin", &own)],
    ];
    for headers in wanted {
        assert_eq!(client.get_with("/blog/1", headers).await.status, 200, "{headers:?}");
    }
    assert_eq!(client.get("/meter").await.body["used"], json!(4));
    let anonymous = server.client().get_with("/blog/1", &[("sec-purpose", "prefetch")]).await;
    assert_eq!(anonymous.status, 401);
}
