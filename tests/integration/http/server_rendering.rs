//! The Node server in docs/guides/server-side-rendering.md, which renders posts for signed-in visitors.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
};

use reqwest::{Method, redirect::Policy};
use serde_json::json;

use crate::support::{
    client::{Client, PASSWORD},
    database::TestDatabase,
    server::TestServer,
};

const DOCUMENT: &str = include_str!("../../../docs/guides/server-side-rendering.md");

/// The visitor's address, as forwarded by the proxy before both servers.
const VISITOR: &str = "203.0.113.7";
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// The rendering server, stopped when the test is over.
struct Renderer {
    node: Child,
    address: String,
}

impl Renderer {
    /// `None` without Node on this machine.
    fn start(server: &TestServer) -> Option<Self> {
        let script = DOCUMENT.split("```js\n").nth(1).unwrap().split("```").next().unwrap();
        let file = server.database.folder().join("server.mjs");
        fs::write(&file, script).unwrap();
        let mut node = Command::new("node");
        node.arg(file).env("PORT", "0").env("TOLLGATE", format!("http://{}", server.address)).stdout(Stdio::piped());
        let mut node = match node.spawn() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                assert!(env::var_os("CI").is_none(), "CI needs Node");
                let _ = writeln!(io::stderr(), "not run: node is not on this machine");
                return None;
            }
            started => started.unwrap(),
        };
        let mut line = String::new();
        BufReader::new(node.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Some(Self { node, address })
    }

    async fn get(&self, path: &str, cookie: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        let request = http.get(format!("{}{path}", self.address)).header("cookie", cookie);
        let request = request.header("x-forwarded-for", VISITOR);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

impl Drop for Renderer {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

/// A browser behind a proxy, and its session cookie.
async fn sign_in(server: &TestServer) -> (Client, String) {
    let browser = server.client().with_headers(&[("x-forwarded-for", VISITOR), ("user-agent", BROWSER)]);
    browser.register("ada").await;
    let login = json!({ "username": "ada", "password": PASSWORD });
    let login = browser.send(browser.request(Method::POST, "/login").json(&login)).await;
    (browser, login.cookie())
}

async fn start(kind: &TestDatabase, protection: &str) -> TestServer {
    let database = TestDatabase::new(kind.kind).unwrap();
    TestServer::with(database, &[("SESSION_PROTECTION", protection), ("TRUSTED_PROXIES", "127.0.0.1")]).await
}

#[both_databases::test]
async fn rendering_a_page_does_not_change_the_visitors_session(database: TestDatabase) {
    for protection in ["basic", "strong"] {
        let server = start(&database, protection).await;
        let Some(renderer) = Renderer::start(&server) else { return };
        let (browser, cookie) = sign_in(&server).await;
        for _ in 0..2 {
            server.advance(std::time::Duration::from_secs(61));
            let (status, page) = renderer.get("/posts/2", &cookie, &[("user-agent", BROWSER)]).await;
            assert!(
                status == 200 && page.contains("<h1>Why the counter is not in your browser</h1>"),
                "{status} {page}"
            );
            let session = browser.get("/check_session").await.body["session"].clone();
            assert_eq!(session["fresh_until"], json!("2026-11-21T10:15:00.000Z"), "{protection}");
        }
        let seen = browser.get("/sessions").await.body;
        assert_eq!((&seen[0]["ip"], &seen[0]["user_agent"]), (&json!(VISITOR), &json!(BROWSER)));
        assert_eq!(browser.get("/meter").await.body["used"], json!(2), "each page is a read");
    }
}

#[both_databases::test]
async fn a_stolen_cookie_is_noticed_through_the_rendering_server(database: TestDatabase) {
    let server = start(&database, "strong").await;
    let Some(renderer) = Renderer::start(&server) else { return };
    let (browser, cookie) = sign_in(&server).await;
    let (status, page) = renderer.get("/posts/2", &cookie, &[("user-agent", "thief/1")]).await;
    assert_eq!((status, page.as_str()), (302, ""));
    assert_eq!(browser.get("/check_session").await.status, 401);
}

#[both_databases::test]
async fn a_prefetched_page_costs_no_read(database: TestDatabase) {
    let server = start(&database, "basic").await;
    let Some(renderer) = Renderer::start(&server) else { return };
    let (browser, cookie) = sign_in(&server).await;
    let prefetches = [("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch"), ("next-router-prefetch", "1")];
    for ahead in prefetches {
        let (status, page) = renderer.get("/posts/2", &cookie, &[("user-agent", BROWSER), ahead]).await;
        assert_eq!(status, 403, "{ahead:?}");
        assert!(page.contains("<p>prefetches, link previews and cross-site requests cannot read posts</p>"), "{page}");
    }
    assert_eq!(browser.get("/meter").await.body["used"], json!(0));
}

#[both_databases::test]
async fn other_sites_can_link_to_a_rendered_page_but_not_embed_it(database: TestDatabase) {
    let server = start(&database, "basic").await;
    let Some(renderer) = Renderer::start(&server) else { return };
    let (browser, cookie) = sign_in(&server).await;
    let from = |site, mode, dest| {
        [("user-agent", BROWSER), ("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)]
    };
    for (mode, dest) in [("navigate", "iframe"), ("no-cors", "image"), ("cors", "empty")] {
        let (status, page) = renderer.get("/posts/2", &cookie, &from("cross-site", mode, dest)).await;
        assert_eq!(status, 403, "{dest} {page}");
    }
    assert_eq!(browser.get("/meter").await.body["used"], json!(0));
    for site in ["cross-site", "same-origin"] {
        let (status, page) = renderer.get("/posts/2", &cookie, &from(site, "navigate", "document")).await;
        assert_eq!(status, 200, "{site} {page}");
    }
    assert_eq!(browser.get("/meter").await.body["used"], json!(2));
}

#[both_databases::test]
async fn only_a_trusted_server_renders_pages_that_other_sites_link_to(database: TestDatabase) {
    let linked = [
        ("x-forwarded-user-agent", BROWSER),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let not_a_read = json!({
        "error": "prefetches, link previews and cross-site requests cannot read posts",
        "code": "not_a_read"
    });
    assert_eq!(client.get_with("/blog/1", &linked).await.parts(), (403, not_a_read));
    assert_eq!(client.get("/meter").await.body["used"], json!(0));
}

#[both_databases::test]
async fn forwarded_addresses_of_untrusted_proxies_are_ignored(database: TestDatabase) {
    let server = TestServer::with(database, &[("SESSION_PROTECTION", "strong")]).await;
    let Some(renderer) = Renderer::start(&server) else { return };
    let (browser, cookie) = sign_in(&server).await;
    assert_eq!(renderer.get("/posts/2", &cookie, &[("user-agent", BROWSER)]).await.0, 302);
    assert_eq!(browser.get("/check_session").await.status, 401);
}
