//! `/users`, for admins.

use futures_util::future::join;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    api_tokens::program,
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{MINUTE, forbidden, invalid_fields, login_required, not_found},
    server::TestServer,
};

const NOW: &str = "2026-11-21T10:00:00.000Z";

fn listed(id: i64, username: &str, email: Option<&str>, role: &str) -> Value {
    json!({
        "id": id, "username": username, "email": email, "email_verified": false, "pending_email": null,
        "second_factors": [], "role": role, "created_at": NOW, "updated_at": null, "is_active": true,
    })
}

fn last_admin() -> (u16, Value) {
    let error = "this is the last active admin; make another user an admin first";
    (409, json!({ "error": error, "code": "last_admin" }))
}

fn fresh_login_required() -> (u16, Value) {
    let error = "sign in again, or send your password with the request";
    (401, json!({ "error": error, "code": "fresh_login_required" }))
}

async fn register(server: &TestServer, username: &str, email: &str) {
    let registration = json!({ "username": username, "password": PASSWORD, "email": email });
    assert_eq!(server.client().post("/register", &registration).await.status, 201);
}

fn ids(answer: &Answer) -> Vec<i64> {
    answer.body.as_array().unwrap().iter().map(|user| user["id"].as_i64().unwrap()).collect()
}

async fn events(client: &Client) -> Vec<(String, String)> {
    let audit = client.get("/account/audit").await.body;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    audit.as_array().unwrap().iter().map(|entry| (text(&entry["event"]), text(&entry["user_agent"]))).collect()
}

#[both_databases::test]
async fn users_are_listed_newest_first_in_pages(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    register(&server, "Ada", "ada@example.org").await;
    server.client().register("bob").await;
    let (editor, ada, bob) = (
        listed(1, "editor", None, "admin"),
        listed(2, "Ada", Some("ada@example.org"), "user"),
        listed(3, "bob", None, "user"),
    );
    assert_eq!(admin.get("/users").await.parts(), (200, json!([bob, ada, editor])));
    let first = admin.get("/users?limit=2").await;
    assert_eq!(first.header("link"), Some("</users?limit=2&before=2>; rel=\"next\""));
    assert_eq!(first.parts(), (200, json!([bob, ada])));
    let second = admin.get("/users?limit=2&before=2").await;
    assert_eq!(second.header("link"), None);
    assert_eq!(second.parts(), (200, json!([editor])));
}

#[both_databases::test]
async fn users_are_found_by_the_start_of_their_name_or_address(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    register(&server, "Zoë", "ada@example.org").await;
    register(&server, "adam", "zoo@example.org").await;
    register(&server, "eve", "eve@example.org").await;
    server.execute("UPDATE users SET unverified_email_key = email_key, email_key = NULL WHERE id = 4").await;
    for (query, found) in [
        ("query=ada", vec![3, 2]),
        ("query=ADA", vec![3, 2]),
        ("query=ada@", vec![2]),
        ("query=zoe%CC%88", vec![2]),
        ("query=eve@example", vec![4]),
        ("query=example", vec![]),
        ("query=%25", vec![]),
        ("query=ada&role=admin", vec![]),
        ("query=e&role=admin", vec![1]),
        ("query=e&status=active&role=user", vec![4]),
        ("status=disabled", vec![]),
        ("role=user", vec![4, 3, 2]),
    ] {
        assert_eq!(ids(&admin.get(&format!("/users?{query}")).await), found, "{query}");
    }
    let page = admin.get("/users?query=ada%26&limit=1").await;
    assert_eq!((page.header("link"), ids(&page)), (None, vec![]));
    let page = admin.get("/users?query=ada&role=user&status=active&limit=1").await;
    let next = "</users?query=ada&role=user&status=active&limit=1&before=3>; rel=\"next\"";
    assert_eq!((page.header("link"), ids(&page)), (Some(next), vec![3]));
}

#[both_databases::test]
async fn a_filter_that_means_nothing_does_not_match_everything(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let long = format!("query={}", "a".repeat(255));
    for (query, fields) in [
        ("query=", json!({ "query": "must not be empty" })),
        ("query=%00", json!({ "query": "must not contain control characters" })),
        (&long, json!({ "query": "must have at most 254 characters" })),
        ("role=", json!({ "role": "must be user, editor or admin" })),
        (
            "role=Admin&status=x",
            json!({ "role": "must be user, editor or admin", "status": "must be active or disabled" }),
        ),
        ("rolle=admin", json!({ "query": "there is no parameter rolle" })),
        ("limit=101", json!({ "limit": "must be a whole number from 1 to 100" })),
        ("before=0", json!({ "before": "must be a positive whole number" })),
    ] {
        assert_eq!(admin.get(&format!("/users?{query}")).await.parts(), invalid_fields(&fields), "{query}");
    }
}

