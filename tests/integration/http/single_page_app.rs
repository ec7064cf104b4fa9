//! `STATIC_DIR`: a single-page app that the server itself serves.

use std::{fs, os::unix::fs::symlink, path::Path};

use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{database::TestDatabase, server::TestServer};

/// The minimal output of a bundler, and files beside it that must not be served.
fn built() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("dist/index.html", "<!doctype html><title>app</title>");
    write("dist/assets/index-Diwrg4da.js", "start()");
    write("dist/logo.svg", "<svg/>");
    write("dist/blog", "a file of no type");
    write("dist/.env", "SECRET=1");
    write("dist/.well-known/assetlinks.json", "[]");
    write("secret.txt", "not yours");
    folder
}

async fn start(database: TestDatabase, folder: &Path) -> TestServer {
    TestServer::with(database, &[("STATIC_DIR", folder.join("dist").to_str().unwrap())]).await
}

#[both_databases::test]
async fn paths_without_a_file_open_the_app_and_cost_no_read(database: TestDatabase) {
    let folder = built();
    let server = start(database, folder.path()).await;
    let signed_in = server.signed_in("ada").await;
    for client in [server.client(), signed_in.clone()] {
        for path in ["/", "/login", "/register", "/blog/1", "/nowhere/at/all", "/blog", "/account/export"] {
            let page = client.open(path).await;
            assert_eq!((page.header("cache-control"), page.header("set-cookie")), (Some("no-cache"), None), "{path}");
            assert_eq!(page.parts(), (200, json!("<!doctype html><title>app</title>")), "{path}");
        }
    }
    assert_eq!(signed_in.get("/meter").await.body["used"], json!(0));
    assert_eq!(signed_in.get("/blog/1").await.body["id"], json!(1), "to the app itself it is data");
    assert_eq!(server.client().get("/blog/1").await.code(), "login_required");
}

#[both_databases::test]
async fn files_are_public_and_those_in_assets_are_cached_for_a_year(database: TestDatabase) {
    let folder = built();
    let server = start(database, folder.path()).await;
    let client = server.client();
    let script = client.open("/assets/index-Diwrg4da.js").await;
    assert_eq!(script.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(script.header("content-type"), Some("text/javascript"));
    assert_eq!(script.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(script.parts(), (200, json!("start()")));
    let logo = client.open("/logo.svg").await;
    assert_eq!((logo.status, logo.header("cache-control")), (200, Some("no-cache")));
    let tag = logo.header("etag").unwrap();
    let known = client.request(Method::GET, "/logo.svg").header("if-none-match", tag).send().await.unwrap();
    assert_eq!(known.status(), 304);
    assert_eq!(client.open("/.well-known/assetlinks.json").await.parts(), (200, json!([])));
    let head = client.request(Method::HEAD, "/logo.svg").send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.headers()["content-length"].to_str().unwrap()), (200, "6"));
}

#[both_databases::test]
async fn the_app_may_run_only_its_own_scripts(database: TestDatabase) {
    let folder = built();
    let server = start(database, folder.path()).await;
    let page = server.client().open("/").await;
    let policy = "default-src 'self'; img-src 'self' https: data:; object-src 'none'; base-uri 'none'; \
                  form-action 'self'; frame-ancestors 'none'";
    assert_eq!(page.header("content-security-policy"), Some(policy));
    assert!(page.headers.iter().any(|(name, value)| name == "vary" && value.starts_with("Accept")), "{page:?}");
}

#[both_databases::test]
async fn no_other_files_are_served(database: TestDatabase) {
    let folder = built();
    let server = start(database, folder.path()).await;
    let client = server.client();
    for path in ["/.env", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt", "/assets", "/blog", "/gone.js"] {
        let answer = client.get(path).await;
        assert_eq!(answer.code(), "login_required", "{path}: {answer:?}");
    }
    let posted = client.post("/logo.svg", &json!({})).await;
    assert_eq!(posted.code(), "login_required");
}

#[both_databases::test]
async fn links_are_followed_only_inside_the_folder(database: TestDatabase) {
    let folder = built();
    let link = |to: &str, at: &str| symlink(to, folder.path().join(at)).unwrap();
    link("../secret.txt", "dist/secret.txt");
    link("..", "dist/up");
    link("/etc", "dist/etc");
    link("logo.svg", "dist/icon.svg");
    // The folder is a symbolic link, as for atomic releases.
    link("dist", "current");
    let server = TestServer::with(database, &[("STATIC_DIR", folder.path().join("current").to_str().unwrap())]).await;
    let client = server.client();
    for path in ["/secret.txt", "/up/secret.txt", "/etc/host.conf"] {
        assert_eq!(client.get(path).await.code(), "login_required", "{path}");
        assert_eq!(client.open(path).await.parts(), (200, json!("<!doctype html><title>app</title>")), "{path}");
    }
    for path in ["/icon.svg", "/up/dist/logo.svg"] {
        let icon = client.open(path).await;
        assert_eq!(icon.header("content-type"), Some("image/svg+xml"));
        assert_eq!(icon.parts(), (200, json!("<svg/>")), "{path}");
    }

    fs::create_dir(folder.path().join("next")).unwrap();
    fs::write(folder.path().join("next/index.html"), "the next release").unwrap();
    fs::remove_file(folder.path().join("current")).unwrap();
    link("next", "current");
    assert_eq!(client.open("/").await.parts(), (200, json!("the next release")));
}

#[both_databases::test]
async fn public_paths_of_the_server_still_work(database: TestDatabase) {
    let folder = built();
    let server = start(database, folder.path()).await;
    let client = server.client();
    assert_eq!(client.open("/healthz").await.parts(), (200, json!({ "status": "ok" })));
    assert!(client.open("/docs/").await.body.as_str().unwrap().contains("swagger"));
    client.register("ada").await;
    client.login("ada").await;
    assert_eq!(client.delete("/logout").await.status, 204);
}
