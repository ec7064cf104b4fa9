//! The site's own name and look, on pages and in email.

use std::fs;

use actix_web::rt::time::{sleep, timeout};
use serde_json::json;

use crate::support::{
    client::{Answer, PASSWORD},
    database::TestDatabase,
    fixtures::TIMEOUT,
    server::TestServer,
};

const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";

fn html(answer: &Answer) -> &str {
    answer.body.as_str().unwrap()
}

#[both_databases::test]
async fn pages_show_the_publishers_name_logo_style_and_links(database: TestDatabase) {
    let (logo, style) = (database.folder().join("logo.svg"), database.folder().join("own.css"));
    fs::write(&logo, SVG).unwrap();
    fs::write(&style, "h1 { color: teal; }").unwrap();
    let settings = [
        ("SITE_NAME", "Ada & friends"),
        ("SITE_TAGLINE", "Notes on engines"),
        ("SITE_URL", "https://ada.example/"),
        ("SITE_LOGO", logo.to_str().unwrap()),
        ("SITE_STYLE", style.to_str().unwrap()),
        ("SITE_ACCENT", "#ffff00"),
        ("SITE_LINKS", "Imprint=https://ada.example/imprint, Privacy=/privacy"),
    ];
    let server = TestServer::with(database, &settings).await;
    let client = server.signed_in("ada").await;
    let page = client.open("/").await;
    for part in [
        "<title>Posts · Ada &#38; friends</title>",
        "<a class=\"brand\" href=\"https://ada.example/\"><img src=\"/_site/logo.svg?v=",
        "<p class=\"tagline\">Notes on engines</p>",
        "<a href=\"https://ada.example/imprint\">Imprint</a>",
        "<a href=\"/privacy\">Privacy</a>",
        "<span>Powered by tollgate</span>",
        "--accent: #",
    ] {
        assert!(html(&page).contains(part), "{part}: {}", html(&page));
    }
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("' 'self'; font-src data:"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");

    let visitor = server.client();
    for (start, content_type, content) in [
        ("/_site/logo.svg?v=", "image/svg+xml", SVG),
        ("/_site/style.css?v=", "text/css; charset=utf-8", "h1 { color: teal; }"),
    ] {
        let (_, rest) = html(&page).split_once(start).unwrap();
        let address = format!("{start}{}", rest.split('"').next().unwrap());
        let file = visitor.open(&address).await;
        assert_eq!((file.status, file.header("content-type"), html(&file)), (200, Some(content_type), content));
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"));
        let policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'";
        assert_eq!(file.header("content-security-policy"), Some(policy));
        assert_eq!(file.header("set-cookie"), None);
        let known = [("if-none-match", file.header("etag").unwrap())];
        assert_eq!(visitor.get_with(&address, &known).await.status, 304);
        let (other, _) = address.split_once('=').unwrap();
        assert_eq!(visitor.open(&format!("{other}=other")).await.header("cache-control"), Some("no-cache"));
    }
    assert_eq!(visitor.get("/_site/logo.png").await.code(), "not_found");
}

#[both_databases::test]
async fn without_settings_the_pages_are_as_they_were(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let page = server.client().open("/login").await;
    assert!(html(&page).contains("<title>Sign in · tollgate</title>"), "{}", html(&page));
    assert!(html(&page).contains("<a class=\"brand\" href=\"/\"><svg"), "{}", html(&page));
    assert!(!html(&page).contains("/_site/"), "{}", html(&page));
    assert!(!page.header("content-security-policy").unwrap().contains("font-src"));
}

#[both_databases::test]
async fn with_a_name_and_without_the_credit_nothing_says_tollgate(database: TestDatabase) {
    let mails = database.folder().join("mails");
    let url = format!("file:{}", mails.display());
    let settings = [("SITE_NAME", "Ada's blog"), ("SITE_CREDIT", "false"), ("MAIL_URL", &url)];
    let server = TestServer::with(database, &settings).await;
    let visitor = server.client();
    let account = json!({ "username": "ada", "password": PASSWORD, "email": "ada@blog.example" });
    assert_eq!(visitor.post("/register", &account).await.status, 201);
    let mut seen = Vec::new();
    for path in ["/login", "/register", "/forgot-password", "/reset-password", "/secure-account", "/verify-email"] {
        seen.push((path, visitor.open(path).await));
    }
    let user = server.client();
    user.login("ada").await;
    for path in ["/", "/blog", "/blog/1", "/blog/99", "/second-factor", "/tokens", "/nowhere", "/account"] {
        seen.push((path, user.open(path).await));
    }
    for (path, page) in &seen {
        assert!(html(page).contains("· Ada&#39;s blog</title>"), "{path}: {}", html(page));
        assert!(!html(page).to_lowercase().contains("tollgate"), "{path}: {}", html(page));
    }
    let enrolment = user.post("/account/totp", &json!({})).await;
    assert!(enrolment.body["otpauth_uri"].as_str().unwrap().contains("issuer=Ada%27s%20blog"), "{enrolment:?}");

    let written = async {
        loop {
            let files = fs::read_dir(&mails).into_iter().flatten().flatten().map(|entry| entry.path());
            if let Some(file) = files.into_iter().find(|path| path.extension().is_some_and(|end| end == "eml")) {
                break fs::read_to_string(file).unwrap();
            }
            sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let mail = timeout(TIMEOUT, written).await.expect("the message is written");
    assert!(mail.contains("Subject: Ada's blog: Confirm your email address"), "{mail}");
    assert!(mail.contains("From: =?utf-8?b?QWRhJ3MgYmxvZw==?= <mail@localhost>"), "{mail}");
    assert!(!mail.to_lowercase().contains("tollgate"), "{mail}");
}
