//! The gifts that a user gives: created within a quota, listed, counted and revoked.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    api_tokens::program,
    client::Client,
    database::TestDatabase,
    fixtures::{DAY, HOUR, invalid_fields, login_required, not_found},
    gifts::{give, link, new_link, opened, subscriber},
    server::TestServer,
};

fn limit_reached() -> (u16, Value) {
    let error = "you have given away as many posts as this period allows";
    (409, json!({ "error": error, "code": "gift_limit_reached" }))
}

async fn refusal(client: &Client) -> String {
    client.post("/blog/1/gifts", &json!({})).await.code().to_owned()
}

#[both_databases::test]
async fn a_gift_is_created_listed_counted_and_revoked(database: TestDatabase) {
    let server = TestServer::with(database, &[("APP_URL", "https://blog.example")]).await;
    let giver = subscriber(&server, "ada").await;
    let gift = give(&giver, 2, json!({ "opens": 3, "expires_at": "2026-11-22T10:00:00Z" })).await;
    let url = gift.body["url"].as_str().unwrap().to_owned();
    assert_eq!(url.strip_prefix("https://blog.example/blog/2?gift=").unwrap().len(), 43);
    let mut shown = json!({
        "id": 1, "post_id": 2, "opens": 3, "opened": 0, "created_at": "2026-11-21T10:00:00.000Z",
        "expires_at": "2026-11-22T10:00:00.000Z", "url": url,
    });
    let path = link(&gift);
    assert_eq!(gift.parts(), (201, shown.clone()));

    let reader = server.signed_in("eve").await;
    assert_eq!(reader.get(&path).await.body["id"], json!(2));
    shown["opened"] = json!(1);
    assert_eq!(giver.get("/gifts/1").await.parts(), (200, shown.clone()));
    assert_eq!(giver.get("/gifts").await.parts(), (200, json!([shown])));
    assert_eq!(giver.head("/gifts/1").await.status, 200);

    assert_eq!(giver.delete("/gifts/1").await.parts(), (204, Value::Null));
    for answer in [giver.delete("/gifts/1").await, giver.get("/gifts/1").await] {
        assert_eq!(answer.parts(), not_found());
    }
    assert_eq!(giver.get("/gifts").await.parts(), (200, json!([])));
    assert_eq!(reader.get(&path).await.header("x-reads-remaining"), Some("4"), "charged, though it was opened before");
    assert_eq!(server.client().get(&path).await.parts(), login_required());
}

#[both_databases::test]
async fn gifts_belong_to_their_giver(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (giver, other) = (subscriber(&server, "ada").await, subscriber(&server, "bob").await);
    let path = new_link(&giver, 1).await;
    for method in [Method::GET, Method::DELETE] {
        for path in ["/gifts/1", "/gifts/2", "/gifts/0", "/gifts/01", "/gifts/x"] {
            assert_eq!(other.send(other.request(method.clone(), path)).await.parts(), not_found(), "{method} {path}");
        }
    }
    assert_eq!(other.get("/gifts").await.parts(), (200, json!([])));
    assert_eq!(other.delete("/gifts").await.parts(), (204, Value::Null));
    assert_eq!(server.client().get(&path).await.status, 200);
    assert_eq!(opened(&giver).await, json!(1));
}

#[both_databases::test]
async fn all_gifts_are_revoked_at_once(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let giver = subscriber(&server, "ada").await;
    let links = [new_link(&giver, 2).await, new_link(&giver, 2).await];
    let reader = server.client();
    for path in &links {
        assert_eq!(reader.get(path).await.status, 200);
    }
    for _ in 0..2 {
        assert_eq!(giver.delete("/gifts").await.parts(), (204, Value::Null));
    }
    for path in &links {
        assert_eq!(reader.get(path).await.parts(), login_required());
    }
    assert_eq!(server.execute("UPDATE gift_openings SET opened_at = 0").await, 0, "forgotten");
}

