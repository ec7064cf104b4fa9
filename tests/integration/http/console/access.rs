//! Who may use the console. The paths come from the table of its routes, so that none is forgotten.

use std::fs;

use reqwest::Method;

use super::{html, led, submit_post};
use crate::{
    http::{
        demotion::{DEMOTE, DISABLE, overtaken, start},
        email::verified,
    },
    support::{
        api_tokens::{create, program},
        client::{Answer, Client, PASSWORD},
        database::TestDatabase,
        fixtures::MINUTE,
        server::TestServer,
        smtp::SmtpServer,
    },
};

const TABLE: &str = include_str!("../../../../src/http/routes/console.rs");

/// What stands for `{act}` below each path.
const ACTS: [(&str, &[&str]); 2] = [
    (
        "/admin/users/2/",
        &[
            "details",
            "role",
            "subscription",
            "end-subscription",
            "sessions",
            "tokens",
            "second-factors",
            "disable",
            "delete",
        ],
    ),
    ("/admin/everybody/", &["sessions", "tokens"]),
];

/// Every path with its ids filled in, and whether it has a form.
fn paths() -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for line in TABLE.lines().filter_map(|line| line.trim().strip_prefix("row(")) {
        let pattern = match line.split_once(',').unwrap().0 {
            "CONSOLE" => "/admin",
            "CONSOLE_POSTS" => "/admin/posts",
            quoted => quoted.trim_matches('"'),
        };
        let (path, has_form) = (pattern.replace("payments/{id}", "payments/cs_1"), line.contains(".post("));
        let path = path.replace("outbox/{id}", "outbox/1000").replace("posts/{id}", "posts/1").replace("{id}", "2");
        match path.strip_suffix("{act}") {
            None => found.push((path, has_form)),
            Some(start) => {
                let acts = ACTS.iter().find(|(path, _)| *path == start).expect("the acts are listed").1;
                found.extend(acts.iter().map(|act| (format!("{start}{act}"), has_form)));
            }
        }
    }
    assert!(found.len() > 25, "{found:?}");
    found
}

fn is_for_editors(path: &str) -> bool {
    path == "/admin" || path.starts_with("/admin/posts")
}

/// What the form of a path would do.
fn forms(path: &str) -> Vec<Vec<(&'static str, &'static str)>> {
    match path {
        "/admin/users/2" => ["unlock", "reset", "enable"]
            .into_iter()
            .map(|action| vec![("action", action)])
            .chain([vec![("action", "reads"), ("extra", "1")]])
            .collect(),
        "/admin/users/2/details" => vec![vec![("username", "late"), ("email", "")]],
        "/admin/users/2/role" => vec![vec![("role", "admin")]],
        "/admin/payments/cs_1" => vec![vec![("user", "id:2")]],
        "/admin/outbox/1000" => vec![vec![("action", "retry")], vec![("action", "discard")]],
        _ => vec![vec![("action", "")]],
    }
}

const POST: [(&str, &str); 4] = [("action", "publish"), ("title", "Late"), ("data", "Too late."), ("access", "free")];

async fn send(client: &Client, path: &str, form: &[(&str, &str)]) -> Answer {
    match path {
        "/admin/posts/new" | "/admin/posts/1" => submit_post(client, path, &POST, b"").await,
        _ => client.submit(path, form).await,
    }
}

async fn insert_rows(server: &TestServer) {
    let columns = "id, kind, recipient, payload, message_id, created_at, next_attempt_at, failed_at";
    let now = server.clock.now().millis();
    let values = format!("1000, 'test', 'x@y.example', '{{}}', '<x>', {now}, 0, 1");
    server.execute(&format!("INSERT INTO outbox ({columns}) VALUES ({values})")).await;
    server.execute("INSERT INTO payments (id, subscription, received_at) VALUES ('cs_1', 'sub_1', 1)").await;
}

