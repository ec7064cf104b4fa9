//! `tollgate post import` of WordPress' export

use serde_json::{Value, json};

use super::{error_of, json_of};
use crate::support::{database::TestDatabase, server::TestServer};

/// An item of an export.
fn item(id: u32, kind: &str, status: &str, title: &str, content: &str, more: &str) -> String {
    let date = match status {
        "draft" => "0000-00-00 00:00:00",
        "future" => "2126-01-02 10:00:00",
        _ => "2024-01-02 10:00:00",
    };
    format!(
        "<item>\n<title><![CDATA[{title}]]></title>\n<link>https://old.example/?p={id}</link>\n\
         <pubDate>Tue, 02 Jan 2024 10:00:00 +0000</pubDate>\n<dc:creator><![CDATA[ada]]></dc:creator>\n\
         <guid isPermaLink=\"false\">https://old.example/?p={id}</guid>\n<description></description>\n\
         <content:encoded><![CDATA[{content}]]></content:encoded>\n\
         <excerpt:encoded><![CDATA[]]></excerpt:encoded>\n<wp:post_id>{id}</wp:post_id>\n\
         <wp:post_date><![CDATA[2024-01-02 11:00:00]]></wp:post_date>\n<wp:post_date_gmt><![CDATA[{date}]]></wp:post_date_gmt>\n\
         <wp:post_name><![CDATA[{}]]></wp:post_name>\n<wp:status><![CDATA[{status}]]></wp:status>\n\
         <wp:post_type><![CDATA[{kind}]]></wp:post_type>\n{more}</item>\n",
        title.to_lowercase()
    )
}

fn export(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<!-- This is a WordPress eXtended RSS file. -->\n\
         <rss version=\"2.0\" xmlns:excerpt=\"http://wordpress.org/export/1.2/excerpt/\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:wp=\"http://wordpress.org/export/1.2/\">\n<channel>\n<title>Old</title>\n<wp:wxr_version>1.2</wp:wxr_version>\n\
         <wp:base_blog_url>https://old.example</wp:base_blog_url>\n\
         <wp:author><wp:author_id>1</wp:author_id><wp:author_login><![CDATA[ada]]></wp:author_login>\
         <wp:author_display_name><![CDATA[Ada L.]]></wp:author_display_name></wp:author>\n\
         <wp:category><wp:term_id>1</wp:term_id></wp:category>\n<wp:tag><wp:term_id>2</wp:term_id></wp:tag>\n\
         {items}</channel>\n</rss>\n"
    )
}

/// An item of each kind.
fn items() -> String {
    let classic = "A <b>bridge</b> &amp; a toll.\n\nSee:\n<a href=\"https://old.example/gates/\">gates</a>\n\n[gallery ids=\"1\"]";
    let blocks = "<!-- wp:paragraph -->\n<p>Blocks.</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:list -->\n<ul><li>a</li>\n<li>b</li></ul>\n\
                  <!-- /wp:list -->";
    let thumbnail = "<wp:postmeta><wp:meta_key>_edit_last</wp:meta_key><wp:meta_value>9</wp:meta_value></wp:postmeta>\
                     <wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value><![CDATA[9]]></wp:meta_value></wp:postmeta>\
                     <wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_content>First!</wp:comment_content></wp:comment>";
    let password = "<wp:post_password><![CDATA[abc]]></wp:post_password>";
    let file = "<wp:attachment_url>https://old.example/wp-content/uploads/b.jpg</wp:attachment_url>";
    [
        item(1, "post", "publish", "Bridges", classic, thumbnail),
        item(2, "post", "future", "Blocks", blocks, ""),
        item(3, "post", "draft", "Draft", "Text.", ""),
        item(4, "post", "private", "Private", "Text.", ""),
        item(5, "post", "pending", "Pending", "Text.", ""),
        item(6, "post", "publish", "Locked", "Text.", password),
        item(7, "post", "trash", "Trash", "Text.", ""),
        item(8, "page", "publish", "About", "Text.", ""),
        item(9, "attachment", "inherit", "b", "", file),
        item(10, "nav_menu_item", "publish", "Menu", "", ""),
    ]
    .concat()
}

async fn id(server: &TestServer, slug: &str) -> String {
    let listed = json_of(server, &["post", "list"], "").await;
    listed.as_array().unwrap().iter().find(|post| post["slug"] == json!(slug)).unwrap()["id"].to_string()
}