#[both_databases::test]
async fn users_who_do_not_subscribe_give_nothing(database: TestDatabase) {
    let server = TestServer::with(database, &[("CHECKOUT_URL", "https://pay.example/")]).await;
    let user = server.signed_in("bob").await;
    let refused = user.post("/blog/1/gifts", &json!({})).await;
    let post = user.get("/blog/1").await.body;
    let body = json!({
        "error": "this needs a subscription", "code": "subscription_required", "post_title": post["title"],
        "excerpt": post["excerpt"], "checkout_url": "https://pay.example/?client_reference_id=1",
        "checkout": [{ "label": null, "url": "https://pay.example/?client_reference_id=1" }],
    });
    assert_eq!(refused.parts(), (403, body));
    assert_eq!(server.client().post("/blog/1/gifts", &json!({})).await.parts(), login_required());

    let giver = subscriber(&server, "ada").await;
    server.execute("UPDATE users SET subscribed_until = 1795255200000").await;
    assert_eq!(refusal(&giver).await, "subscription_required", "the subscription has ended");
    assert_eq!(server.execute("UPDATE gifts SET opens = opens").await, 0);
}

#[both_databases::test]
async fn a_subscriber_gives_five_posts_in_a_period_however_many_at_once(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let giver = subscriber(&server, "ada").await;
    let nodes = [giver.clone(), giver.at(&server.second_node(&[]).await)];
    let body = json!({});
    let many = join_all((0..20).map(|number| nodes[number % 2].post("/blog/1/gifts", &body)));
    let (made, refused): (Vec<_>, Vec<_>) = many.await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (5, 15));
    assert!(refused.into_iter().all(|answer| answer.parts() == limit_reached()));
    assert_eq!(giver.delete("/gifts").await.status, 204);
    assert_eq!(refusal(&giver).await, "gift_limit_reached", "revoked ones count");
    server.advance(30 * DAY - HOUR);
    giver.login("ada").await;
    assert_eq!(refusal(&giver).await, "gift_limit_reached");
    server.advance(HOUR);
    giver.login("ada").await;
    give(&giver, 1, json!({})).await;
}

#[both_databases::test]
async fn admins_have_no_quota(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("eve").await;
    for _ in 0..7 {
        give(&admin, 1, json!({})).await;
    }
    let token = program(&admin, &["account"]).await;
    assert_eq!(refusal(&token).await, "subscription_required", "without the scope admin");
    let token = program(&admin, &["account", "admin"]).await;
    give(&token, 1, json!({})).await;
    server.execute("UPDATE users SET subscribed_until = 4102444800000").await;
    let token = program(&admin, &["account"]).await;
    assert_eq!(refusal(&token).await, "gift_limit_reached");
}

#[both_databases::test]
async fn invalid_requests_create_nothing(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("eve").await;
    let fields = json!({ "opens": "must be a whole number from 1 to 100", "expires_at": "must be in the future" });
    for opens in [json!(0), json!(101), json!(-1), json!("1"), json!(1.5)] {
        let body = json!({ "opens": opens, "expires_at": "2026-11-21T10:00:00Z" });
        assert_eq!(admin.post("/blog/1/gifts", &body).await.parts(), invalid_fields(&fields), "{opens}");
    }
    let draft = admin.post("/blog", &json!({ "title": "t", "data": "d", "published": false })).await.body["id"].clone();
    for post in ["99", "0", "x", "01", "%31", &draft.to_string()] {
        assert_eq!(admin.post(&format!("/blog/{post}/gifts"), &json!({})).await.code(), "blog_not_found", "{post}");
    }
    let respelled = admin.request(Method::POST, "/blog/1/gift%73");
    assert_eq!(admin.send(respelled).await.parts(), not_found());
    assert_eq!(admin.get("/gifts").await.parts(), (200, json!([])));
    let post = admin.request(Method::POST, "/blog/1/gifts");
    assert_eq!(admin.send(post).await.status, 201, "the body is optional");
}
