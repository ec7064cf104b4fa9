//! The page for API tokens, without scripts.

use reqwest::Method;

use crate::support::{
    api_tokens::bearer,
    client::{Answer, CHROMIUM, Client, PASSWORD},
    database::TestDatabase,
    fixtures::MINUTE,
    server::TestServer,
};

async fn show(client: &Client) -> String {
    let page = client.get_with("/tokens", &[("accept", CHROMIUM)]).await;
    assert_eq!(page.status, 200);
    page.body.as_str().unwrap().to_owned()
}

async fn submit(client: &Client, fields: &[(&str, &str)]) -> Answer {
    client.send(client.request(Method::POST, "/tokens").header("accept", CHROMIUM).form(fields)).await
}

fn has(answer: &Answer, text: &str) -> bool {
    answer.body.as_str().unwrap_or_default().contains(text)
}

#[both_databases::test]
async fn the_page_creates_lists_and_deletes_tokens(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let link = "<a href=\"/tokens\">API tokens</a>";
    assert!(!has(&client.open("/account").await, link), "they are for those who need them");
    let page = show(&client).await;
    assert!(page.contains("<h1>API tokens</h1>") && !page.contains("<li>") && !page.contains("current_password"));
    assert!(!page.contains("value=\"admin\""), "only admins can create such tokens");

    let fields = [("name", "<b>a & b</b>"), ("scopes", "account"), ("expires_at", "2026-12-01")];
    let created = submit(&client, &fields).await;
    let text = created.body.as_str().unwrap();
    assert!(created.status == 200 && text.contains("It is not shown again."), "{text}");
    assert!(has(&client.open("/account").await, link));
    assert!(
        text.contains("&#60;b&#62;a &#38; b&#60;/b&#62;")
            && text.contains("account · never used · expires on 1 December 2026")
    );
    let token = text.split("<code>").nth(1).unwrap().split('<').next().unwrap();
    let program = bearer(&client, token);
    assert_eq!(program.get("/subscription").await.status, 200);
    let page = show(&client).await;
    assert!(
        page.contains("account · last used on 21 November 2026 · expires on 1 December 2026") && !page.contains(token)
    );

    let deleted = submit(&client, &[("delete", "1")]).await;
    assert_eq!((deleted.status, deleted.header("location")), (303, Some("/tokens")));
    assert!(!show(&client).await.contains("<li>"));
    assert_eq!(program.get("/subscription").await.status, 401);
    assert_eq!(submit(&client, &[("delete", "1")]).await.status, 404);
}

#[both_databases::test]
async fn the_page_shows_errors_at_their_fields_and_asks_for_the_password(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.admin("eve").await;
    assert!(show(&client).await.contains("<option value=\"account admin\">"));
    let invalid = submit(&client, &[("name", " "), ("scopes", "read"), ("expires_at", "2026-11-21")]).await;
    assert_eq!(invalid.status, 422);
    assert!(
        has(&invalid, "id=\"name-error\">This must not be empty.")
            && has(&invalid, "id=\"expires-error\">This must be in the future.")
    );
    let unknown = submit(&client, &[("name", "a"), ("scopes", "write")]).await;
    assert!(unknown.status == 422 && has(&unknown, "scopes: This must only contain read, account and admin."));
    assert!(has(&unknown, "name=\"name\" value=\"a\""), "what was typed is kept");
    let typed = [("name", " "), ("scopes", "account admin"), ("expires_at", "2126-11-21")];
    let kept = submit(&client, &typed).await;
    assert!(
        has(&kept, "<option value=\"account admin\" selected>") && has(&kept, "type=\"date\" value=\"2126-11-21\""),
        "{kept:?}"
    );

    server.advance(16 * MINUTE);
    assert!(show(&client).await.contains("name=\"current_password\""), "the session is not fresh");
    let fields = [("name", "a"), ("scopes", "account admin")];
    let asked = submit(&client, &fields).await;
    assert!(asked.status == 401 && has(&asked, "Sign in again, or send your password with the request."), "{asked:?}");
    let wrong = submit(&client, &[&fields[..], &[("current_password", "wrong")]].concat()).await;
    assert!(wrong.status == 400 && has(&wrong, "id=\"current_password-error\">Incorrect password."), "{wrong:?}");
    let right = submit(&client, &[&fields[..], &[("current_password", PASSWORD)]].concat()).await;
    assert!(right.status == 200 && has(&right, "<code>tgt_") && has(&right, "account, admin · never used"));
}

#[both_databases::test]
async fn a_form_that_is_sent_after_the_session_has_ended_leads_to_the_login_page(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let signed_out = submit(&server.client(), &[("name", "a"), ("scopes", "read")]).await;
    assert_eq!((signed_out.status, signed_out.header("location")), (303, Some("/login?next=%2Ftokens")));
}
