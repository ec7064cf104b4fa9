//! `tollgate post import` of Ghost's export

use std::fs;

use serde_json::{Value, json};

use super::{error_of, json_of, run, text};
use crate::support::{client::CHROMIUM, database::TestDatabase, server::TestServer};

/// An export with a post of each kind.
fn export() -> Value {
    let post = |id: &str, slug: &str, changed: Value| {
        let mut post = json!({
            "id": id, "uuid": format!("uuid-{id}"), "title": slug, "slug": slug, "mobiledoc": null, "lexical": "{}",
            "html": "<p>Text.</p>", "comment_id": id, "plaintext": "Text.", "feature_image": null, "featured": 0,
            "type": "post", "status": "published", "locale": null, "visibility": "public",
            "created_at": "2024-01-01T10:00:00.000Z", "published_at": "2024-01-02T10:00:00.000Z", "custom_excerpt": null
        });
        post.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        post
    };
    let bridges = "<p>A <em>bridge</em>, see <a href=\"__GHOST_URL__/gates/\">gates</a>.</p>\
                   <figure class=\"kg-card kg-image-card\"><img src=\"__GHOST_URL__/content/images/b.png\" alt=\"B\"></figure>\
                   <div class=\"kg-card kg-callout-card\"><div>Toll!</div></div>\
                   <figure class=\"kg-card kg-embed-card\"><iframe src=\"https://v.example/1\"></iframe></figure>\
                   <script>alert(1)</script>";
    json!({ "db": [{
        "meta": { "exported_on": 1_700_000_000_000_i64, "version": "5.80.0" },
        "data": {
            "posts": [
                post("a", "bridges", json!({ "title": "On bridges", "html": bridges, "custom_excerpt": "Over water.",
                    "feature_image": "__GHOST_URL__/content/images/a.png" })),
                post("b", "gates", json!({ "visibility": "members" })),
                post("c", "tiers", json!({ "visibility": "tiers" })),
                post("d", "later", json!({ "status": "draft", "published_at": null, "visibility": "paid" })),
                post("e", "soon", json!({ "status": "scheduled", "published_at": "2126-01-01T00:00:00.000Z" })),
                post("f", "sent", json!({ "status": "sent" })),
                post("g", "about", json!({ "type": "page" })),
                post("h", "empty", json!({ "html": null }))
            ],
            "users": [{ "id": "1", "name": "Ada", "slug": "ada" }, { "id": "2", "name": "Bob", "slug": "bob" }],
            "posts_authors": [
                { "id": "x", "post_id": "a", "author_id": "2", "sort_order": 1 },
                { "id": "y", "post_id": "a", "author_id": "1", "sort_order": 0 }
            ],
            "posts_meta": [{ "id": "m", "post_id": "a", "og_title": "Bridges" }],
            "tags": [{ "id": "t", "name": "News" }],
            "posts_tags": [{ "id": "u", "post_id": "a", "tag_id": "t" }]
        }
    }]})
}

async fn post(server: &TestServer, slug: &str) -> Value {
    let listed = json_of(server, &["post", "list"], "").await;
    let found = listed.as_array().unwrap().iter().find(|post| post["slug"] == json!(slug)).unwrap();
    let mut post = json_of(server, &["post", "show", &found["id"].to_string()], "").await;
    let post = post.as_object_mut().unwrap();
    post.retain(|key, _| !["id", "created_at"].contains(&key.as_str()));
    json!(post)
}

#[both_databases::test]
async fn an_export_of_ghost_is_imported_once(database: TestDatabase) {
    let server = TestServer::start(database).await;
    // Its content says what the file is.
    let file = server.database.folder().join("export.txt");
    fs::write(&file, export().to_string()).unwrap();
    let file = file.to_str().unwrap();
    let left_out = json!({
        "cards (only their text is kept)": 1, "embeds (now links)": 1, "newsletters (now drafts)": 1, "pages": 1,
        "posts without text": 1, "scripts": 1, "tags": 1
    });
    let tried = json_of(&server, &["post", "import", file, "--dry-run"], "").await;
    assert_eq!(tried, json!({ "added": 6, "left_out": left_out, "dry_run": true }));
    let tried = text(&run(&server, &["post", "import", file, "--dry-run"], "").await.stdout);
    assert!(
        tried.starts_with("On bridges\ngates\ntiers\nlater\nsoon\nsent\nposts that would be added: 6\n"),
        "{tried}"
    );
    assert_eq!(json_of(&server, &["post", "list"], "").await.as_array().unwrap().len(), 3);
    assert_eq!(json_of(&server, &["post", "import", file], "").await, json!({ "added": 6, "left_out": left_out }));

    let data = "A *bridge*, see [gates](/gates/).\n\n![B](/content/images/b.png)\n\nToll!\n\n\
                [https://v.example/1](https://v.example/1)";
    assert_eq!(
        post(&server, "bridges").await,
        json!({
            "title": "On bridges", "slug": "bridges", "published": true, "access": "free", "excerpt": "Over water.",
            "published_at": "2024-01-02T10:00:00.000Z", "author": "Ada, Bob", "image": "/content/images/a.png",
            "updated_at": null, "data": data
        })
    );
    for (slug, published, access, at) in [
        ("gates", true, "metered", json!("2024-01-02T10:00:00.000Z")),
        ("tiers", true, "subscribers", json!("2024-01-02T10:00:00.000Z")),
        ("later", false, "subscribers", Value::Null),
        ("soon", true, "free", json!("2126-01-01T00:00:00.000Z")),
        ("sent", false, "free", json!("2024-01-02T10:00:00.000Z")),
    ] {
        let expected = json!({
            "title": slug, "slug": slug, "published": published, "access": access, "excerpt": "…",
            "published_at": at, "author": null, "image": null, "updated_at": null, "data": "Text."
        });
        assert_eq!(post(&server, slug).await, expected);
    }
}