#[both_databases::test]
async fn each_page_is_for_its_role_and_sends_strangers_to_the_login(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp).await;
    let admin = server.admin("admin").await;
    let reader = server.signed_in("reader").await;
    let editor = server.signed_in("editor").await;
    server.execute("UPDATE users SET role = 'editor' WHERE username_key = 'editor'").await;
    insert_rows(&server).await;
    let tokens = [program(&admin, &["admin"]).await, program(&admin, &["read"]).await];
    for (path, has_form) in paths() {
        for program in &tokens {
            assert_eq!(program.get(&path).await.code(), "insufficient_scope", "{path}");
            assert!(!has_form || program.submit(&path, &[]).await.status == 403, "{path}");
        }
        let next = format!("/login?next={}", path.replace('/', "%2F"));
        assert_eq!(led(&server.client().open(&path).await), (302, next.as_str()), "{path}");
        if has_form {
            assert_eq!(led(&send(&server.client(), &path, &[]).await), (303, next.as_str()), "{path}");
        }
        if path == "/admin/sign-in" {
            continue;
        }
        for client in [&reader, &editor] {
            if std::ptr::eq(client, &editor) && is_for_editors(&path) {
                assert_eq!(client.open(&path).await.status, 200, "{path}");
                continue;
            }
            let refused = client.open(&path).await;
            assert_eq!(refused.status, 403, "{path}");
            assert!(html(&refused).contains("<h1>Not for this account</h1>"), "{path}: {}", html(&refused));
            if has_form {
                assert_eq!(send(client, &path, &[]).await.status, 403, "{path}");
            }
        }
        assert_eq!(admin.open(&path).await.status, 200, "{path}");
    }
    assert!(!html(&editor.open("/admin").await).contains("/admin/users"), "editors see no way to what is not theirs");
    let has_link =
        async |client: &Client| html(&client.open("/account").await).contains("<a href=\"/admin\">Console</a>");
    assert_eq!((has_link(&reader).await, has_link(&editor).await, has_link(&admin).await), (false, true, true));
}

#[both_databases::test]
async fn every_page_runs_no_script_and_is_not_kept(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp).await;
    let admin = server.admin("admin").await;
    server.client().register("reader").await;
    insert_rows(&server).await;
    for path in paths().into_iter().map(|(path, _)| path).chain(["/admin/nowhere".to_owned()]) {
        let page = admin.open(&path).await;
        if path == "/admin/sign-in" || path.ends_with("/export") {
            continue;
        }
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{path}: {policy}");
        assert!(!policy.contains("script-src") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(page.header("cache-control"), Some("private, no-store"), "{path}");
        assert!(!html(&page).contains("<script") && html(&page).contains("</html>"), "{path}");
    }
}

#[both_databases::test]
async fn every_page_has_all_texts_in_every_language(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.admin("admin").await;
    server.client().register("reader").await;
    insert_rows(&server).await;
    for (language, title) in [("en", "Overview"), ("de", "Übersicht"), ("fr", "Vue d’ensemble"), ("es", "Resumen")] {
        let node = server.second_node(&[("SITE_LANGUAGE", language)]).await;
        let admin = server.client().at(&node);
        admin.login("admin").await;
        let overview = admin.open("/admin").await;
        assert!(html(&overview).contains(&format!("<h1>{title}</h1>")), "{}", html(&overview));
        assert!(html(&overview).contains(&format!("<html lang=\"{language}\">")), "{}", html(&overview));
        for path in paths().into_iter().map(|(path, _)| path).chain(["/admin/nowhere".to_owned()]) {
            let page = admin.open(&path).await;
            assert!(!html(&page).contains("console-"), "{language} {path}: {}", html(&page));
        }
    }
}

#[both_databases::test]
async fn a_form_of_another_site_changes_nothing(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp).await;
    let client = server.client();
    client.register("admin").await;
    server.promote("admin").await;
    let cookie = client.login("admin").await.cookie();
    server.client().register("reader").await;
    insert_rows(&server).await;
    let attacker = server.client().with_headers(&[
        ("cookie", &cookie),
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ]);
    for (path, _) in paths().into_iter().filter(|(_, has_form)| *has_form) {
        for form in forms(&path) {
            let refused = send(&attacker, &path, &form).await;
            assert_eq!(refused.status, 403, "{path}");
            assert!(html(&refused).contains("The form came from another site"), "{path}");
        }
    }
    assert_eq!(client.get("/users/2").await.body["username"], "reader");
}