async fn post(server: &TestServer, slug: &str) -> Value {
    let mut post = json_of(server, &["post", "show", &id(server, slug).await], "").await;
    let post = post.as_object_mut().unwrap();
    post.retain(|key, _| !["id", "created_at"].contains(&key.as_str()));
    json!(post)
}

#[both_databases::test]
async fn an_export_of_wordpress_is_imported_once(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let export = export(&items());
    let left_out = json!({
        "categories": 1, "comments": 1, "galleries (their pictures are not in the text)": 1, "items of other types": 1, "pages": 1,
        "posts in the trash": 1, "posts with a password (now drafts)": 1, "private posts (now drafts)": 1, "tags": 1
    });
    let tried = json_of(&server, &["post", "import", "-", "--dry-run"], &export).await;
    assert_eq!(tried, json!({ "added": 6, "left_out": left_out, "dry_run": true }));
    assert_eq!(json_of(&server, &["post", "list"], "").await.as_array().unwrap().len(), 3);
    let added = json_of(&server, &["post", "import", "-"], &export).await;
    assert_eq!(added, json!({ "added": 6, "left_out": left_out }));

    let data = "A **bridge** & a toll.\n\nSee:  \n[gates](https://old.example/gates/)";
    assert_eq!(
        post(&server, "bridges").await,
        json!({
            "title": "Bridges", "slug": "bridges", "published": true, "access": "metered", "excerpt": "A bridge & a…",
            "published_at": "2024-01-02T10:00:00.000Z", "author": "Ada L.", "image": "https://old.example/wp-content/uploads/b.jpg",
            "updated_at": null, "data": data
        })
    );
    for (slug, published, at, text, excerpt) in [
        ("blocks", true, json!("2126-01-02T10:00:00.000Z"), "Blocks.\n\n- a\n- b", "…"),
        ("draft", false, Value::Null, "Text.", "…"),
        ("private", false, json!("2024-01-02T10:00:00.000Z"), "Text.", "…"),
        ("pending", false, json!("2024-01-02T10:00:00.000Z"), "Text.", "…"),
        ("locked", false, json!("2024-01-02T10:00:00.000Z"), "Text.", "…"),
    ] {
        let shown = post(&server, slug).await;
        let found = (&shown["published"], &shown["published_at"], &shown["data"], &shown["excerpt"]);
        assert_eq!(found, (&json!(published), &at, &json!(text), &json!(excerpt)), "{slug}");
    }

    let bridges = id(&server, "bridges").await;
    json_of(&server, &["post", "edit", &bridges, "--title", "Edited"], "").await;
    let again = json_of(&server, &["post", "import", "-"], &export).await;
    assert_eq!((&again["added"], &again["skipped"]), (&json!(0), &json!(6)));
    assert_eq!(json_of(&server, &["post", "show", &bridges], "").await["title"], json!("Edited"));
}

#[both_databases::test]
async fn an_invalid_export_of_wordpress_adds_nothing_and_is_explained(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let good = item(1, "post", "publish", "Good", "Text.", "");
    let laughs = "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]>\n<rss>&lol2;</rss>";
    let bad_date = item(2, "post", "publish", "Bad", "Text.", "").replace("2024-01-02 10:00:00]]", "yesterday]]");
    for (typed, error) in [
        (laughs.to_owned(), "-: line 2: a document type is not allowed"),
        (
            export(&good.replace("<description></description>", "<description>&lol;</description>")),
            "-: line 17: the entity &lol; is not defined",
        ),
        (format!("<rss><channel>{good}"), "-: line 17: the file ends in the middle"),
        (export(&format!("{good}</b>")), "-: line 27: "),
        (export(&"<a>".repeat(10_000)), "-: line 11: elements are nested more than 64 deep"),
        ("<html></html>".to_owned(), "-: not an export of WordPress: it has no channel"),
        (export(&format!("{good}{bad_date}")), "-: line 27: wp:post_date_gmt must be a time such as"),
    ] {
        let refused = error_of(&server, &["post", "import", "-"], &typed).await;
        assert!(refused.starts_with(&format!("tollgate: {error}")), "{refused}");
    }
    assert_eq!(json_of(&server, &["post", "list"], "").await.as_array().unwrap().len(), 3);
}
