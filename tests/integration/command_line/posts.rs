//! The life of a post on the command line.

use std::fs;

use serde_json::{Value, json};
use tollgate::base::clock::Clock;

use super::{command_with, error_of, json_of, run, text};
use crate::support::{database::TestDatabase, server::TestServer};

/// Runs `post edit 1` with a script as the editor.
async fn edit(server: &TestServer, script: &str) -> (Option<i32>, String, String) {
    let (folder, database) = (server.database.folder(), &server.database.url);
    let settings = [("EDITOR", script), ("VISUAL", ""), ("TMPDIR", folder.to_str().unwrap())];
    let output = command_with(folder, database, &settings, &["post", "edit", "1"], "").await;
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn drafts(server: &TestServer) -> usize {
    let names = fs::read_dir(server.database.folder()).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_str().unwrap().starts_with("tollgate-post-")).count()
}

#[both_databases::test]
async fn a_post_is_shown_published_unpublished_and_deleted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let node = server.node_with_clock(&[("READS_ANONYMOUS", "50")], Clock::system()).await;
    let reader = server.client().at(&node);
    let at = "2126-11-21T00:00:00.000Z";
    let add = ["post", "add", "-", "--title", "Soon", "--author", "Ada", "--published-at", at];
    assert_eq!(json_of(&server, &add, "Some words.").await["published_at"], json!(at));
    let shown = json_of(&server, &["post", "show", "4"], "").await;
    let expected = json!({
        "id": 4, "title": "Soon", "slug": "soon", "published": true, "access": "metered", "published_at": at,
        "excerpt": "Some…", "author": "Ada", "image": null, "created_at": shown["created_at"], "updated_at": null,
        "data": "Some words.",
    });
    assert_eq!(shown, expected);
    let line = format!("4  scheduled for {at}  metered  Soon\n\nSome words.\n");
    assert_eq!(text(&run(&server, &["post", "show", "4"], "").await.stdout), line);

    let published = json_of(&server, &["post", "publish", "4"], "").await;
    assert!(published["published_at"].as_str().unwrap() < at, "{published}");
    reader.get_until("/blog/4", |answer| answer.status == 200).await;
    assert_eq!(json_of(&server, &["post", "unpublish", "4"], "").await["published"], json!(false));
    reader.get_until("/blog/4", |answer| answer.status == 404).await;
    let again = json_of(&server, &["post", "publish", "4"], "").await;
    assert_eq!(again, published, "it keeps its date");
    assert_eq!(json_of(&server, &["post", "delete", "4"], "").await, json!({ "deleted": 4 }));
    for command in ["show", "publish", "unpublish", "delete", "edit"] {
        assert_eq!(error_of(&server, &["post", command, "4"], "").await, "tollgate: post not found: 4\n", "{command}");
    }
}

#[both_databases::test]
async fn options_of_edit_change_only_what_they_name(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let before = json_of(&server, &["post", "show", "1"], "").await;
    let changed = async |arguments: &[&str], typed: &str, keys: Value| {
        json_of(&server, &[&["post", "edit", "1"], arguments].concat(), typed).await;
        let mut after = json_of(&server, &["post", "show", "1"], "").await;
        for (key, value) in keys.as_object().unwrap() {
            assert_eq!(&after[key], value, "{arguments:?}");
            after[key] = before[key].clone();
        }
        after["updated_at"] = Value::Null;
        assert_eq!(after, before, "{arguments:?}");
        let restored = [
            "--title",
            before["title"].as_str().unwrap(),
            "--slug",
            "",
            "--author",
            "",
            "--image",
            "",
            "--access",
            "metered",
            "--file",
            "-",
            "--excerpt",
            before["excerpt"].as_str().unwrap(),
            "--published-at",
            before["published_at"].as_str().unwrap(),
        ];
        json_of(&server, &[&["post", "edit", "1"], &restored[..]].concat(), before["data"].as_str().unwrap()).await;
    };
    changed(&["--title", "Anew", "--access", "free"], "", json!({ "title": "Anew", "access": "free" })).await;
    changed(&["--author", "Ada", "--image", "/a.png"], "", json!({ "author": "Ada", "image": "/a.png" })).await;
    changed(&["--file", "-"], "Other words.", json!({ "data": "Other words." })).await;
    changed(&["--published-at", "2020-02-29"], "", json!({ "published_at": "2020-02-29T00:00:00.000Z" })).await;
    changed(&["--slug", "s"], "", json!({ "slug": "s" })).await;
    for (arguments, error) in [
        (["--title", " "], "the title must not be empty"),
        (["--slug", "A b"], "the slug must consist of lowercase letters, digits and single hyphens"),
    ] {
        let refused = error_of(&server, &[&["post", "edit", "1"], &arguments[..]].concat(), "").await;
        assert_eq!(refused, format!("tollgate: {error}\n"));
    }
}

#[both_databases::test]
async fn a_text_is_changed_in_an_editor(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let before = json_of(&server, &["post", "show", "1"], "").await;
    let edited = edit(&server, "sed -i -e '1i # A heading' -e '$a More words.'").await;
    assert_eq!(edited, (Some(0), "changed /blog/1\n".to_owned(), String::new()));
    let after = json_of(&server, &["post", "show", "1"], "").await;
    let text = before["data"].as_str().unwrap();
    assert_eq!(after["data"], json!(format!("# A heading\n{text}\nMore words.\n")));
    assert_eq!((&after["title"], &after["excerpt"]), (&before["title"], &before["excerpt"]));
    assert_eq!(drafts(&server), 0);
}

#[both_databases::test]
async fn a_text_that_cannot_be_saved_is_kept(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let before = json_of(&server, &["post", "show", "1"], "").await;
    let (status, _, error) = edit(&server, "true").await;
    assert_eq!((status, error.as_str(), drafts(&server)), (Some(1), "tollgate: the text is unchanged\n", 0));
    for (script, reason, kept) in
        [("false", "the editor false failed", 1), ("cp /dev/null", "the data must not be empty", 2)]
    {
        let (status, _, error) = edit(&server, script).await;
        assert_eq!((status, drafts(&server)), (Some(1), kept), "{error}");
        assert!(error.contains(reason) && error.contains("nothing is saved"), "{error}");
    }
    assert_eq!(json_of(&server, &["post", "show", "1"], "").await, before);

    // While the editor is open, another command changes the text.
    let other =
        format!("echo Theirs | {} post edit 1 --file - >/dev/null; echo Mine >>", env!("CARGO_BIN_EXE_tollgate"));
    let (status, _, error) = edit(&server, &other).await;
    assert_eq!((status, drafts(&server)), (Some(1), 3), "{error}");
    assert!(error.contains("changed by someone else in the meantime"), "{error}");
    assert_eq!(json_of(&server, &["post", "show", "1"], "").await["data"], json!("Theirs\n"));
}
