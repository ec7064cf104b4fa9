//! Posts in the console, from the first word to the deletion.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{html, led, submit_post};
use crate::support::{
    client::{Answer, Client},
    database::TestDatabase,
    fixtures::{DAY, HOUR, MINUTE},
    server::TestServer,
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and the rest";

/// `sha256sum` of it.
const URL: &str = "/media/8fd214381bde91b2640ee9a6c4b0c144443f643d713b5eb6e219d563ca4c8e9f.png";

async fn start(database: TestDatabase) -> (TestServer, Client, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let settings = [("MEDIA_DIR", folder.path().to_str().unwrap()), ("SEED_DEMO", "false")];
    let server = TestServer::with(database, &settings).await;
    let editor = server.signed_in("ada").await;
    server.execute("UPDATE users SET role = 'editor'").await;
    (server, editor, folder)
}

fn form<'f>(action: &'f str, title: &'f str, data: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("action", action),
        ("title", title),
        ("data", data),
        ("access", "free"),
        ("author", ""),
        ("slug", ""),
        ("excerpt", ""),
        ("image", ""),
        ("published_at", ""),
    ]
}

async fn post(client: &Client) -> Value {
    client.get("/blog/1").await.body
}

#[both_databases::test]
async fn a_post_is_written_previewed_published_corrected_and_deleted(database: TestDatabase) {
    let (server, editor, _folder) = start(database).await;
    assert!(html(&editor.open("/admin/posts").await).contains("There are no posts yet."));
    let preview = submit_post(&editor, "/admin/posts/new", &form("preview", "On *tolls*", "A **road**."), b"").await;
    assert_eq!(preview.status, 200);
    assert!(html(&preview).contains("<strong>road</strong>") && html(&preview).contains("A **road**.</textarea>"));
    assert_eq!(editor.get("/blog").await.body, json!([]), "nothing is saved by a preview");

    let saved = submit_post(&editor, "/admin/posts/new", &form("save", "On tolls", "One.\r\nTwo."), b"").await;
    assert_eq!(led(&saved), (303, "/admin/posts/1?done=saved"));
    assert_eq!(
        (&post(&editor).await["published"], &post(&editor).await["data"]),
        (&json!(false), &json!("One.\nTwo."))
    );
    assert!(html(&editor.open("/admin/posts").await).contains("<span class=\"badge draft\">Draft</span>"));

    let published = submit_post(&editor, "/admin/posts/1", &form("publish", "On tolls", "One."), b"").await;
    assert_eq!(led(&published), (303, "/admin/posts/1?done=published"));
    assert_eq!(server.client().get("/blog/1").await.status, 200, "it is free");
    let at = post(&editor).await["published_at"].clone();
    let page = editor.open("/admin/posts/1").await;
    assert!(html(&page).contains("name=\"published_at\" type=\"datetime-local\" value=\"2026-11-21T10:00\""));

    server.advance(HOUR);
    let mut corrected = form("save", "On tolls", "Corrected.");
    corrected.push(("published_at", "2026-11-21T10:00"));
    corrected.retain(|field| *field != ("published_at", ""));
    assert_eq!(led(&submit_post(&editor, "/admin/posts/1", &corrected, b"").await), (303, "/admin/posts/1?done=saved"));
    let now = post(&editor).await;
    assert_eq!((&now["data"], &now["published"], &now["published_at"]), (&json!("Corrected."), &json!(true), &at));

    let hidden = submit_post(&editor, "/admin/posts/1", &form("unpublish", "On tolls", "One."), b"").await;
    assert_eq!(led(&hidden), (303, "/admin/posts/1?done=unpublished"));
    assert_eq!(server.client().get("/blog/1").await.status, 401);
    assert!(html(&editor.open("/admin/posts/1/delete").await).contains("gone for good"));
    assert_eq!(led(&editor.submit("/admin/posts/1/delete", &[]).await), (303, "/admin/posts?done=post-deleted"));
    assert_eq!(editor.open("/admin/posts/1").await.status, 404);
    assert_eq!(editor.submit("/admin/posts/1/delete", &[]).await.status, 404);
}

