//! The account page, in a browser without scripts.

use reqwest::Method;

use crate::support::{
    client::{Answer, CHROMIUM, Client, PASSWORD},
    database::TestDatabase,
    server::TestServer,
};

async fn submit(client: &Client, action: &str, fields: &[(&str, &str)]) -> Answer {
    let form = [&[("action", action)], fields].concat();
    client.send(client.request(Method::POST, "/account").header("accept", CHROMIUM).form(&form)).await
}

fn sent_on(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status, answer.header("location"))
}

fn html(page: &Answer) -> &str {
    page.body.as_str().unwrap()
}

#[both_databases::test]
async fn users_change_their_name_address_and_password(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    assert_eq!(sent_on(&submit(&client, "username", &[("username", "ada.lovelace")]).await), (303, Some("/account")));
    assert_eq!(sent_on(&submit(&client, "email", &[("email", "ada@example.org")]).await), (303, Some("/account")));
    let user = client.get("/check_session").await.body;
    assert_eq!((&user["username"], &user["email"]), (&"ada.lovelace".into(), &"ada@example.org".into()));
    let page = client.open("/account").await;
    assert!(html(&page).contains("value=\"ada.lovelace\"") && html(&page).contains("value=\"ada@example.org\""));

    let wrong =
        submit(&client, "password", &[("current_password", "wrong"), ("new_password", "another good one")]).await;
    assert_eq!(wrong.status, 400);
    assert!(html(&wrong).contains("<p class=\"error\" id=\"password-confirmation-error\">Incorrect password.</p>"));
    let other = server.client();
    other.login("ada.lovelace").await;
    let fields = [("current_password", PASSWORD), ("new_password", "another good one")];
    assert_eq!(sent_on(&submit(&client, "password", &fields).await), (303, Some("/account")));
    assert!(client.is_signed_in().await && !other.is_signed_in().await);
}

#[both_databases::test]
async fn an_error_is_shown_at_its_field_with_what_was_typed(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.client().register("eve").await;
    let client = server.signed_in("ada").await;
    let taken = submit(&client, "username", &[("username", "eve")]).await;
    assert_eq!(taken.status, 409);
    assert!(html(&taken).contains("value=\"eve\""), "{}", html(&taken));
    assert!(html(&taken).contains("id=\"username-error\">This username is taken.</p>"), "{}", html(&taken));
    let wrong = submit(&client, "email", &[("email", "nowhere")]).await;
    assert_eq!(wrong.status, 422);
    assert!(html(&wrong).contains("id=\"email-error\">This must be an email address"), "{}", html(&wrong));
    assert_eq!(submit(&client, "nothing", &[]).await.status, 404);
}

#[both_databases::test]
async fn devices_are_signed_out_one_by_one_and_together(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let [one, two, three] = [server.client(), server.client(), server.client()];
    for other in [&one, &two, &three] {
        other.login("ada").await;
    }
    let id = one.get("/sessions").await.body.as_array().unwrap().iter().find(|it| it["current"] == true).unwrap()["id"]
        .to_string();
    assert_eq!(sent_on(&submit(&client, "end-session", &[("id", &id)]).await), (303, Some("/account")));
    assert!(!one.is_signed_in().await && two.is_signed_in().await);
    assert_eq!(submit(&client, "end-session", &[("id", "999")]).await.status, 404);
    assert_eq!(sent_on(&submit(&client, "end-other-sessions", &[]).await), (303, Some("/account")));
    assert!(!two.is_signed_in().await && !three.is_signed_in().await && client.is_signed_in().await);
}

#[both_databases::test]
async fn an_account_is_deleted_with_the_password_only(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let wrong = submit(&client, "delete", &[("password", "wrong")]).await;
    assert_eq!(wrong.status, 400);
    assert!(html(&wrong).contains("<details open>") && html(&wrong).contains("id=\"delete-confirmation-error\""));
    assert_eq!(sent_on(&submit(&client, "delete", &[("password", PASSWORD)]).await), (303, Some("/")));
    assert!(!client.is_signed_in().await);
}

#[both_databases::test]
async fn without_a_session_the_page_leads_to_the_login(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let visitor = server.client();
    assert_eq!(sent_on(&visitor.open("/account").await), (302, Some("/login?next=%2Faccount")));
    assert_eq!(sent_on(&submit(&visitor, "username", &[]).await), (303, Some("/login?next=%2Faccount")));
}
