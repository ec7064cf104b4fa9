//! What no path may show, whatever it is for. The paths come from the table of routes, so that none is forgotten.

use std::{collections::HashMap, fs};

use reqwest::Method;
use serde_json::json;

use super::email_login::ON;
use crate::support::{
    api_tokens::program,
    client::{Answer, CHROMIUM, Client},
    database::TestDatabase,
    server::TestServer,
};

const TABLES: [&str; 2] =
    [include_str!("../../../src/http/routes/mod.rs"), include_str!("../../../src/http/routes/console.rs")];
const NAMES: &str = include_str!("../../../src/http/paths.rs");

/// A sentence of each post that no excerpt has.
const SECRET: &str = "In the eighteenth century";

/// Every path, with what stands for its parameters.
fn paths() -> Vec<String> {
    let names = NAMES.lines().filter_map(|line| line.strip_prefix("pub(super) const ")?.split_once(": &str = "));
    let names: HashMap<_, _> = names.map(|(name, text)| (name, text.trim_matches(['"', ';']))).collect();
    let rows = TABLES.into_iter().flat_map(|table| table.split(" row(").skip(1));
    // `path` is a parameter in the rows of a build without passkeys.
    let first = rows.map(|row| row.split(',').next().unwrap().trim()).filter(|first| *first != "path");
    let patterns = first.map(|first| match first.strip_prefix('"') {
        Some(quoted) => quoted.trim_end_matches('"'),
        None => names[first.trim_start_matches("paths::")],
    });
    let fill = |pattern: &str| {
        let path = pattern.replace("{name}", "sso").replace("{act}", "details").replace("{file}*", "x");
        path.replace("{identity}", "1").replace("{token}", "1").replace("{file}", "x")
    };
    let found: Vec<_> = patterns.map(fill).collect();
    assert!(found.len() > 90 && found.iter().any(|path| path == "/forward-auth"), "{found:?}");
    found
}

/// Every path for each of these ids.
fn paths_of(ids: &[&str]) -> Vec<String> {
    let of = |path: String| match path.contains("{id}") {
        true => ids.iter().map(|id| path.replace("{id}", id)).collect(),
        false => vec![path],
    };
    paths().into_iter().flat_map(of).collect()
}

#[both_databases::test]
async fn the_text_of_a_post_is_in_no_representation_for_whom_it_is_not(database: TestDatabase) {
    let settings = [("EXCERPTS", "public"), ("READS_LIMIT", "1"), ("READS_COUNT", "posts")];
    let server = TestServer::with(database, &settings).await;
    let editor = server.admin("editor").await;
    for (title, rest) in [
        ("Closed", json!({ "access": "subscribers" })),
        ("Draft", json!({ "published": false })),
        ("Tomorrow", json!({ "published_at": "2026-11-22T10:00:00Z" })),
    ] {
        let mut post = json!({ "title": title, "data": format!("All. {SECRET}."), "excerpt": "All." });
        post.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        assert_eq!(editor.post("/blog", &post).await.status, 201, "{title}");
    }
    server.execute(&format!("UPDATE posts SET data = 'All. {SECRET}.', excerpt = 'All.' WHERE id <> 2")).await;
    let reader = server.signed_in("reader").await;
    assert_eq!(reader.get("/blog/2").await.status, 200, "this was the only read");
    for (name, visitor) in [("nobody", server.client()), ("reader", reader)] {
        for path in paths_of(&["1", "1-what-a-toll-gate-is-for", "4", "4-closed", "5", "5-draft", "6-tomorrow", "2"]) {
            see(&visitor, name, &path).await;
        }
    }
    // Whoever may read it does see it, so that the sentence is where this looks for it.
    assert!(text_of(&editor.get("/blog/4").await).contains(SECRET));
}

fn text_of(answer: &Answer) -> String {
    answer.body.as_str().map_or_else(|| answer.body.to_string(), str::to_owned)
}

/// Method, query and headers.
type Way = (Method, &'static str, &'static [(&'static str, &'static str)]);

