//! `/blog` for admins.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Client},
    database::TestDatabase,
    fixtures::{forbidden_to_readers, invalid_fields, login_required},
    server::TestServer,
};

async fn put(client: &Client, path: &str, body: &Value) -> Answer {
    client.send(client.request(Method::PUT, path).json(body)).await
}

fn not_found() -> (u16, Value) {
    (404, json!({ "error": "Blog not found", "code": "blog_not_found" }))
}

#[both_databases::test]
async fn a_post_can_be_created_changed_and_deleted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (editor, reader) = (server.admin("editor").await, server.signed_in("ada").await);
    let written = json!({ "title": "Zölle & Tore", "data": "# Tolls\n\nWho pays for a *bridge*? Those who cross it, and now and then somebody else." });
    let created = editor.post("/blog", &written).await;
    assert_eq!(created.header("location"), Some("/blog/4"));
    let mut post = json!({
        "id": 4, "title": "Zölle & Tore", "data": written["data"], "excerpt": "Who pays for a bridge?", "slug": "zolle-tore",
        "access": "metered", "published": true, "author": null, "image": null, "published_at": "2026-11-21T10:00:00.000Z",
        "created_at": "2026-11-21T10:00:00.000Z", "updated_at": null,
    });
    assert_eq!(created.parts(), (201, post.clone()));
    assert_eq!(reader.get("/blog/4").await.parts(), (200, post.clone()));

    server.advance(std::time::Duration::from_secs(1));
    let anew = json!({ "title": "On tolls", "data": "Text.", "excerpt": "Given.", "slug": "tolls-2" });
    for (key, value) in anew.as_object().unwrap() {
        post[key] = value.clone();
    }
    post["updated_at"] = json!("2026-11-21T10:00:01.000Z");
    assert_eq!(put(&editor, "/blog/4", &anew).await.parts(), (200, post.clone()));
    assert_eq!(reader.get("/blog/4").await.parts(), (200, post));

    assert_eq!(editor.delete("/blog/4").await.parts(), (204, Value::Null));
    assert_eq!(editor.delete("/blog/4").await.parts(), not_found());
    assert_eq!(reader.get("/blog/4").await.parts(), not_found());
    assert_eq!(editor.post("/blog", &written).await.body["id"], json!(5), "an id is never given twice");
    assert_eq!(reader.get("/meter").await.body["used"], json!(2), "what was read stays read");
}

#[both_databases::test]
async fn a_change_changes_only_what_it_names(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let editor = server.admin("editor").await;
    let given = json!({
        "title": "On ferries", "data": "A ferry is a bridge. It comes to you, and in fog it keeps you.", "excerpt": "Given.",
        "slug": "ferries", "access": "subscribers", "published": false, "author": "Ada", "image": "/media/ferry.jpg",
        "published_at": "2026-12-24T07:00:00+01:00",
    });
    let mut post = editor.post("/blog", &given).await.body;
    post["updated_at"] = json!("2026-11-21T10:00:01.000Z");
    server.advance(std::time::Duration::from_secs(1));
    for (change, changed) in [
        (json!({}), json!({})),
        (
            json!({ "title": "On bridges", "data": null, "access": null, "published": null }),
            json!({ "title": "On bridges" }),
        ),
        (json!({ "slug": null }), json!({ "slug": "on-bridges" })),
        (json!({ "slug": "" }), json!({ "slug": "on-bridges" })),
        (json!({ "excerpt": null }), json!({ "excerpt": "A ferry is a bridge." })),
        (json!({ "author": null, "image": null }), json!({ "author": null, "image": null })),
        (json!({ "image": "https://images.example/a.png?b" }), json!({ "image": "https://images.example/a.png?b" })),
        (json!({ "published_at": null }), json!({ "published_at": null })),
        (json!({ "access": "free" }), json!({ "access": "free" })),
        (json!({ "published": true }), json!({ "published": true, "published_at": "2026-11-21T10:00:01.000Z" })),
        (json!({ "published": false }), json!({ "published": false })),
        (json!({ "data": "Words, and more of them." }), json!({ "data": "Words, and more of them." })),
    ] {
        for (key, value) in changed.as_object().unwrap() {
            post[key] = value.clone();
        }
        assert_eq!(editor.patch("/blog/4", &change).await.parts(), (200, post.clone()), "{change}");
    }
    assert_eq!(editor.patch("/blog/4", &post).await.parts(), (200, post.clone()), "a post can be sent back");
    assert_eq!(put(&editor, "/blog/4", &post).await.parts(), (200, post));
    assert_eq!(editor.patch("/blog/99", &json!({})).await.parts(), not_found());
    assert_eq!(
        editor.patch("/blog/4", &json!([])).await.parts(),
        invalid_fields(&json!({ "body": "must be an object" }))
    );
}

