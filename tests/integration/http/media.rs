//! `/media`, with the attacks of OWASP's File Upload Cheat Sheet.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use futures_util::future::join_all;
use reqwest::{Body, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    api_tokens::program,
    client::{Answer, Client},
    database::TestDatabase,
    fixtures::{forbidden_to_readers, invalid_fields, login_required},
    server::TestServer,
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and the rest";

/// `sha256sum` of it.
const URL: &str = "/media/8fd214381bde91b2640ee9a6c4b0c144443f643d713b5eb6e219d563ca4c8e9f.png";

const MIB: usize = 1024 * 1024;

struct Site {
    server: TestServer,
    editor: Client,
    folder: TempDir,
}

impl Site {
    async fn start(database: TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = TestServer::with(database, &[("MEDIA_DIR", folder.path().to_str().unwrap())]).await;
        let editor = server.signed_in("ada").await;
        server.execute("UPDATE users SET role = 'editor'").await;
        Self { server, editor, folder }
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn names(&self) -> Vec<String> {
        names(self.folder.path())
    }
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

async fn upload(client: &Client, content_type: &str, body: impl Into<Body>) -> Answer {
    client.send(client.request(Method::POST, "/media").header("content-type", content_type).body(body)).await
}

/// A form with one field.
fn form(field: &str, file_name: &str, content_type: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "--x\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{file_name}\"\r\nContent-Type: {content_type}\r\n\r\n"
    );
    [head.as_bytes(), bytes, b"\r\n--x--\r\n"].concat()
}

const FORM: &str = "multipart/form-data; boundary=x";

fn unsupported() -> (u16, Value) {
    let error = "the content type must be that of an image (PNG, JPEG, GIF, WebP, AVIF), audio, video or a PDF, and so must the bytes";
    (415, json!({ "error": error, "code": "unsupported_media_type" }))
}

fn not_found() -> (u16, Value) {
    (404, json!({ "error": "not found", "code": "not_found" }))
}

#[both_databases::test]
async fn an_editor_adds_a_file_and_everyone_can_read_it(database: TestDatabase) {
    let site = Site::start(database).await;
    let added = upload(&site.editor, "image/png", PNG).await;
    assert_eq!(added.header("location"), Some(URL));
    assert_eq!(added.parts(), (201, json!({ "url": URL })));
    assert_eq!(
        upload(&site.editor, FORM, form("file", "a.png", "image/png", PNG)).await.parts(),
        (201, json!({ "url": URL }))
    );
    assert_eq!(site.names(), [URL.trim_start_matches("/media/")]);

    let read = site.server.client().get(URL).await;
    assert_eq!((read.status, read.header("content-type")), (200, Some("image/png")));
    assert_eq!(read.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!((read.header("x-content-type-options"), read.header("set-cookie")), (Some("nosniff"), None));
    let policy = read.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("script"), "{policy}");
    let tag = read.header("etag").unwrap().to_owned();
    assert_eq!(site.server.client().get_with(URL, &[("if-none-match", &tag)]).await.status, 304);
    let range = site.server.client().get_with(URL, &[("range", "bytes=1-3")]).await;
    assert_eq!((range.status, &range.body), (206, &json!("PNG")));
    assert_eq!(site.server.client().head(URL).await.status, 200);
}

#[both_databases::test]
async fn only_editors_add_files(database: TestDatabase) {
    let site = Site::start(database).await;
    assert_eq!(upload(&site.server.client(), "image/png", PNG).await.parts(), login_required());
    assert_eq!(upload(&site.server.signed_in("eve").await, "image/png", PNG).await.parts(), forbidden_to_readers());
    let (weak, strong) = (program(&site.editor, &["account"]).await, program(&site.editor, &["admin"]).await);
    assert_eq!(upload(&weak, "image/png", PNG).await.body["code"], json!("insufficient_scope"));
    assert_eq!(site.names(), [""; 0]);
    assert_eq!(upload(&strong, "image/png", PNG).await.status, 201);
}

#[both_databases::test]
async fn without_a_folder_there_are_no_files(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let editor = server.admin("ada").await;
    assert_eq!(server.client().get(URL).await.parts(), login_required());
    assert_eq!(editor.get(URL).await.parts(), not_found());
    assert_eq!(upload(&editor, "image/png", PNG).await.parts(), not_found());
}

/// What no browser and no server may run, or unpack. None of it is of an allowed type.
const SCRIPTS: [&[u8]; 9] = [
    b"<script>alert(1)</script>",
    b"<!DOCTYPE html><script>alert(1)</script>",
    b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
    b"<?xml version=\"1.0\"?><svg/>",
    b"<?php system($_GET[1]); ?>",
    b"#!/bin/sh\n",
    b"PK\x03\x04",
    b"MZ\x90",
    b"",
];

#[both_databases::test]
async fn only_allowed_types_are_stored_whatever_the_extension(database: TestDatabase) {
    let site = Site::start(database).await;
    for bytes in SCRIPTS {
        for name in ["a.png", "a.html", "a.svg", "a.php.png", "a.PnG", "a.png.", "a.png%00.php"] {
            let refused = upload(&site.editor, FORM, form("file", name, "image/png", bytes)).await;
            assert_eq!(refused.parts(), unsupported(), "{name}");
        }
    }
    assert_eq!(site.names(), [""; 0]);
}

#[both_databases::test]
async fn the_content_type_of_the_request_is_not_trusted(database: TestDatabase) {
    let site = Site::start(database).await;
    for bytes in SCRIPTS {
        for content_type in ["image/png", "text/html", "image/svg+xml"] {
            assert_eq!(upload(&site.editor, content_type, bytes).await.parts(), unsupported(), "{content_type}");
        }
    }
    assert_eq!(upload(&site.editor, "text/html", PNG).await.parts(), (201, json!({ "url": URL })));
    assert_eq!(site.server.client().get(URL).await.header("content-type"), Some("image/png"));
}

#[both_databases::test]
async fn the_name_is_generated_whatever_the_file_was_called(database: TestDatabase) {
    let site = Site::start(database).await;
    for (name, content_type) in [
        ("a.html", "text/html"),
        ("a.png.php", "application/x-php"),
        ("../../a.png", "image/png"),
        ("/etc/passwd", "image/png"),
        ("..\\a.png", "image/png"),
        (".htaccess", "text/plain"),
        ("a.svg;.png", "image/svg+xml"),
        ("CON", "x/y"),
        (&"a".repeat(4000), "image/png"),
        ("", "image/png"),
    ] {
        let added = upload(&site.editor, FORM, form("file", name, content_type, PNG)).await;
        assert_eq!(added.parts(), (201, json!({ "url": URL })), "{name:?}");
    }
    assert_eq!(site.names(), [URL.trim_start_matches("/media/")]);
}

#[both_databases::test]
async fn a_picture_that_is_also_a_script_is_served_as_a_picture_only(database: TestDatabase) {
    let site = Site::start(database).await;
    let both = b"GIF89a/*<script>alert(1)</script>*/=1;alert(1)//";
    let added = upload(&site.editor, "text/html", &both[..]).await.body;
    let read = site.server.client().get(added["url"].as_str().unwrap()).await;
    assert_eq!(
        (read.header("content-type"), read.header("x-content-type-options")),
        (Some("image/gif"), Some("nosniff"))
    );
    let policy = read.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("script"), "{policy}");
}

#[both_databases::test]
async fn a_stored_file_cannot_be_executed(database: TestDatabase) {
    let site = Site::start(database).await;
    assert_eq!(upload(&site.editor, "image/png", PNG).await.status, 201);
    let file = site.folder.path().join(URL.trim_start_matches("/media/"));
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o133, 0, "nobody but the owner may write it");
}