/// Requests a path in every way.
async fn see(visitor: &Client, name: &str, path: &str) {
    let ways: [Way; 9] = [
        (Method::GET, "", &[("accept", "application/json")]),
        (Method::GET, "", &[("accept", CHROMIUM)]),
        (Method::GET, "", &[("accept", "application/atom+xml"), ("user-agent", "Googlebot/2.1")]),
        (Method::GET, "", &[("accept", "*/*"), ("user-agent", "facebookexternalhit/1.1")]),
        (Method::GET, "", &[("range", "bytes=0-9999"), ("accept-encoding", "gzip, br")]),
        (Method::GET, "", &[("if-none-match", "\"x\""), ("accept", CHROMIUM)]),
        (Method::GET, "?teaser=1&gift=x&format=json", &[]),
        (Method::GET, "?limit=100&q=e", &[("x-http-method-override", "PUT")]),
        (Method::HEAD, "", &[]),
    ];
    for (method, query, headers) in ways {
        let request = visitor.request(method.clone(), &format!("{path}{query}"));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let body = request.send().await.unwrap().bytes().await.unwrap();
        let text = String::from_utf8_lossy(&body);
        assert!(!text.contains(SECRET), "{name}: {method} {path}{query} {headers:?}: {text}");
    }
}

#[both_databases::test]
async fn no_page_is_for_api_tokens(database: TestDatabase) {
    let url = format!("file:{}", database.folder().join("mails").display());
    let server = TestServer::with(database, &[("DEMO_CHECKOUT", "true"), ("MAIL_URL", &url), ON]).await;
    let admin = server.admin("editor").await;
    let mut programs = Vec::new();
    for scope in ["read", "account", "admin"] {
        programs.push((scope, program(&admin, &[scope]).await));
    }
    let mut refused = 0;
    // What a token may read, it may read as a page.
    for path in paths_of(&["1"]).into_iter().filter(|path| !["/", "/blog", "/blog/1"].contains(&&**path)) {
        let plain = server.client().browse(server.client().request(Method::GET, &path)).await;
        for (scope, program) in &programs {
            let page = program.browse(program.request(Method::GET, &path)).await;
            let is_page = page.header("content-type").is_some_and(|kind| kind.contains("text/html"));
            // What everybody may open, such as the page to sign in, is the same with a token.
            assert!(!is_page || page.status == plain.status, "{path} with {scope}: {page:?}");
            refused += usize::from(page.body["code"] == "insufficient_scope");
        }
    }
    assert!(refused > 100, "only {refused} requests were refused");
}

#[both_databases::test]
async fn a_branded_site_does_not_name_the_product(database: TestDatabase) {
    let mails = database.folder().join("mails");
    let url = format!("file:{}", mails.display());
    let settings = [("SITE_NAME", "Ada's blog"), ("SITE_CREDIT", "false"), ("MAIL_URL", &url), ON];
    let public = [&settings[..], &[("EXCERPTS", "public"), ("DEMO_CHECKOUT", "true")]].concat();
    let server = TestServer::with(database, &public).await;
    let (reader, editor) = (server.signed_in("reader").await, server.admin("editor").await);
    for (name, visitor) in [("nobody", server.client()), ("reader", reader), ("editor", editor)] {
        for path in paths_of(&["1", "99"]) {
            // The documents of the API are for programmers, and the settings have values such as tollgate.db.
            if path.starts_with("/docs") || path.starts_with("/openapi") || path == "/admin/settings" {
                continue;
            }
            let page = visitor.browse(visitor.request(Method::GET, &path)).await;
            let (text, kind) = (text_of(&page), page.header("content-type").unwrap_or_default());
            let is_shown = ["text/html", "xml", "text/plain"].iter().any(|shown| kind.contains(shown));
            assert!(!is_shown || !text.to_lowercase().contains("tollgate"), "{name}: {path}: {text}");
        }
    }
}

/// What the messages say is in these files, apart from what they are told.
#[test]
fn no_message_names_the_product() {
    let folder = format!("{}/locales", env!("CARGO_MANIFEST_DIR"));
    let mut read = 0;
    for language in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(language.unwrap().path().join("mail.json")).unwrap();
        assert!(text.len() > 1000 && !text.to_lowercase().contains("tollgate"), "{text}");
        read += 1;
    }
    assert_eq!(read, 4);
}