#[both_databases::test]
async fn a_second_import_from_ghost_undoes_no_edit(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut export = export();
    json_of(&server, &["post", "import", "-"], &export.to_string()).await;
    json_of(&server, &["post", "edit", "4", "--title", "Edited"], "").await;
    export["db"][0]["data"]["posts"][0]["title"] = json!("Changed there");
    let again = json_of(&server, &["post", "import", "-"], &export.to_string()).await;
    assert_eq!((&again["added"], &again["skipped"]), (&json!(0), &json!(6)));
    assert_eq!(json_of(&server, &["post", "show", "4"], "").await["title"], json!("Edited"));
}

#[both_databases::test]
async fn an_old_export_of_ghost_is_imported(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let old = json!({
        "meta": { "exported_on": 1_400_000_000_000_i64, "version": "003" },
        "data": {
            "posts": [
                { "id": 1, "uuid": "u", "title": "Old &amp; good", "slug": "old", "html": "<p>Once upon a time.</p>", "page": 0,
                  "status": "published", "author_id": 7, "published_at": 1_388_570_400_000_i64, "image": "/content/images/o.png" },
                { "id": 2, "title": "About", "slug": "about", "html": "<p>Us.</p>", "page": 1, "status": "published" }
            ],
            "users": [{ "id": 7, "name": "Ada" }]
        }
    });
    let added = json_of(&server, &["post", "import", "-"], &old.to_string()).await;
    assert_eq!(added, json!({ "added": 1, "left_out": { "pages": 1 } }));
    assert_eq!(
        post(&server, "old").await,
        json!({
            "title": "Old & good", "slug": "old", "published": true, "access": "free", "excerpt": "Once…",
            "published_at": "2014-01-01T10:00:00.000Z", "author": "Ada", "image": "/content/images/o.png", "updated_at": null,
            "data": "Once upon a time."
        })
    );
}

#[both_databases::test]
async fn an_invalid_export_of_ghost_adds_nothing_and_is_explained(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut wrong_date = export();
    wrong_date["db"][0]["data"]["posts"][1]["published_at"] = json!("soon");
    let mut late = export();
    late["db"][0]["data"]["posts"][1]["published_at"] = json!(i64::MAX);
    let deep = format!("{{\"db\":[{}", "[".repeat(10_000));
    for (typed, error) in [
        (wrong_date.to_string(), "-: the post \"gates\": published_at must be a time such as"),
        (
            "{\"db\":[\n{\"data\":{\"posts\":7}}]}".to_owned(),
            "-: not a valid export of Ghost: invalid type: integer `7`",
        ),
        ("{\"db\":[]}".to_owned(), "-: the export of Ghost has no data"),
        (late.to_string(), "-: the post \"gates\": published_at must be between 1970 and 9998"),
        (deep, "-: not a valid export of Ghost: "),
    ] {
        let refused = error_of(&server, &["post", "import", "-"], &typed).await;
        assert!(refused.starts_with(&format!("tollgate: {error}")), "{refused}");
    }
    assert_eq!(json_of(&server, &["post", "list"], "").await.as_array().unwrap().len(), 3);
}

#[both_databases::test]
async fn a_post_of_any_identity_is_imported_once(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let post = |uuid: &str| json!({ "id": "1", "uuid": uuid, "title": "A\0", "slug": "a", "html": "<p>b\0</p>" });
    let posts = [post("a\0"), post(&"b".repeat(20_000)), post("\u{1F309}")];
    let export = json!({ "db": [{ "data": { "posts": posts } }] }).to_string();
    assert_eq!(json_of(&server, &["post", "import", "-"], &export).await, json!({ "added": 3 }));
    assert_eq!(json_of(&server, &["post", "import", "-"], &export).await, json!({ "added": 0, "skipped": 3 }));
}

#[both_databases::test]
async fn nothing_of_an_imported_post_runs_in_a_browser(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let html = "<p onclick=\"x\">a</p><script>x</script><a href=\"javascript:x\">b</a> <img src=\"y\" onerror=\"x\" alt=\"](javascript:x)\">\
                <svg onload=\"x\"><script>x</script></svg><p>&lt;script&gt;x&lt;/script&gt;</p><iframe src=\"javascript:x\"></iframe>";
    let quotes = format!("{}deep{}", "<blockquote>".repeat(10_000), "</blockquote>".repeat(10_000));
    let post = |id: u32, html: &str| json!({ "id": id.to_string(), "title": "A", "slug": "a", "html": html, "visibility": "public" });
    let export = json!({ "data": { "posts": [post(1, html), post(2, &quotes)] } }).to_string();
    let file = server.database.folder().join("export.json");
    fs::write(&file, export).unwrap();
    json_of(&server, &["post", "import", file.to_str().unwrap()], "").await;

    let page = server.client().get_with("/blog/4", &[("accept", CHROMIUM)]).await;
    let shown = page.body.as_str().unwrap();
    let prose = shown.split("<div class=\"prose\">").nth(1).and_then(|rest| rest.split("</div>").next()).unwrap();
    let expected = "<p>a</p>\n<p>b <img src=\"y\" alt=\")(javascript:x)\" /></p>\n<p>&lt;script&gt;x&lt;/script&gt;</p>\n<p>javascript:x</p>";
    assert_eq!((page.status, prose.trim()), (200, expected));
    let page = server.client().get_with("/blog/5", &[("accept", CHROMIUM)]).await;
    let shown = page.body.as_str().unwrap();
    assert!(page.status == 200 && shown.contains("deep"), "{shown}");
    assert!((20..=32).contains(&shown.matches("<blockquote>").count()), "{shown}");
}
