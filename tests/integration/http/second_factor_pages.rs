//! The pages for second factors, without scripts.

use std::time::Duration;

use reqwest::Method;

use crate::support::{
    authenticator::{Authenticator, enrol},
    client::{Answer, CHROMIUM, Client, PASSWORD},
    database::TestDatabase,
    fixtures::MINUTE,
    server::TestServer,
};

const STEP: Duration = Duration::from_secs(30);

async fn show(client: &Client, path: &str) -> Answer {
    client.get_with(path, &[("accept", CHROMIUM)]).await
}

async fn submit(client: &Client, path: &str, fields: &[(&str, &str)]) -> Answer {
    client.send(client.request(Method::POST, path).header("accept", CHROMIUM).form(fields)).await
}

fn has(answer: &Answer, text: &str) -> bool {
    answer.body.as_str().unwrap_or_default().contains(text)
}

fn redirect(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status, answer.header("location"))
}

#[both_databases::test]
async fn the_login_page_leads_to_the_second_step_and_on(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (app, codes) = enrol(&server, &server.signed_in("ada").await).await;
    server.advance(STEP);
    let client = server.client();
    let away = show(&client, "/login/second-factor?next=/blog/1").await;
    assert_eq!(redirect(&away), (303, Some("/login?next=%2Fblog%2F1")), "no login is pending");
    let login = [("username", "ada"), ("password", PASSWORD), ("next", "/blog/1")];
    let first = submit(&client, "/login", &login).await;
    assert_eq!(redirect(&first), (303, Some("/login/second-factor?next=%2Fblog%2F1")));
    let page = show(&client, "/login/second-factor?next=%2Fblog%2F1").await;
    assert!(has(&page, "autocomplete=\"one-time-code\"") && has(&page, "Use a recovery code"), "{page:?}");
    let other = show(&client, "/login/second-factor?next=%2Fblog%2F1&method=recovery_code").await;
    assert!(has(&other, "name=\"method\" value=\"recovery_code\"") && has(&other, "Use the authenticator app"));

    let fields = [("method", "totp"), ("next", "/blog/1"), ("trust_browser", "on")];
    let step =
        async |code: &str| submit(&client, "/login/second-factor", &[&fields[..], &[("code", code)]].concat()).await;
    let wrong = step(&app.wrong_code()).await;
    assert_eq!(wrong.status, 400);
    assert!(
        has(&wrong, "This code is incorrect, or was used before.")
            && has(&wrong, "type=\"checkbox\" aria-describedby=\"trust-hint\" checked")
    );
    assert!(has(&wrong, "name=\"next\" value=\"/blog/1\""), "{wrong:?}");
    assert_eq!(step("").await.status, 422);
    assert_eq!(redirect(&step(&app.code()).await), (303, Some("/blog/1")));
    assert_eq!(client.get("/meter").await.status, 200);
    assert_eq!(redirect(&submit(&client, "/login", &login).await), (303, Some("/blog/1")), "the browser is trusted");

    let late = server.client();
    submit(&late, "/login", &login).await;
    server.advance(10 * MINUTE);
    let expired = submit(&late, "/login/second-factor", &[("method", "recovery_code"), ("code", &codes[0])]).await;
    assert_eq!(redirect(&expired), (303, Some("/login?next=%2F&expired=on")));
    assert!(has(&show(&late, "/login?next=%2F&expired=on").await, "Signing in took too long. Start again."));
}

#[both_databases::test]
async fn the_page_enrols_and_removes_an_app(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    assert!(has(&show(&client, "/account").await, "<a href=\"/second-factor\">Add a second factor</a>"));
    let page = show(&client, "/second-factor").await;
    assert!(has(&page, "Set up an authenticator app") && !has(&page, "name=\"current_password\""), "{page:?}");
    server.advance(16 * MINUTE);
    assert!(has(&show(&client, "/second-factor").await, "name=\"current_password\""), "the session is not fresh");
    let asked = submit(&client, "/second-factor", &[("action", "start")]).await;
    assert!(asked.status == 401 && has(&asked, "name=\"current_password\""), "{asked:?}");
    let wrong = submit(&client, "/second-factor", &[("action", "start"), ("current_password", "wrong")]).await;
    assert!(wrong.status == 400 && has(&wrong, "Incorrect password."), "{wrong:?}");
    let started = submit(&client, "/second-factor", &[("action", "start"), ("current_password", PASSWORD)]).await;
    let text = started.body.as_str().unwrap();
    assert!(started.status == 200 && text.contains("<svg "), "{text}");
    let policy = started.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !text.contains("<script"), "{policy}");
    let secret = text.split("type in this key: <code>").nth(1).unwrap().split('<').next().unwrap();
    let app = Authenticator::of_secret(&server, secret);

    let wrong = submit(&client, "/second-factor", &[("action", "confirm"), ("code", &app.wrong_code())]).await;
    assert!(wrong.status == 400 && has(&wrong, "This code is incorrect") && !has(&wrong, secret), "{wrong:?}");
    let done = submit(&client, "/second-factor", &[("action", "confirm"), ("code", &app.code())]).await;
    assert_eq!(done.body.as_str().unwrap().matches("<li><code>").count(), 10);
    assert!(has(&done, "download=\"recovery-codes.txt\""), "{done:?}");
    assert!(has(&show(&client, "/second-factor").await, "Remove the authenticator app"));

    let with_password = |action| [("action", action), ("current_password", PASSWORD)];
    let codes = submit(&client, "/second-factor", &with_password("codes")).await;
    assert_eq!(codes.body.as_str().unwrap().matches("<li><code>").count(), 10);
    let removed = submit(&client, "/second-factor", &with_password("remove")).await;
    assert_eq!(redirect(&removed), (303, Some("/second-factor")));
    assert!(has(&show(&client, "/second-factor").await, "Set up an authenticator app"));
    assert_eq!(submit(&client, "/second-factor", &with_password("remove")).await.status, 404);
    assert_eq!(submit(&client, "/second-factor", &[("action", "other")]).await.status, 404);
    assert_eq!(client.get("/second-factor").await.code(), "method_not_allowed");
    assert_eq!(show(&server.client(), "/second-factor").await.status, 302);
}
