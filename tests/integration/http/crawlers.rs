//! `CRAWLER_RANGES`: what search engines read.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::forward_auth_meter::TRUSTED;
use crate::support::{
    client::{Answer, CHROMIUM, Client},
    database::TestDatabase,
    fixtures::login_required,
    server::TestServer,
};

const GOOGLEBOT: &str = "66.249.64.7";

/// A sentence of the first sample post that its excerpt does not have.
const TEXT: &str = "After that it asks for a coin";

const FIRST: &str = "/blog/1-what-a-toll-gate-is-for";

/// A server that knows one network of crawlers. The folder has the file.
async fn server(database: TestDatabase, settings: &[(&str, &str)]) -> (TestServer, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("googlebot.json");
    fs::write(&file, r#"{"prefixes": [{"ipv4Prefix": "66.249.64.0/27"}]}"#).unwrap();
    let ranges = [TRUSTED, ("CRAWLER_RANGES", file.to_str().unwrap())];
    (TestServer::with(database, &[&ranges, settings].concat()).await, folder)
}

async fn open(client: &Client, path: &str, address: &str) -> Answer {
    client.get_with(path, &[("accept", CHROMIUM), ("x-forwarded-for", address)]).await
}

fn has_text(page: &Answer) -> bool {
    page.body.as_str().unwrap().contains(TEXT)
}

#[both_databases::test]
async fn a_crawler_reads_metered_posts_in_full_and_uncounted(database: TestDatabase) {
    let settings = [("READS_ANONYMOUS", "1"), ("READS_LIMIT", "1")];
    let (server, _folder) = server(database, &settings).await;
    let crawler = server.client();
    for _ in 0..3 {
        let page = open(&crawler, FIRST, GOOGLEBOT).await;
        assert_eq!((page.status, has_text(&page)), (200, true), "{page:?}");
        assert_eq!((page.header("set-cookie"), page.header("x-reads-limit")), (None, None));
    }
    let agent = [("accept", "*/*"), ("user-agent", "Googlebot/2.1"), ("x-forwarded-for", GOOGLEBOT)];
    let page = crawler.get_with(FIRST, &agent).await;
    assert_eq!((page.status, has_text(&page)), (200, true), "its user agent is that of a link preview");
    let moved = open(&crawler, "/blog/1", GOOGLEBOT).await;
    assert_eq!((moved.status, moved.header("location")), (301, Some(FIRST)));
    let stats: Value = server.admin("root").await.get("/stats").await.body;
    assert!(stats.as_array().unwrap().iter().all(|day| day["reads"] == 0), "{stats}");
}

#[both_databases::test]
async fn only_its_address_makes_a_crawler(database: TestDatabase) {
    let (server, _folder) = server(database, &[("EXCERPTS", "public")]).await;
    for address in ["66.249.64.32", "203.0.113.7", "66.249.64.7, 203.0.113.7"] {
        let page = open(&server.client(), FIRST, address).await;
        assert_eq!((page.status, has_text(&page)), (200, false), "{address}");
    }
    let untrusting = server.client().at(&server.second_node(&[("EXCERPTS", "public"), ("TRUSTED_PROXIES", "")]).await);
    assert!(!has_text(&open(&untrusting, FIRST, GOOGLEBOT).await));
}

#[both_databases::test]
async fn a_crawler_reads_nothing_else(database: TestDatabase) {
    let (server, _folder) = server(database, &[("EXCERPTS", "public")]).await;
    let editor = server.admin("editor").await;
    let closed =
        json!({ "title": "Closed", "data": format!("All. {TEXT}."), "excerpt": "All.", "access": "subscribers" });
    assert_eq!(editor.post("/blog", &closed).await.status, 201);
    let draft = json!({ "title": "Draft", "data": TEXT, "published": false });
    assert_eq!(editor.post("/blog", &draft).await.status, 201);
    let crawler = server.client();
    let page = open(&crawler, "/blog/4-closed", GOOGLEBOT).await;
    assert_eq!((page.status, has_text(&page)), (200, false));
    assert_eq!(open(&crawler, "/blog/5-draft", GOOGLEBOT).await.status, 404);
    assert_eq!(crawler.get_with("/blog/1", &[("x-forwarded-for", GOOGLEBOT)]).await.parts(), login_required());
    let user = server.signed_in("ada").await;
    assert_eq!(open(&user, FIRST, GOOGLEBOT).await.header("x-reads-remaining"), Some("4"), "a user has a meter");
}

#[both_databases::test]
async fn a_crawler_passes_the_meter_in_front_of_another_application(database: TestDatabase) {
    let (server, _folder) = server(database, &[("READS_ANONYMOUS", "1")]).await;
    let visit = async |query: &str, address: &str| {
        let headers = [("x-forwarded-uri", "/a"), ("x-forwarded-method", "GET"), ("x-forwarded-for", address)];
        let answer = server.client().get_with(&format!("/forward-auth?{query}"), &headers).await;
        let headers = ["x-tollgate-access", "x-tollgate-subscribed", "x-reads-limit", "set-cookie"];
        (answer.status, headers.map(|name| answer.header(name).map(str::to_owned)))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(visit("meter=1", GOOGLEBOT).await, (204, [None, some("false"), None, None]));
    assert_eq!(visit("meter=1&teaser=1", GOOGLEBOT).await, (204, [some("full"), some("false"), None, None]));
    assert_eq!(visit("meter=1&require=subscriber", GOOGLEBOT).await.0, 401);
    assert_eq!(visit("", GOOGLEBOT).await.0, 401, "there is nothing to read");
    assert_eq!(visit("meter=1", "203.0.113.7").await.1[2], some("1"));
}
