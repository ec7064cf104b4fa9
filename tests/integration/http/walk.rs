//! The complete walk-through of the contract.

use serde_json::json;

use crate::support::{client::PASSWORD, database::TestDatabase, fixtures::login_required, server::TestServer};

#[both_databases::test]
async fn a_reader_registers_reads_five_posts_and_is_asked_to_pay(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    let user = json!({
        "id": 1, "username": "Ada", "email": "ada@example.org", "email_verified": false, "pending_email": null, "second_factors": [], "role": "user",
        "created_at": "2026-11-21T10:00:00.000Z", "updated_at": null,
    });
    let mut signed_in = user.clone();
    signed_in["session"] = json!({
        "expires_at": "2026-11-28T10:00:00.000Z", "idle_expires_at": "2026-11-22T10:00:00.000Z",
        "fresh_until": "2026-11-21T10:15:00.000Z", "stay_signed_in": false,
    });

    let nobody = client.get("/check_session").await.parts();
    assert_eq!(nobody, (401, json!({ "error": "no user logged in", "code": "not_logged_in" })));

    let registration = json!({ "username": "Ada", "password": PASSWORD, "email": "ada@example.org" });
    let registered = client.post("/register", &registration).await;
    assert_eq!(registered.header("location"), Some("/check_session"));
    assert_eq!(registered.parts(), (201, user));
    assert_eq!(client.get("/check_session").await.status, 401, "registering does not sign in");

    let login = json!({ "username": "ada", "password": PASSWORD });
    assert_eq!(client.post("/login", &login).await.parts(), (200, signed_in.clone()));
    for path in ["/check_session", "/check_sessions"] {
        assert_eq!(client.get(path).await.parts(), (200, signed_in.clone()));
    }

    for remaining in (0..5).rev() {
        let read = client.get("/blog/1").await;
        assert_eq!(read.header("x-reads-limit"), Some("5"));
        assert_eq!(read.header("x-reads-remaining"), Some(remaining.to_string().as_str()));
        assert_eq!(read.header("x-reads-reset"), Some("2592000"));
        assert_eq!((read.status, &read.body["id"]), (200, &json!(1)));
    }
    let refused = client.get("/blog/1").await;
    assert_eq!(refused.header("x-reads-remaining"), Some("0"));
    let excerpt = "A road wants mending, and somebody has to pay for the stones.";
    let refusal = json!({
        "error": "pay me monies", "code": "payment_required", "limit": 5, "used": 5,
        "resets_at": "2026-12-21T10:00:00.000Z", "post_title": "What a toll gate is for", "excerpt": excerpt,
    });
    assert_eq!(refused.parts(), (400, refusal));

    assert_eq!(client.delete("/logout").await.parts(), (204, json!(null)));
    let gone = client.get("/blog/1").await.parts();
    assert_eq!(gone, login_required());
}

#[both_databases::test]
async fn the_modern_contract_differs_as_documented(database: TestDatabase) {
    let server = TestServer::with(database, &[("CONTRACT", "modern"), ("READS_LIMIT", "1")]).await;
    let client = server.signed_in("ada").await;
    let problem = |status: u16, title: &str, text: &str, code: &str| {
        json!({
            "type": "about:blank", "title": title, "status": status, "detail": text, "error": text, "code": code,
        })
    };

    let cannot_login = problem(401, "Unauthorized", "Cannot login", "cannot_login");
    for (username, password) in [("nobody", PASSWORD), ("ada", "wrong password")] {
        let failed = client.post("/login", &json!({ "username": username, "password": password })).await;
        assert_eq!(failed.header("content-type"), Some("application/problem+json"));
        assert_eq!(failed.parts(), (401, cannot_login.clone()), "{username}");
    }

    assert_eq!(client.get("/blog/1").await.status, 200);
    let mut refusal = problem(402, "Payment Required", "pay me monies", "payment_required");
    refusal["limit"] = json!(1);
    refusal["used"] = json!(1);
    refusal["resets_at"] = json!("2026-12-21T10:00:00.000Z");
    refusal["post_title"] = json!("What a toll gate is for");
    refusal["excerpt"] = json!("A road wants mending, and somebody has to pay for the stones.");
    assert_eq!(client.get("/blog/1").await.parts(), (402, refusal));

    let not_found = problem(404, "Not Found", "Blog not found", "blog_not_found");
    assert_eq!(client.get("/blog/99").await.parts(), (404, not_found));
}