#[both_databases::test]
async fn a_replacement_keeps_who_may_read_the_post_and_when(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let editor = server.admin("editor").await;
    let at = json!("2020-02-29T12:00:00.000Z");
    let given = json!({
        "title": "t", "data": "Words.", "access": "subscribers", "published": false, "published_at": at, "author": "Ada",
        "image": "/a.png", "slug": "s", "excerpt": "e",
    });
    editor.post("/blog", &given).await;
    let replaced = put(&editor, "/blog/4", &json!({ "title": "On tolls", "data": "Text." })).await;
    let expected = json!({
        "id": 4, "title": "On tolls", "data": "Text.", "excerpt": "…", "slug": "on-tolls", "access": "subscribers",
        "published": false, "author": null, "image": null, "published_at": at,
        "created_at": "2026-11-21T10:00:00.000Z", "updated_at": "2026-11-21T10:00:00.000Z",
    });
    assert_eq!(replaced.parts(), (200, expected));
    let given = json!({ "title": "t", "data": "d", "access": "free", "published": true, "published_at": "2021-01-01T00:00:00Z" });
    let replaced = put(&editor, "/blog/4", &given).await.body;
    assert_eq!(
        (&replaced["access"], &replaced["published"], &replaced["published_at"]),
        (&json!("free"), &json!(true), &json!("2021-01-01T00:00:00.000Z"))
    );
}

#[both_databases::test]
async fn two_changes_at_once_are_both_kept(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let editor = server.admin("editor").await;
    let (titled, written) = (json!({ "title": "Anew" }), json!({ "author": "Ada" }));
    for _ in 0..20 {
        editor.patch("/blog/1", &json!({ "title": "Old", "author": null })).await;
        futures_util::future::join(editor.patch("/blog/1", &titled), editor.patch("/blog/1", &written)).await;
        let post = &editor.get("/blog?before=2").await.body[0];
        assert_eq!((&post["title"], &post["author"]), (&json!("Anew"), &json!("Ada")));
    }
}

#[both_databases::test]
async fn an_image_is_an_address_of_the_web_or_a_path(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let editor = server.admin("editor").await;
    for image in ["https://a.example/b", "HTTP://a.example", "/media/a.png", "/a%20b?c#d"] {
        assert_eq!(editor.patch("/blog/1", &json!({ "image": image })).await.body["image"], json!(image));
    }
    let rule = "must be an address such as https://example.com/ferry.jpg, or a path such as /media/ferry.jpg";
    for image in
        ["", "a.png", "//a.example/b", "/\\a.example", "ftp://a.example", "data:image/png,", "https://", "/a b", "/a\n"]
    {
        let refused = editor.patch("/blog/1", &json!({ "image": image })).await;
        assert_eq!(refused.parts(), invalid_fields(&json!({ "image": rule })), "{image}");
    }
}

#[both_databases::test]
async fn only_admins_can_write_and_a_new_role_counts_immediately(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let post = json!({ "title": "t", "data": "d" });
    for round in 0..2 {
        assert_eq!(client.post("/blog", &post).await.parts(), forbidden_to_readers(), "{round}");
        assert_eq!(
            client.post("/blog", &json!({})).await.parts(),
            forbidden_to_readers(),
            "before anything is looked at"
        );
        assert_eq!(put(&client, "/blog/1", &post).await.parts(), forbidden_to_readers());
        assert_eq!(client.patch("/blog/1", &post).await.parts(), forbidden_to_readers());
        assert_eq!(client.delete("/blog/1").await.parts(), forbidden_to_readers());
        server.promote("ada").await;
        assert_eq!(put(&client, "/blog/1", &post).await.status, 200);
        server.execute("UPDATE users SET role = 'user'").await;
    }
    let nobody = server.client().post("/blog", &post).await.parts();
    assert_eq!(nobody, login_required());
}

#[both_databases::test]
async fn only_admins_see_drafts(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (editor, reader) = (server.admin("editor").await, server.signed_in("ada").await);
    let mut draft = json!({ "title": "Soon", "data": "secret words", "published": false });
    assert_eq!(editor.post("/blog", &draft).await.body["published"], json!(false));
    assert_eq!(reader.get("/blog/4").await.parts(), not_found());
    assert_eq!(reader.head("/blog/4").await.status, 404);
    assert_eq!(reader.get("/blog").await.body.as_array().unwrap().len(), 3);
    assert_eq!(reader.get("/meter").await.body["used"], json!(0));

    assert_eq!(editor.get("/blog/4").await.body["data"], json!("secret words"));
    assert_eq!(editor.get("/meter").await.body["used"], json!(0), "a draft costs nothing");
    let listed = editor.get("/blog?limit=1").await.body;
    assert_eq!(
        listed,
        json!([{ "id": 4, "title": "Soon", "excerpt": "secret…", "slug": "soon", "access": "metered", "author": null, "image": null,
            "published_at": null, "updated_at": null, "published": false }])
    );

    draft["published"] = json!(true);
    assert_eq!(put(&editor, "/blog/4", &draft).await.status, 200);
    assert_eq!(reader.get("/blog/4").await.status, 200);
}

