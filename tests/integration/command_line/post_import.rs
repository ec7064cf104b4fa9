//! `tollgate post import`

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::{error_of, json_of};
use crate::support::{database::TestDatabase, server::TestServer};

/// A folder with a post of each generator, and files that are none.
fn site(server: &TestServer) -> PathBuf {
    let folder = server.database.folder().join("site");
    for (name, text) in [
        (
            "hugo/index.md",
            "+++\ntitle = \"Bridges\"\ndate = 2024-03-01T10:00:00+01:00\nauthors = [\"Ada\"]\n+++\n\nA bridge.\n",
        ),
        ("_posts/2023-01-31-on-tolls.markdown", "---\nlayout: post\ndescription: Free.\n---\n# Tolls\n\nWho pays?\n"),
        ("_drafts/later.md", "---\ntitle: Later\n---\nNot yet.\n"),
        (
            "astro.mdx",
            "---\ntitle: 'Gates'\npubDate: 'Jul 08 2022'\nheroImage: '/a.png'\naccess: subscribers\n---\nA gate.\n",
        ),
        ("soon.md", "---\ntitle: Soon\ndate: 2126-01-01\n---\nText.\n"),
        ("_index.md", "---\ntitle: Nothing\n---\n"),
        (".git/a.md", "a"),
        ("a.txt", "a"),
    ] {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

async fn import(server: &TestServer, folder: &str, options: &[&str]) -> Value {
    json_of(server, &[&["post", "import", folder], options].concat(), "").await
}

#[both_databases::test]
async fn a_folder_of_markdown_is_imported_once(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let folder = site(&server);
    let folder = folder.to_str().unwrap();
    assert_eq!(import(&server, folder, &["--dry-run"]).await, json!({ "added": 5, "dry_run": true }));
    assert_eq!(json_of(&server, &["post", "list"], "").await.as_array().unwrap().len(), 3);
    assert_eq!(import(&server, folder, &[]).await, json!({ "added": 5 }));

    let listed = json_of(&server, &["post", "list"], "").await;
    let post = |slug: &str| listed.as_array().unwrap().iter().find(|post| post["slug"] == json!(slug)).unwrap().clone();
    let expected = |slug: &str, title: &str, at: Value, published: bool, access: &str| {
        let id = post(slug)["id"].clone();
        json!({ "id": id, "title": title, "slug": slug, "published_at": at, "published": published, "access": access })
    };
    for (slug, title, at, published, access) in [
        ("hugo", "Bridges", json!("2024-03-01T09:00:00.000Z"), true, "metered"),
        ("on-tolls", "On tolls", json!("2023-01-31T00:00:00.000Z"), true, "metered"),
        ("later", "Later", Value::Null, false, "metered"),
        ("astro", "Gates", json!("2022-07-08T00:00:00.000Z"), true, "subscribers"),
        ("soon", "Soon", json!("2126-01-01T00:00:00.000Z"), true, "metered"),
    ] {
        assert_eq!(post(slug), expected(slug, title, at, published, access));
    }
    let tolls = post("on-tolls")["id"].to_string();
    let shown = json_of(&server, &["post", "show", &tolls], "").await;
    assert_eq!((&shown["data"], &shown["excerpt"]), (&json!("# Tolls\n\nWho pays?"), &json!("Free.")));

    json_of(&server, &["post", "edit", &tolls, "--title", "Edited"], "").await;
    assert_eq!(import(&server, folder, &[]).await, json!({ "added": 0, "skipped": 5 }));
    assert_eq!(json_of(&server, &["post", "show", &tolls], "").await["title"], json!("Edited"));
    fs::write(server.database.folder().join("site/new.md"), "New.").unwrap();
    assert_eq!(import(&server, folder, &[]).await, json!({ "added": 1, "skipped": 5 }));
}

#[both_databases::test]
async fn one_invalid_file_prevents_the_import_and_is_named_with_the_line(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let folder = site(&server);
    for (text, error) in [
        ("---\ntitle: a\n\ndate: soon\n---\nb", "line 4: date must be a time such as"),
        ("---\ntitle: a\n---\n", "the data must not be empty"),
        ("---\ntitle: [\n---\nb", "the front matter is not YAML: "),
    ] {
        let file = folder.join("wrong.md");
        fs::write(&file, text).unwrap();
        let refused = error_of(&server, &["post", "import", folder.to_str().unwrap()], "").await;
        assert!(refused.starts_with(&format!("tollgate: {}: {error}", file.display())), "{refused}");
    }
    assert_eq!(json_of(&server, &["post", "list"], "").await.as_array().unwrap().len(), 3);
}

#[both_databases::test]
async fn lines_are_imported_once(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let lines = "{\"title\":\"One\",\"data\":\"Words.\"}\n{\"title\":\"Two\",\"data\":\"Words.\"}\n";
    assert_eq!(json_of(&server, &["post", "import", "-"], lines).await, json!({ "added": 2 }));
    assert_eq!(json_of(&server, &["post", "import", "-"], lines).await, json!({ "added": 0, "skipped": 2 }));
    assert_eq!(json_of(&server, &["post", "list"], "").await.as_array().unwrap().len(), 5);
}

#[both_databases::test]
async fn many_files_are_imported_twice_with_the_same_result(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let folder = server.database.folder().join("many");
    fs::create_dir(&folder).unwrap();
    for number in 0..500 {
        let text = format!("---\ntitle: Post {number}\ndate: 2020-01-01\n---\n{}", "Some words. ".repeat(50));
        fs::write(folder.join(format!("{number}.md")), text).unwrap();
    }
    let folder = folder.to_str().unwrap();
    assert_eq!(import(&server, folder, &[]).await, json!({ "added": 500 }));
    assert_eq!(import(&server, folder, &[]).await, json!({ "added": 0, "skipped": 500 }));
}

#[both_databases::test]
async fn an_import_that_fails_midway_leaves_nothing_and_is_run_again(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let lines: String =
        (0..300).map(|number| format!("{{\"title\":\"Post {number}\",\"data\":\"Words.\"}}\n")).collect();
    let lines = lines + "{\"title\":\"What a toll gate is for\",\"data\":\"Words.\"}\n";
    // The database accepts all but the last.
    server.execute("CREATE UNIQUE INDEX posts_title ON posts (title)").await;
    error_of(&server, &["post", "import", "-"], &lines).await;
    assert_eq!(json_of(&server, &["post", "list"], "").await.as_array().unwrap().len(), 3);
    server.execute("DROP INDEX posts_title").await;
    assert_eq!(json_of(&server, &["post", "import", "-"], &lines).await, json!({ "added": 301 }));
}