#[both_databases::test]
async fn a_user_is_shown_with_what_a_support_desk_asks_for(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let admin = server.admin("editor").await;
    let ada = server.signed_in("ada").await;
    ada.get("/blog/1").await;
    server.client().login("ada").await;
    for _ in 0..5 {
        server.client().in_network(7).try_login("ada", "wrong password").await;
    }
    let mut expected = listed(2, "ada", None, "user");
    expected["sessions"] = json!(2);
    expected["meter"] =
        json!({ "limit": 5, "used": 1, "remaining": 4, "resets_at": "2026-12-21T10:00:00.000Z", "subscribed": false });
    expected["subscription"] = json!({ "status": "none", "current_period_end": null, "grace_until": null });
    expected["last_login_at"] = json!(NOW);
    expected["locked_until"] = json!("2026-11-21T10:05:00.000Z");
    assert_eq!(admin.get("/users/2").await.parts(), (200, expected.clone()));

    assert_eq!(admin.delete("/users/2/lockout").await.parts(), (204, json!(null)));
    expected["locked_until"] = json!(null);
    assert_eq!(admin.get("/users/2").await.parts(), (200, expected));
    assert_eq!(server.client().in_network(7).try_login("ada", PASSWORD).await, 200);
    let (event, by) = events(&ada).await.remove(1);
    assert_eq!((event.as_str(), by.as_str()), ("account_changed", "tollgate unlock by admin editor"));
}

#[both_databases::test]
async fn a_role_and_a_state_are_changed_and_audited(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let ada = server.signed_in("ada").await;
    let promoted = admin.patch("/users/2", &json!({ "role": "admin", "is_active": null })).await;
    assert_eq!(
        (promoted.status, &promoted.body["role"], &promoted.body["sessions"]),
        (200, &json!("admin"), &json!(1))
    );
    assert_eq!(ada.get("/users").await.status, 200);
    let unchanged = admin.patch("/users/2", &json!({ "role": "admin", "is_active": true })).await;
    assert_eq!(unchanged.status, 200);
    let change = ("account_changed".to_owned(), "tollgate change by admin editor".to_owned());
    let recorded = events(&ada).await;
    assert_eq!((recorded.len(), &recorded[0]), (3, &change), "a change that changes nothing is not recorded");

    let disabled = admin.patch("/users/2", &json!({ "is_active": false })).await;
    assert_eq!((&disabled.body["is_active"], &disabled.body["sessions"]), (&json!(false), &json!(0)));
    assert_eq!(ada.get("/meter").await.parts(), login_required());
    assert_eq!(server.client().try_login("ada", PASSWORD).await, 403);
    assert_eq!(ids(&admin.get("/users?status=disabled").await), [2]);
    admin.patch("/users/2", &json!({ "is_active": true, "role": "user" })).await;
    assert_eq!(ada.login("ada").await.body["role"], json!("user"));
    let wrong = json!({ "role": "owner", "is_active": "no" });
    let fields = json!({ "role": "must be user, editor or admin", "is_active": "must be true or false" });
    assert_eq!(admin.patch("/users/2", &wrong).await.parts(), invalid_fields(&fields));
}

#[both_databases::test]
async fn the_last_active_admin_stays(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let second = server.admin("second").await;
    second.patch("/users/2", &json!({ "is_active": false })).await;
    for change in
        [json!({ "role": "user" }), json!({ "is_active": false }), json!({ "role": "user", "is_active": true })]
    {
        assert_eq!(admin.patch("/users/1", &change).await.parts(), last_admin(), "{change}");
    }
    assert_eq!(admin.delete("/users/1").await.parts(), last_admin());
    assert_eq!(
        admin.patch("/users/2", &json!({ "role": "user" })).await.status,
        200,
        "who is disabled is not the last"
    );
    assert_eq!(admin.get("/users/1").await.body["role"], json!("admin"));
}