#[both_databases::test]
async fn an_admin_who_is_demoted_or_disabled_in_mid_request_changes_nothing(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp).await;
    verified(&server, &smtp, "admin", "admin@example.org", 0).await;
    let reader = verified(&server, &smtp, "reader", "reader@example.org", 1).await;
    create(&reader, &["account"]).await;
    insert_rows(&server).await;
    let state = async || {
        let account = reader.get("/check_session").await.body;
        (
            account,
            reader.get("/blog").await.body,
            reader.get("/meter").await.body,
            reader.get("/account/tokens").await.body,
        )
    };
    let before = state().await;
    for (path, _) in paths().into_iter().filter(|(path, has_form)| *has_form && path != "/admin/sign-in") {
        for form in forms(&path) {
            for loss in [DEMOTE, DISABLE] {
                server.execute("UPDATE users SET is_active = TRUE").await;
                let admin = server.client();
                admin.login("admin").await;
                server.promote("admin").await;
                let answer = overtaken(&server, loss, send(&admin, &path, &form)).await;
                let is_refused = match answer.status {
                    403 => loss == DEMOTE,
                    401 => loss == DISABLE,
                    // The session had ended before the request arrived.
                    _ => loss == DISABLE && led(&answer).1.starts_with("/login?next="),
                };
                assert!(is_refused, "{loss}: {path} {form:?}: {answer:?}");
                assert_eq!(state().await, before, "{loss}: {path} {form:?}");
            }
        }
    }
}

#[both_databases::test]
async fn what_is_grave_needs_a_fresh_session_and_leads_back(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("admin").await;
    server.client().register("reader").await;
    server.advance(20 * MINUTE);
    let again = "/admin/sign-in?next=%2Fadmin%2Fusers%2F2%2Fdelete";
    for act in ["details", "role", "tokens", "second-factors", "delete"] {
        let path = format!("/admin/users/2/{act}");
        let next = format!("/admin/sign-in?next={}", path.replace('/', "%2F"));
        assert_eq!(led(&admin.open(&path).await), (303, next.as_str()));
        assert_eq!(led(&admin.submit(&path, &[("role", "user"), ("username", "late")]).await), (303, next.as_str()));
    }
    for act in ["sessions", "tokens"] {
        let next = format!("/admin/sign-in?next=%2Fadmin%2Feverybody%2F{act}");
        assert_eq!(led(&admin.submit(&format!("/admin/everybody/{act}"), &[]).await), (303, next.as_str()));
    }
    let page = admin.open(again).await;
    assert!(html(&page).contains("name=\"next\" value=\"/admin/users/2/delete\""), "{}", html(&page));
    let wrong = admin.submit("/admin/sign-in", &[("password", "wrong"), ("next", "/admin/users/2/delete")]).await;
    assert_eq!(wrong.status, 400);
    assert!(html(&wrong).contains("id=\"password-error\">Incorrect password.</p>"), "{}", html(&wrong));
    let right = admin.submit("/admin/sign-in", &[("password", PASSWORD), ("next", "/admin/users/2/delete")]).await;
    assert_eq!(led(&right), (303, "/admin/users/2/delete"));
    assert_eq!(led(&admin.submit("/admin/users/2/delete", &[]).await), (303, "/admin/users?done=deleted"));
    assert_eq!(led(&admin.open("/admin/sign-in?next=//evil.example").await), (303, "/admin"));
    let other = admin.submit("/admin/sign-in", &[("action", "other"), ("next", "/admin/users")]).await;
    assert_eq!(led(&other), (303, "/login?next=%2Fadmin%2Fusers"));
    assert!(!admin.is_signed_in().await);
}

#[both_databases::test]
async fn the_console_precedes_the_files_of_a_single_page_app(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("admin")).unwrap();
    fs::write(folder.path().join("index.html"), "<!doctype html><title>app</title>").unwrap();
    fs::write(folder.path().join("admin/a.html"), "the app's").unwrap();
    let server = TestServer::with(database, &[("STATIC_DIR", folder.path().to_str().unwrap())]).await;
    let admin = server.admin("admin").await;
    assert!(html(&admin.open("/admin").await).contains("<h1>Overview</h1>"));
    let missing = admin.open("/admin/a.html").await;
    assert_eq!(missing.status, 404);
    assert!(html(&missing).contains("<h1>Not found</h1>"));
    assert!(html(&admin.open("/administration").await).contains("<title>app</title>"));
    assert_eq!(led(&server.client().open("/admin").await), (302, "/login?next=%2Fadmin"));
    let out = admin.submit("/admin/sign-in", &[("action", "other")]).await;
    assert_eq!(led(&out), (303, "/login?next=%2Fadmin"), "the app has no page to sign out on");
    admin.login("admin").await;
    let program = server.client().get("/admin").await;
    assert_eq!((program.status, program.code()), (401, "login_required"));
    assert_eq!(admin.send(admin.request(Method::PUT, "/admin")).await.status, 405);
}
