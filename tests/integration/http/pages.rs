//! The server's own pages in a browser without scripts.

use reqwest::Method;
use serde_json::Value;

use crate::support::{
    client::{Answer, CHROMIUM, Client, PASSWORD},
    database::TestDatabase,
    fixtures::incorrect_password,
    server::TestServer,
};

pub(super) async fn submit(client: &Client, path: &str, fields: &[(&str, &str)]) -> Answer {
    client.send(client.request(Method::POST, path).header("accept", CHROMIUM).form(fields)).await
}

async fn show(client: &Client, path: &str) -> Answer {
    client.get_with(path, &[("accept", CHROMIUM)]).await
}

/// The status, and the content of each of these elements of the page.
fn read(answer: &Answer, marks: &[&str]) -> (u16, Vec<String>) {
    let html = answer.body.as_str().unwrap_or_default();
    let of = |mark| html.split(mark).skip(1).map(|rest| rest.split(['<', '"']).next().unwrap().to_owned());
    (answer.status, marks.iter().copied().flat_map(of).collect())
}

const USERNAME: &str = "name=\"username\" value=\"";
const EMAIL: &str = "type=\"email\" value=\"";
const NEXT: &str = "name=\"next\" value=\"";
const ERROR: &str = "-error\">";
const NOTICE: &str = "role=\"alert\">";

#[both_databases::test]
async fn registration_login_and_logout_work_without_scripts(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    let sent_on = show(&client, "/").await;
    assert_eq!((sent_on.status, sent_on.header("location")), (302, Some("/login?next=%2F")));

    assert_eq!(read(&show(&client, "/register?next=/meter").await, &[NEXT]), (200, vec!["/meter".to_owned()]));
    let fields = [("username", "ada"), ("password", PASSWORD), ("email", ""), ("next", "/meter")];
    let registered = submit(&client, "/register", &fields).await;
    assert_eq!(registered.header("location"), Some("/meter"));
    assert_eq!(registered.parts(), (303, Value::Null));
    assert!(client.is_signed_in().await);
    submit(&client, "/logout", &[]).await;

    let fields = [("username", "ada"), ("password", PASSWORD), ("next", "/meter"), ("stay_signed_in", "on")];
    let signed_in = submit(&client, "/login", &fields).await;
    assert_eq!((signed_in.status, signed_in.header("location")), (303, Some("/meter")));
    assert!(signed_in.header("set-cookie").unwrap().contains("Max-Age=2592000"));
    assert_eq!(read(&show(&client, "/account").await, &["<h1>"]), (200, vec!["Account".to_owned()]));
    for form in ["/login?next=/meter", "/register?next=/meter"] {
        let sent_on = show(&client, form).await;
        assert_eq!((sent_on.status, sent_on.header("location")), (303, Some("/meter")), "{form}");
    }

    let signed_out = submit(&client, "/logout", &[]).await;
    assert_eq!(signed_out.header("clear-site-data"), None);
    assert_eq!((signed_out.status, signed_out.header("location")), (303, Some("/login")));
    assert!(!client.is_signed_in().await);
    let again = submit(&client, "/logout", &[]).await;
    assert_eq!((again.status, again.header("location")), (303, Some("/login")));
}

#[both_databases::test]
async fn a_form_shows_errors_and_keeps_the_input_except_the_password(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    let typed = [("username", "ada"), ("password", "short"), ("email", "no address"), ("next", "/blog/1")];
    let refused = submit(&client, "/register", &typed).await;
    let said = [
        "ada",
        "no address",
        "/blog/1",
        "This must be an email address such as ada@example.org.",
        "This must have at least 8 characters.",
    ];
    assert_eq!(read(&refused, &[USERNAME, EMAIL, NEXT, ERROR]), (422, said.map(str::to_owned).to_vec()));
    assert!(!refused.body.as_str().unwrap().contains("short"));
    let typed = [("username", "ada"), ("password", PASSWORD)];
    let taken = submit(&client, "/register", &typed).await;
    assert_eq!(read(&taken, &[ERROR]), (409, vec!["This username is taken.".to_owned()]));

    for (fields, status, said) in [
        ([("username", "eve"), ("password", PASSWORD)], 404, "User not found."),
        ([("username", "ada"), ("password", "another")], 400, "Incorrect password."),
        ([("username", "ada"), ("password", "")], 422, "This is missing."),
    ] {
        let refused = submit(&client, "/login", &fields).await;
        assert_eq!(read(&refused, &[USERNAME, ERROR]), (status, vec![fields[0].1.to_owned(), said.to_owned()]));
    }
    server.execute("UPDATE users SET is_active = FALSE").await;
    let disabled = submit(&client, "/login", &typed).await;
    assert_eq!(read(&disabled, &[NOTICE]), (403, vec!["This account is disabled.".to_owned()]));
}