#[both_databases::test]
async fn a_page_of_another_site_adds_no_file(database: TestDatabase) {
    let site = Site::start(database).await;
    let foreign = site.editor.with_headers(&[("origin", "https://evil.example")]);
    assert_eq!(upload(&foreign, FORM, form("file", "a", "b/c", PNG)).await.body["code"], json!("cross_origin"));
    assert_eq!(site.names(), [""; 0]);
}

#[both_databases::test]
async fn a_file_has_at_most_twenty_mebibytes(database: TestDatabase) {
    let site = Site::start(database).await;
    let file = |length: usize| [PNG, &vec![0; length - PNG.len()][..]].concat();
    let too_large = (413, json!({ "error": "the body is larger than 20480 KiB", "code": "too_large" }));
    assert_eq!(upload(&site.editor, "image/png", file(20 * MIB)).await.status, 201);
    assert_eq!(upload(&site.editor, FORM, form("file", "a", "image/png", &file(20 * MIB))).await.status, 201);
    assert_eq!(upload(&site.editor, "image/png", file(20 * MIB + 1)).await.parts(), too_large);
    assert_eq!(
        upload(&site.editor, FORM, form("file", "a", "image/png", &file(20 * MIB + 1))).await.parts(),
        too_large
    );
    // Without a length, the limit holds while the file arrives.
    let pieces = (0..21).map(move |number| Ok::<_, std::io::Error>(if number == 0 { file(MIB) } else { vec![0; MIB] }));
    let stream = Body::wrap_stream(futures_util::stream::iter(pieces));
    assert_eq!(upload(&site.editor, "image/png", stream).await.parts(), too_large);
    assert_eq!(site.names().len(), 1, "what was refused leaves nothing");
}