#[both_databases::test]
async fn a_post_is_scheduled(database: TestDatabase) {
    let (server, editor, _folder) = start(database).await;
    let mut later = form("publish", "Soon", "Words.");
    later.retain(|field| field.0 != "published_at");
    later.push(("published_at", "2026-11-23T08:30"));
    assert_eq!(
        led(&submit_post(&editor, "/admin/posts/new", &later, b"").await),
        (303, "/admin/posts/1?done=scheduled")
    );
    assert_eq!(post(&editor).await["published_at"], "2026-11-23T08:30:00.000Z");
    assert!(html(&editor.open("/admin/posts").await).contains("<span class=\"badge scheduled\">Scheduled</span>"));
    assert_eq!(server.client().get("/blog/1").await.status, 401);
    server.advance(2 * DAY);
    assert_eq!(server.client().get("/blog/1").await.status, 200);
}

#[both_databases::test]
async fn a_picture_is_added_to_the_text_and_as_the_cover(database: TestDatabase) {
    let (server, editor, folder) = start(database).await;
    let added = submit_post(&editor, "/admin/posts/new", &form("picture", "Ferries", "A ferry."), PNG).await;
    assert_eq!(added.status, 200);
    assert!(html(&added).contains(&format!("A ferry.\n\n![]({URL})\n</textarea>")), "{}", html(&added));
    assert_eq!(server.client().get(URL).await.status, 200);
    let cover = submit_post(&editor, "/admin/posts/new", &form("cover", "Ferries", "A ferry."), PNG).await;
    assert!(html(&cover).contains(&format!("name=\"image\" value=\"{URL}\"")), "{}", html(&cover));
    let none = submit_post(&editor, "/admin/posts/new", &form("picture", "Ferries", "A ferry."), b"").await;
    assert_eq!(none.status, 422);
    assert!(
        html(&none).contains("id=\"picture-error\">This is missing.</p>")
            && html(&none).contains("A ferry.</textarea>")
    );
    let text =
        submit_post(&editor, "/admin/posts/new", &form("picture", "Ferries", "A ferry."), b"<svg onload=x>").await;
    assert_eq!(text.status, 415);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "what was refused is not kept");
}

#[both_databases::test]
async fn an_error_stands_at_its_field_and_nothing_typed_is_lost(database: TestDatabase) {
    let (_server, editor, _folder) = start(database).await;
    let mut wrong = form("publish", "", "Words.");
    wrong.retain(|field| !["slug", "image"].contains(&field.0));
    wrong.extend([("slug", "Not A Slug"), ("image", "javascript:alert(1)")]);
    let refused = submit_post(&editor, "/admin/posts/new", &wrong, b"").await;
    assert_eq!(refused.status, 422);
    for field in ["title", "slug", "image"] {
        assert!(html(&refused).contains(&format!("id=\"{field}-error\">This must")), "{field}: {}", html(&refused));
    }
    assert!(html(&refused).contains("Words.</textarea>") && html(&refused).contains("value=\"Not A Slug\""));
    assert_eq!(editor.get("/blog").await.body, json!([]));
    let urlencoded = editor.submit("/admin/posts/new", &form("save", "a", "b")).await;
    assert_eq!(urlencoded.status, 415);
    let large = "x".repeat(1025 * 1024);
    assert_eq!(submit_post(&editor, "/admin/posts/new", &form("save", "a", &large), b"").await.status, 413);
}

/// The titles in the list, each with its numbers.
fn rows(page: &Answer) -> Vec<(String, Vec<i64>)> {
    let text = |html: &str| html.split('<').next().unwrap().split_once('>').map(|(_, text)| text.to_owned());
    let row = |row: &str| {
        let title = text(row.split("<td><a").nth(1)?)?;
        let numbers = row.split("<td class=\"number\"").skip(1).map(|cell| text(cell).unwrap().parse().unwrap());
        Some((title, numbers.collect()))
    };
    html(page).split("<tr>").filter_map(row).collect()
}

