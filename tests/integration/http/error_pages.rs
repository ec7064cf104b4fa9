//! Errors of navigations, which are pages.

use reqwest::Method;
use serde_json::json;

use crate::support::{
    api_tokens::create,
    client::{Answer, CHROMIUM, Client},
    database::TestDatabase,
    fixtures::not_found,
    server::TestServer,
};

async fn show(client: &Client, path: &str) -> Answer {
    client.get_with(path, &[("accept", CHROMIUM)]).await
}

/// The status, the content type, the title and the page's main element.
fn page(answer: &Answer) -> (u16, Option<&str>, &str, &str) {
    let html = answer.body.as_str().unwrap_or_default();
    let between =
        |start, end| html.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map_or("", |part| part.0);
    let title = between("<title>", " · tollgate</title>");
    (answer.status, answer.header("content-type"), title, between("<main>\n\n", "\n\n</main>"))
}

fn main_of(title: &str, text: &str) -> String {
    format!("<h1>{title}</h1>\n<p>{text}</p>\n<p class=\"aside\"><a href=\"/blog\">All posts</a></p>")
}

#[both_databases::test]
async fn a_navigation_that_fails_shows_a_page_with_the_same_status(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    for (path, status, title, text) in [
        ("/about", 404, "Not found", "This page does not exist."),
        ("/blog/1/", 404, "Not found", "This page does not exist."),
        ("/blog/99", 404, "Not found", "This post does not exist."),
        ("/account/password", 405, "Not a page", "This address is for programs."),
        ("/stats", 403, "Not allowed", "Only editors and admins may do this."),
        ("/reads?limit=0", 422, "Something went wrong", "limit: This must be a whole number from 1 to 100."),
    ] {
        let answer = show(&client, path).await;
        let expected = main_of(title, text);
        assert_eq!(page(&answer), (status, Some("text/html; charset=utf-8"), title, &*expected), "{path}");
        assert_eq!(answer.header("cache-control"), Some("private, no-store"), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        let vary: Vec<_> =
            answer.headers.iter().filter(|(name, _)| name == "vary").map(|(_, value)| &**value).collect();
        assert!(vary.contains(&"Accept") && vary.contains(&"Cookie"), "{path}: {vary:?}");
    }
    assert_eq!(show(&client, "/account/password").await.header("allow"), Some("POST"));
}

#[both_databases::test]
async fn without_a_session_paths_that_need_none_show_pages_as_well(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    for (path, status, title, text) in [
        ("/webhooks/stripe", 405, "Not a page", "This address is for programs."),
        ("/docs/nowhere", 404, "Not found", "This page does not exist."),
        ("/check_session", 401, "Not signed in", "No user logged in."),
    ] {
        let expected = main_of(title, text);
        assert_eq!(page(&show(&client, path).await), (status, Some("text/html; charset=utf-8"), title, &*expected));
    }
    let sent_on = show(&client, "/about").await;
    assert_eq!((sent_on.status, sent_on.header("location")), (302, Some("/login?next=%2Fabout")));
}

#[both_databases::test]
async fn programs_proxies_and_apps_get_json(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    for accept in ["*/*", "application/json", "application/json, text/html;q=0.9"] {
        assert_eq!(client.get_with("/about", &[("accept", accept)]).await.parts(), not_found(), "{accept}");
    }
    let token = format!("Bearer {}", create(&client, &["read"]).await);
    let script = client.without_cookies().get_with("/about", &[("accept", CHROMIUM), ("authorization", &token)]).await;
    assert_eq!(script.parts(), not_found(), "a browser sends no token");
    let form = client.request(Method::POST, "/about").header("accept", CHROMIUM).json(&json!({}));
    assert_eq!(client.send(form).await.parts(), not_found());
    let proxied = show(&server.client(), "/forward-auth").await;
    assert_eq!((proxied.status, proxied.code()), (401, "login_required"));

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<!doctype html><title>app</title>").unwrap();
    let node = client.at(&server.second_node(&[("STATIC_DIR", folder.path().to_str().unwrap())]).await);
    assert_eq!(show(&node, "/webhooks/stripe").await.code(), "method_not_allowed", "the app has its own pages");
}