#[both_databases::test]
async fn of_two_admins_who_demote_each_other_at_once_one_remains(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (one, two) = (server.admin("one").await, server.admin("two").await);
    let node = server.second_node(&[]).await;
    let acts = [
        (Method::PATCH, json!({ "role": "user" })),
        (Method::PATCH, json!({ "is_active": false })),
        (Method::DELETE, json!({})),
    ];
    for (method, body) in &acts {
        let (one, two) = (one.clone(), two.at(&node));
        let (by_one, by_two) = (one.request(method.clone(), "/users/2"), two.request(method.clone(), "/users/1"));
        let (first, second) = join(one.send(by_one.json(body)), two.send(by_two.json(body))).await;
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert!(statuses[0] < 300 && matches!(statuses[1], 401 | 403 | 409), "{method} {body}: {first:?} {second:?}");
        let left = "UPDATE users SET updated_at = updated_at WHERE role = 'admin' AND is_active";
        assert_eq!(server.execute(left).await, 1, "{method} {body}");
        if *method == Method::DELETE {
            break;
        }
        server.execute("UPDATE users SET role = 'admin', is_active = TRUE").await;
        one.login("one").await;
        two.login("two").await;
    }
}

#[both_databases::test]
async fn admins_may_end_their_own_rights_if_others_are_left(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let _other = server.admin("other").await;
    let admin = server.admin("editor").await;
    assert_eq!(admin.delete("/users/2/sessions").await.parts(), (204, json!(null)));
    assert_eq!(admin.get("/users/2").await.parts(), login_required());
    admin.login("editor").await;
    let demoted = admin.patch("/users/2", &json!({ "role": "user" })).await;
    assert_eq!((demoted.status, &demoted.body["role"]), (200, &json!("user")));
    assert_eq!(admin.get("/users").await.parts(), forbidden());
    server.promote("editor").await;
    assert_eq!(admin.patch("/users/2", &json!({ "is_active": false })).await.status, 200);
    assert!(!admin.is_signed_in().await);
    server.execute("UPDATE users SET is_active = TRUE").await;
    admin.login("editor").await;
    assert_eq!(admin.delete("/users/2").await.parts(), (204, json!(null)));
    assert_eq!(server.client().try_login("editor", PASSWORD).await, 404);
}

#[both_databases::test]
async fn a_deleted_user_and_ended_sessions_are_gone_at_once(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let (ada, phone) = (server.signed_in("ada").await, server.client());
    phone.login("ada").await;
    assert_eq!(admin.delete("/users/2/sessions").await.parts(), (204, json!(null)));
    assert_eq!((ada.is_signed_in().await, phone.is_signed_in().await), (false, false));
    ada.login("ada").await;
    assert_eq!(events(&ada).await[1], ("revoked".to_owned(), "tollgate sign out by admin editor".to_owned()));
    assert_eq!(admin.delete("/users/2").await.parts(), (204, json!(null)));
    assert!(!ada.is_signed_in().await);
    for path in
        ["/users/2", "/users/02", "/users/x", "/users/2/sessions", "/users/2/second-factors", "/users/2/lockout"]
    {
        assert_eq!(admin.delete(path).await.parts(), not_found(), "{path}");
    }
    assert_eq!(admin.patch("/users/2", &json!({ "role": "admin" })).await.parts(), not_found());
    assert_eq!(admin.get("/users/2").await.parts(), not_found());
}

#[both_databases::test]
async fn grave_acts_need_a_fresh_session_and_no_token_does(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let token = program(&admin, &["admin"]).await;
    server.client().register("ada").await;
    server.client().register("eve").await;
    server.advance(15 * MINUTE);
    assert_eq!(admin.patch("/users/2", &json!({ "role": "admin" })).await.parts(), fresh_login_required());
    for path in ["/users/2", "/users/2/second-factors"] {
        assert_eq!(admin.delete(path).await.parts(), fresh_login_required(), "{path}");
    }
    assert_eq!(admin.patch("/users/2", &json!({ "is_active": false })).await.status, 200);
    for path in ["/users/2/sessions", "/users/2/lockout"] {
        assert_eq!(admin.delete(path).await.status, 204, "{path}");
    }
    assert_eq!(token.get("/users").await.status, 200);
    assert_eq!(token.patch("/users/2", &json!({ "role": "admin" })).await.status, 200);
    for path in ["/users/2/second-factors", "/users/2"] {
        assert_eq!(token.delete(path).await.status, 204, "{path}");
    }
}
