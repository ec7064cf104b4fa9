//! Nothing that users or editors write runs in an admin's browser.

use serde_json::json;

use super::{html, submit_post};
use crate::support::{database::TestDatabase, server::TestServer};

const NAME: &str = "<script>alert(1)</script>";
const TEXT: &str = "\"><img src=x onerror=alert(1)>";

#[both_databases::test]
async fn names_titles_markdown_and_pictures_are_text(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("admin").await;
    let reader = server.client().with_headers(&[("user-agent", TEXT)]);
    reader.register(NAME).await;
    reader.login(NAME).await;
    let post = json!({ "title": TEXT, "data": format!("<script>x</script>\n\n![a](javascript:alert(1))\n\n{TEXT}"), "author": TEXT, "excerpt": TEXT });
    let id = admin.post("/blog", &post).await.body["id"].clone();
    server
        .execute(&format!("INSERT INTO payments (id, email, received_at) VALUES ('cs_1', '{}', 1)", "<script>y"))
        .await;
    let search = "/admin/users?query=%3Cscript%3E".to_owned();
    let by = "/admin/audit?by=%22%3E%3Cscript%3E".to_owned();
    let own = ["", "/audit", "/delete", "/details"].map(|end| format!("/admin/users/2{end}"));
    let posts = [format!("/admin/posts/{id}"), format!("/admin/posts/{id}/delete"), "/admin/posts".to_owned()];
    let rest = ["/admin/payments", "/admin/payments/cs_1", "/admin/audit", "/admin/%3Cscript%3E"].map(str::to_owned);
    let mut pages = Vec::new();
    for path in own.into_iter().chain(posts).chain(rest).chain([search, by]) {
        pages.push((admin.open(&path).await, path));
    }
    let preview = [("action", "preview"), ("title", TEXT), ("data", post["data"].as_str().unwrap()), ("image", TEXT)];
    pages.push((submit_post(&admin, "/admin/posts/new", &preview, b"").await, "the preview".to_owned()));
    for (page, path) in pages {
        let html = html(&page).to_lowercase();
        assert!(html.contains("</html>"), "{path}");
        assert!(
            !html.contains("<script") && !html.contains("<img src=x") && !html.contains("src=\"javascript"),
            "{path}: {html}"
        );
    }
}