#[both_databases::test]
async fn the_list_says_which_post_converts(database: TestDatabase) {
    let settings = [("SEED_DEMO", "false"), ("READS_ANONYMOUS", "1"), ("READS_LIMIT", "1")];
    let server = TestServer::with(database, &settings).await;
    let editor = server.signed_in("ada").await;
    server.execute("UPDATE users SET role = 'editor'").await;
    for title in ["On tolls", "On bridges", "On ferries"] {
        assert_eq!(editor.post("/blog", &json!({ "title": title, "data": "Words." })).await.status, 201);
    }
    let reader = server.client();
    assert_eq!(reader.get("/blog/1").await.status, 200);
    for post in [2, 2, 3, 2] {
        assert_eq!(reader.get(&format!("/blog/{post}")).await.status, 401);
    }
    server.advance(MINUTE);
    reader.register("eve").await;
    reader.login("eve").await;
    let row = |title: &str, numbers: &[i64]| (title.to_owned(), numbers.to_vec());
    let (tolls, ferries) = (row("On tolls", &[1, 1, 0, 0, 0]), row("On ferries", &[0, 0, 1, 0, 0]));
    let bridges = row("On bridges", &[0, 0, 3, 1, 0]);
    let by_date = [&ferries, &bridges, &tolls];
    assert_eq!(rows(&editor.open("/admin/posts").await).iter().collect::<Vec<_>>(), by_date);
    for (sort, expected) in [
        ("reads", [&tolls, &ferries, &bridges]),
        ("readers", [&tolls, &ferries, &bridges]),
        ("refusals", [&bridges, &ferries, &tolls]),
        ("sign-ups", [&bridges, &ferries, &tolls]),
        ("subscriptions", by_date),
    ] {
        let page = editor.open(&format!("/admin/posts?days=7&sort={sort}")).await;
        assert_eq!(rows(&page).iter().collect::<Vec<_>>(), expected, "{sort}");
        let after = editor.open(&format!("/admin/posts?days=7&sort={sort}&before={}", 2)).await;
        let place = expected.iter().position(|row| row.0 == "On bridges").unwrap();
        assert_eq!(rows(&after).iter().collect::<Vec<_>>(), expected[place + 1..], "{sort}");
    }
    server.advance(8 * DAY);
    editor.login("ada").await;
    let later = editor.open("/admin/posts?days=7&sort=refusals").await;
    assert!(html(&later).contains("No post was read or refused in this period."), "{}", html(&later));
    assert_eq!(rows(&editor.open("/admin/posts?days=30&sort=refusals").await)[0], bridges);
}

#[both_databases::test]
async fn posts_of_equal_numbers_follow_each_other_over_pages(database: TestDatabase) {
    let (server, editor, _folder) = start(database).await;
    for id in 1..=120 {
        let columns = "id, title, slug, excerpt, data, published, access, created_at";
        let values = format!("{id}, 'Post {id}', '', '', '', TRUE, 'metered', 1");
        server.execute(&format!("INSERT INTO posts ({columns}) VALUES ({values})")).await;
        let day = server.clock.now().day();
        let values = format!("{day}, {id}, {}", id % 3);
        server.execute(&format!("INSERT INTO post_days (day, post_id, reads) VALUES ({values})")).await;
    }
    let mut expected: Vec<_> = (1..=120).collect();
    expected.sort_by_key(|id| std::cmp::Reverse((id % 3, *id)));
    let (mut path, mut found) = ("/admin/posts?days=30&sort=reads".to_owned(), Vec::new());
    loop {
        let page = editor.open(&path).await;
        found.extend(rows(&page).into_iter().map(|(title, _)| title));
        let Some((_, next)) = html(&page).split_once("<a class=\"button quiet\" href=\"") else { break };
        path = next.split('"').next().unwrap().replace("&#38;", "&");
    }
    assert_eq!(found, expected.iter().map(|id| format!("Post {id}")).collect::<Vec<_>>());
}

#[both_databases::test]
async fn posts_are_listed_without_numbers_that_cannot_be_counted(database: TestDatabase) {
    let (server, editor, _folder) = start(database).await;
    assert_eq!(editor.post("/blog", &json!({ "title": "On tolls", "data": "Words." })).await.status, 201);
    server.execute("ALTER TABLE content_refusals RENAME TO elsewhere").await;
    let page = editor.open("/admin/posts").await;
    assert_eq!(rows(&page), [("On tolls".to_owned(), vec![])]);
    assert!(html(&page).contains("The numbers could not be counted in time."), "{}", html(&page));
    assert_eq!(editor.open("/admin/posts?sort=reads").await.status, 503);
    server.execute("ALTER TABLE elsewhere RENAME TO content_refusals").await;
    assert_eq!(rows(&editor.open("/admin/posts").await), [("On tolls".to_owned(), vec![0; 5])]);
}