#[both_databases::test]
async fn a_form_without_the_file_is_refused(database: TestDatabase) {
    let site = Site::start(database).await;
    let refused = |error: &str| invalid_fields(&json!({ "file": error }));
    let other = upload(&site.editor, FORM, form("picture", "a.png", "image/png", PNG)).await;
    assert_eq!(other.parts(), refused("is missing"));
    let cut_off =
        upload(&site.editor, FORM, "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nGIF89a").await;
    assert_eq!(cut_off.parts(), refused("could not be read"));
    let with_nul = upload(&site.editor, FORM, form("file", "a.php\0.png", "image/png", PNG)).await;
    assert_eq!(with_nul.parts(), refused("could not be read"));
    assert_eq!(site.names(), [""; 0]);
}

#[both_databases::test]
async fn the_same_file_many_times_at_once_is_one_file(database: TestDatabase) {
    let site = Site::start(database).await;
    let answers = join_all((0..8).map(|_| upload(&site.editor, "image/png", PNG))).await;
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    assert_eq!(site.names(), [URL.trim_start_matches("/media/")]);
}

#[both_databases::test]
async fn only_files_of_these_types_in_the_folder_are_served(database: TestDatabase) {
    let site = Site::start(database).await;
    let (client, outside) = (site.server.client(), tempfile::tempdir().unwrap());
    fs::write(outside.path().join("secret.png"), PNG).unwrap();
    site.write("2026/ferry boat.jpg", b"\xff\xd8\xff\xe0 ferry");
    site.write("page.html", b"<script>alert(1)</script>");
    site.write("fake.png", b"<script>alert(1)</script>");
    site.write("icon.svg", b"<svg onload=\"alert(1)\"/>");
    site.write(".hidden.png", PNG);
    site.write(".git/a.png", PNG);
    symlink(outside.path().join("secret.png"), site.folder.path().join("link.png")).unwrap();
    symlink(outside.path(), site.folder.path().join("folder")).unwrap();
    symlink("2026", site.folder.path().join("inside")).unwrap();
    for path in ["/media/2026/ferry%20boat.jpg", "/media/inside/ferry%20boat.jpg"] {
        let read = client.get(path).await;
        assert_eq!((read.status, read.header("content-type")), (200, Some("image/jpeg")), "{path}");
        assert_eq!(read.header("cache-control"), Some("public, max-age=3600"));
    }
    for path in [
        "/media/",
        "/media/2026",
        "/media/2026/",
        "/media/page.html",
        "/media/fake.png",
        "/media/icon.svg",
        "/media/.hidden.png",
        "/media/.git/a.png",
        "/media/link.png",
        "/media/folder/secret.png",
        "/media/none.png",
        "/media/..%2fsecret.png",
        "/media/a%00.png",
        "/media//2026/ferry%20boat.jpg",
        "/media/%ff",
    ] {
        assert_eq!(client.get(path).await.parts(), not_found(), "{path}");
    }
}