#[both_databases::test]
async fn every_invalid_field_of_a_post_is_named(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let editor = server.admin("editor").await;
    let wrong = json!({ "title": " ", "data": "a\u{0}b", "excerpt": "x".repeat(1001), "slug": "-", "published": 1, "access": "paid",
        "author": "", "image": "javascript:alert(1)", "published_at": "tomorrow", "tags": ["a"], "visible": null });
    let fields = json!({
        "title": "must not be empty", "data": "must not contain NUL", "excerpt": "must have at most 1000 characters",
        "slug": "must consist of lowercase letters, digits and single hyphens", "published": "must be true or false",
        "access": "must be metered, free or subscribers", "author": "must not be empty",
        "image": "must be an address such as https://example.com/ferry.jpg, or a path such as /media/ferry.jpg",
        "published_at": "must be a time such as 2026-11-21T10:00:00Z", "tags": "is unknown", "visible": "is unknown",
    });
    let error = invalid_fields(&fields);
    assert_eq!(editor.post("/blog", &wrong).await.parts(), error.clone());
    let long = json!({ "title": "On tolls", "data": "Text.", "slug": "a".repeat(201) });
    let fields = json!({ "slug": "must have at most 200 characters" });
    assert_eq!(editor.post("/blog", &long).await.parts(), invalid_fields(&fields));
    assert_eq!(put(&editor, "/blog/1", &wrong).await.parts(), error.clone());
    assert_eq!(editor.patch("/blog/1", &wrong).await.parts(), error);
    let missing = editor.post("/blog", &json!({ "title": "x".repeat(201) })).await;
    assert_eq!(missing.body["fields"], json!({ "title": "must have at most 200 characters", "data": "is missing" }));
    for path in ["/blog/99", "/blog/x", "/blog/01"] {
        assert_eq!(put(&editor, path, &json!({ "title": "t", "data": "d" })).await.parts(), not_found(), "{path}");
    }
}

#[both_databases::test]
async fn a_post_has_at_most_a_mebibyte(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let editor = server.admin("editor").await;
    // The rest of the body: `{"data":"","title":"t"}`.
    let longest = json!({ "title": "t", "data": "x".repeat(1024 * 1024 - 23) });
    let longer = json!({ "title": "t", "data": "x".repeat(1024 * 1024 - 22) });
    let too_large = (413, json!({ "error": "the body is larger than 1024 KiB", "code": "too_large" }));
    let created = editor.post("/blog", &longest).await;
    assert_eq!((created.status, &created.body["data"]), (201, &longest["data"]));
    let replaced = put(&editor, "/blog/1", &longest).await;
    assert_eq!((replaced.status, &replaced.body["data"]), (200, &longest["data"]));
    assert_eq!(editor.post("/blog", &longer).await.parts(), too_large);
    assert_eq!(put(&editor, "/blog/1", &longer).await.parts(), too_large.clone());
    let changed = editor.patch("/blog/2", &longest).await;
    assert_eq!((changed.status, &changed.body["data"]), (200, &longest["data"]));
    assert_eq!(editor.patch("/blog/2", &longer).await.parts(), too_large);
}

#[both_databases::test]
async fn an_unchanged_list_is_304(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (editor, reader) = (server.admin("editor").await, server.signed_in("ada").await);
    let tag = reader.get("/blog").await.header("etag").unwrap().to_owned();
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let same = reader.get_with("/blog", &[("if-none-match", &known)]).await;
        assert_eq!(same.header("etag"), Some(tag.as_str()));
        assert_eq!(same.parts(), (304, Value::Null), "{known}");
    }
    put(&editor, "/blog/1", &json!({ "title": "New", "data": "d" })).await;
    let changed = reader.get_with("/blog", &[("if-none-match", &tag)]).await;
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
    assert_eq!((changed.status, &changed.body[2]["title"]), (200, &json!("New")));
}

#[both_databases::test]
async fn the_text_of_a_post_is_only_available_through_the_meter(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "0"), ("CHECKOUT_URL", "https://buy.example/x")]).await;
    let (editor, reader) = (server.admin("editor").await, server.signed_in("ada").await);
    editor
        .post("/blog", &json!({ "title": "t", "data": "An opening. The locked-away words, and a few more of them." }))
        .await;
    for path in
        ["/blog", "/blog/4", "/meter", "/reads", "/account/export", "/account/audit", "/subscription", "/check_session"]
    {
        let answer = reader.get(path).await;
        assert!(!answer.body.to_string().contains("locked-away"), "{path}: {answer:?}");
    }
    assert_eq!(reader.get("/blog/4").await.body["excerpt"], json!("An opening."));
}