#[both_databases::test]
async fn a_throttled_page_says_how_long_to_wait(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let client = server.client();
    client.register("ada").await;
    let guess = [("username", "ada"), ("password", "a wrong guess")];
    for _ in 0..5 {
        assert_eq!(submit(&client, "/login", &guess).await.status, 400);
    }
    let refused = submit(&client, "/login", &guess).await;
    assert_eq!(refused.header("retry-after"), Some("300"));
    assert_eq!(read(&refused, &[NOTICE]), (429, vec!["Too many attempts. Wait 5 min and try again.".to_owned()]));
}

#[both_databases::test]
async fn input_is_escaped(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let markup = "\"><script>alert(1)</script>";
    let refused =
        submit(&server.client(), "/login", &[("username", markup), ("next", markup), ("password", "x")]).await;
    let html = refused.body.as_str().unwrap();
    assert!(html.contains("value=\"&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;\""), "{html}");
    assert_eq!(html.matches("<script").count(), 1 + usize::from(cfg!(feature = "passkeys")), "the page's own: {html}");
    let shown = show(&server.client(), "/login?next=/%22%3E%3Cscript%3E").await;
    assert_eq!(read(&shown, &[NEXT]), (200, vec!["/%22%3E%3Cscript%3E".to_owned()]));
}

#[both_databases::test]
async fn redirects_never_leave_the_site(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    for next in ["//evil.example", "https://evil.example/", "/\\evil.example", "/.//evil.example"] {
        let fields = [("username", "ada"), ("password", PASSWORD), ("next", next)];
        let signed_in = submit(&client, "/login", &fields).await;
        assert_eq!((signed_in.status, signed_in.header("location")), (303, Some("/")), "{next}");
    }
}

#[both_databases::test]
async fn pages_may_load_nothing_from_elsewhere(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let page = show(&server.client(), "/login").await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    assert_eq!(page.header("cache-control"), Some("private, no-store"));
    let foreign = server.client().with_headers(&[("sec-fetch-site", "cross-site")]);
    assert_eq!(submit(&foreign, "/login", &[("username", "ada"), ("password", PASSWORD)]).await.code(), "cross_origin");
    assert_eq!(submit(&foreign, "/logout", &[]).await.code(), "cross_origin");
}

#[both_databases::test]
async fn programs_get_json_instead_of_pages(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    for path in ["/login", "/register"] {
        assert_eq!(client.get(path).await.code(), "method_not_allowed", "{path}");
    }
    client.register("ada").await;
    let form = client.post_form("/login", "username=ada&password=wrong").await;
    assert_eq!(form.parts(), incorrect_password());
    client.login("ada").await;
    let out = client.post_form("/logout", "").await;
    assert_eq!((out.status, out.header("allow"), out.code()), (405, Some("DELETE, POST"), "method_not_allowed"));
    assert_eq!(client.get("/").await.code(), "not_found");
}

#[both_databases::test]
async fn modern_pages_do_not_reveal_accounts(database: TestDatabase) {
    let server = TestServer::with(database, &[("CONTRACT", "modern"), ("REGISTRATION", "closed")]).await;
    let refused = submit(&server.client(), "/login", &[("username", "ada"), ("password", "x")]).await;
    assert_eq!(read(&refused, &[NOTICE, ERROR]), (401, vec!["Cannot login.".to_owned()]));
    assert!(!refused.body.as_str().unwrap().contains("/register"), "nobody can");
    let closed = show(&server.client(), "/register").await;
    assert_eq!(read(&closed, &[NOTICE, USERNAME]), (403, vec!["Registration is closed.".to_owned()]));
}

#[both_databases::test]
async fn without_free_reads_the_account_page_shows_no_meter(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "0")]).await;
    let account = show(&server.signed_in("ada").await, "/account").await;
    let html = account.body.as_str().unwrap();
    assert!(html.contains("<p>Posts are for subscribers.</p>") && !html.contains("<meter"), "{html}");
}
