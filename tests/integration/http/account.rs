//! `/account`: changing, exporting and deleting it.

use std::time::Duration;

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tollgate::db::{DbConnection, DbError};

use crate::support::{client::PASSWORD, database::TestDatabase, fixtures::incorrect_password, server::TestServer};

const QUARTER: Duration = Duration::from_secs(15 * 60);
const NEW: &str = "seven wiser toads";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many rows a query finds.
async fn count(server: &TestServer, sql: &str) -> i64 {
    let sql = format!("SELECT count(*) AS count FROM {sql}");
    let read = move |connection: &mut DbConnection| -> Result<Count, DbError> {
        Ok(match connection {
            DbConnection::Sqlite(c) => sql_query(sql).get_result(c)?,
            DbConnection::Postgres(c) => sql_query(sql).get_result(c)?,
        })
    };
    server.database.open().await.read(read).await.unwrap().count
}

#[both_databases::test]
async fn name_and_email_can_be_changed_and_the_email_removed(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    server.advance(Duration::from_secs(1));
    let changed = client.patch("/account", &json!({ "username": "Ada.Lovelace", "email": "ada@example.org" })).await;
    let user = json!({
        "id": 1, "username": "Ada.Lovelace", "email": "ada@example.org", "email_verified": false, "pending_email": null,
        "second_factors": [], "role": "user", "created_at": "2026-11-21T10:00:00.000Z", "updated_at": "2026-11-21T10:00:01.000Z",
    });
    assert_eq!(changed.parts(), (200, user.clone()));
    assert_eq!(client.get("/check_session").await.body["username"], json!("Ada.Lovelace"));
    assert_eq!(client.try_login("ada", PASSWORD).await, 404);
    assert_eq!(server.client().try_login("ada.lovelace", PASSWORD).await, 200);

    server.advance(Duration::from_secs(1));
    let nothing = client.patch("/account", &json!({ "username": null, "unknown": 1 })).await;
    assert_eq!(nothing.parts(), (200, user.clone()), "null removes what may be missing only");
    let mut removed = user;
    removed["email"] = Value::Null;
    removed["updated_at"] = json!("2026-11-21T10:00:02.000Z");
    assert_eq!(client.patch("/account", &json!({ "email": null })).await.parts(), (200, removed));
}

#[both_databases::test]
async fn a_name_of_another_user_is_refused_but_a_new_spelling_is_not(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let eve = json!({ "username": "eve", "password": PASSWORD, "email": "eve@example.org" });
    server.client().post("/register", &eve).await;
    let client = server.signed_in("ada").await;
    let name = client.patch("/account", &json!({ "username": "EVE" })).await;
    assert_eq!(name.parts(), (409, json!({ "error": "this username is taken", "code": "username_taken" })));
    let email = client.patch("/account", &json!({ "email": "Eve@Example.Org", "username": "free" })).await;
    assert_eq!(email.parts(), (409, json!({ "error": "this email address is taken", "code": "email_taken" })));
    assert_eq!(client.get("/check_session").await.body["username"], json!("ada"), "all or nothing");
    assert_eq!(client.patch("/account", &json!({ "username": "ADA" })).await.body["username"], json!("ADA"));

    let wrong = client.patch("/account", &json!({ "username": "a b", "email": "x", "current_password": 1 })).await;
    let fields = json!({
        "username": "must not contain spaces",
        "email": "must be an email address such as ada@example.org", "current_password": "must be a string",
    });
    assert_eq!((wrong.status, &wrong.body["fields"]), (422, &fields));
    let form =
        client.request(reqwest::Method::PATCH, "/account").header("content-type", "application/x-www-form-urlencoded");
    let form = client.send(form.body("username=x")).await;
    assert_eq!(
        form.parts(),
        (415, json!({ "error": "the content type must be application/json", "code": "unsupported_media_type" }))
    );
}

#[both_databases::test]
async fn a_change_without_effect_is_not_written_audited_or_counted(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let client = server.signed_in("Ada").await;
    let first = client.patch("/account", &json!({ "email": "Ada@example.org" })).await;
    server.advance(Duration::from_secs(1));
    for same in [
        json!({ "username": "Ada" }),
        json!({ "email": "Ada@example.org" }),
        json!({ "username": "Ada", "email": "Ada@example.org" }),
    ] {
        for _ in 0..10 {
            assert_eq!(client.patch("/account", &same).await.parts(), (200, first.body.clone()), "{same}");
        }
    }
    assert_eq!(count(&server, "audit WHERE event = 'account_changed'").await, 1);
    let spelling = client.patch("/account", &json!({ "username": "ada", "email": "ada@example.org" })).await;
    assert_eq!((spelling.status, &spelling.body["username"]), (200, &json!("ada")), "another spelling is a change");
    assert_eq!(client.patch("/account", &json!({ "email": null })).await.body["email"], Value::Null);
    assert_eq!(client.patch("/account", &json!({ "email": null })).await.status, 200);
    assert_eq!(count(&server, "audit WHERE event = 'account_changed'").await, 3);
}

#[both_databases::test]
async fn an_account_can_be_changed_twenty_times_an_hour(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let (client, other) = (server.signed_in("ada").await, server.signed_in("eve").await);
    for number in 0..19 {
        let change = json!({ "email": format!("ada{number}@example.org") });
        assert_eq!(client.patch("/account", &change).await.status, 200, "{number}");
    }
    server.advance(Duration::from_secs(1));
    let password = json!({ "current_password": PASSWORD, "new_password": NEW });
    assert_eq!(client.post("/account/password", &password).await.status, 204);
    let one_more = json!({ "email": "late@example.org" });
    let again = json!({ "current_password": NEW, "new_password": PASSWORD });
    for refused in [client.patch("/account", &one_more).await, client.post("/account/password", &again).await] {
        assert_eq!(refused.header("retry-after"), Some("3599"));
        assert_eq!(
            refused.parts(),
            (429, json!({ "error": "too many attempts, try again later", "code": "too_many_requests" }))
        );
    }
    assert_eq!(
        client.patch("/account", &json!({ "email": "ada18@example.org" })).await.status,
        200,
        "that is no change"
    );
    assert_eq!(other.patch("/account", &one_more).await.status, 200, "an account is as good as another");
    server.advance(4 * QUARTER - Duration::from_secs(1));
    let change = json!({ "email": "ada@example.org", "current_password": NEW });
    assert_eq!(client.patch("/account", &change).await.status, 200);
}

#[both_databases::test]
async fn only_twenty_of_many_simultaneous_account_changes_succeed(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let client = server.signed_in("ada").await;
    let changes = (0..40).map(|number| {
        let (client, change) = (client.clone(), json!({ "email": format!("ada{number}@example.org") }));
        async move { client.patch("/account", &change).await.status }
    });
    let statuses = join_all(changes).await;
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(200), count(429)), (20, 20));
}

#[both_databases::test]
async fn account_changes_and_registrations_share_a_limit_on_taken_names(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on")]).await;
    let eve = json!({ "username": "eve", "password": PASSWORD, "email": "eve@example.org" });
    server.client().post("/register", &eve).await;
    let client = server.signed_in("ada").await;
    let other = server.signed_in("bob").await;
    let tries = (0..40).map(|number| {
        let client = if number % 2 == 0 { &client } else { &other };
        let wish = if number % 3 == 0 { json!({ "username": "eve" }) } else { json!({ "email": "eve@example.org" }) };
        async move { client.patch("/account", &wish).await.status }
    });
    let statuses = join_all(tries).await;
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(409), count(429)), (17, 23), "three have registered");

    let refused = client.patch("/account", &json!({ "username": "nobody" })).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("3600")), "whether it is taken or not");
    let registration = json!({ "username": "nobody", "password": PASSWORD });
    assert_eq!(server.client().post("/register", &registration).await.status, 429);
    assert_eq!(client.patch("/account", &json!({ "username": "ADA" })).await.status, 200, "that nobody else can have");
    server.advance(4 * QUARTER);
    let wish = json!({ "username": "eve", "current_password": PASSWORD });
    assert_eq!(client.patch("/account", &wish).await.code(), "username_taken");
}

#[both_databases::test]
async fn only_one_of_many_users_can_change_to_a_name(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut clients = Vec::new();
    for number in 0..20 {
        clients.push(server.signed_in(&format!("user{number}")).await);
    }
    let wish = json!({ "username": "wanted" });
    let answers = join_all(clients.iter().map(|client| client.patch("/account", &wish))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.code() == "username_taken").count(), 19);
}

#[both_databases::test]
async fn a_change_needs_a_fresh_session_or_the_password(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    server.advance(QUARTER - Duration::from_millis(1));
    assert_eq!(client.patch("/account", &json!({ "email": "a@example.org" })).await.status, 200);
    server.advance(Duration::from_millis(1));
    let stale = client.patch("/account", &json!({ "email": "b@example.org" })).await;
    assert_eq!((stale.status, stale.code()), (401, "fresh_login_required"));
    let wrong = json!({ "email": "b@example.org", "current_password": "wrong password" });
    assert_eq!(client.patch("/account", &wrong).await.parts(), incorrect_password());
    let right = json!({ "email": "b@example.org", "current_password": PASSWORD });
    assert_eq!(client.patch("/account", &right).await.body["email"], json!("b@example.org"));
}

#[both_databases::test]
async fn a_password_is_checked_even_in_a_fresh_session(database: TestDatabase) {
    let server = TestServer::with(database, &[("CONTRACT", "modern")]).await;
    let client = server.signed_in("ada").await;
    let wrong = client.patch("/account", &json!({ "username": "x", "current_password": "wrong password" })).await;
    assert_eq!(
        (wrong.status, wrong.code()),
        (400, "incorrect_password"),
        "who asks is signed in: this is no failed login"
    );
}

#[both_databases::test]
async fn a_new_password_ends_all_other_sessions_and_renews_this_one(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (here, there) = (server.signed_in("ada").await, server.client());
    let stolen = here.without_cookies();
    let first = here.login("ada").await.cookie();
    there.login("ada").await;
    server.advance(2 * QUARTER);

    let change = json!({ "current_password": PASSWORD, "new_password": NEW });
    let changed = here.post("/account/password", &change).await;
    let second = changed.cookie();
    assert_ne!(first, second);
    assert_eq!(changed.parts(), (204, Value::Null));
    assert!(here.is_signed_in().await);
    assert!(!there.is_signed_in().await);
    assert_eq!(stolen.get_with("/meter", &[("cookie", &first)]).await.status, 401);
    assert_eq!(stolen.get_with("/meter", &[("cookie", &second)]).await.status, 200);
    assert_eq!(here.get("/check_session").await.body["session"]["fresh_until"], json!("2026-11-21T10:45:00.000Z"));
    assert_eq!(server.client().try_login("ada", PASSWORD).await, 400);
    assert_eq!(server.client().try_login("ada", NEW).await, 200);
}

#[both_databases::test]
async fn a_new_password_keeps_stay_signed_in(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    client.post("/login", &json!({ "username": "ada", "password": PASSWORD, "stay_signed_in": true })).await;
    let changed = client.post("/account/password", &json!({ "current_password": PASSWORD, "new_password": NEW })).await;
    assert!(changed.header("set-cookie").unwrap().ends_with("; Max-Age=2592000"), "{changed:?}");
}

#[both_databases::test]
async fn changing_a_password_needs_the_old_one_and_a_valid_new_one(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("Ada.Lovelace").await;
    let change = async |current: Value, new: Value| {
        client.post("/account/password", &json!({ "current_password": current, "new_password": new })).await
    };
    assert_eq!(change(json!("wrong password"), json!(NEW)).await.parts(), incorrect_password());
    let short = change(json!(null), json!("short")).await;
    let fields = json!({ "current_password": "is missing", "new_password": "must have at least 8 characters" });
    assert_eq!((short.status, &short.body["fields"]), (422, &fields));
    for (new, error) in
        [("ada.lovelace", "must not be the username"), ("password", "is one of the most common passwords")]
    {
        let refused = change(json!(PASSWORD), json!(new)).await;
        assert_eq!((refused.status, &refused.body["fields"]["new_password"]), (422, &json!(error)));
    }
    assert!(client.is_signed_in().await);
}

#[both_databases::test]
async fn one_of_many_simultaneous_password_changes_wins(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.client().register("ada").await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        let client = server.client();
        client.login("ada").await;
        clients.push(client);
    }
    let changes = clients.iter().enumerate().map(|(number, client)| async move {
        let change = json!({ "current_password": PASSWORD, "new_password": format!("{NEW} {number}") });
        client.post("/account/password", &change).await.status
    });
    let statuses = join_all(changes).await;
    let winners: Vec<_> = statuses.iter().enumerate().filter(|(_, status)| **status == 204).collect();
    assert_eq!(winners.len(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 204 | 400 | 401)), "{statuses:?}");
    let (winner, _) = winners[0];
    assert_eq!(server.client().try_login("ada", &format!("{NEW} {winner}")).await, 200);
    for (number, client) in clients.iter().enumerate() {
        assert_eq!(client.is_signed_in().await, number == winner, "{number}");
    }
}

#[both_databases::test]
async fn a_login_with_the_old_password_does_not_survive_the_change(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let racers: Vec<_> = (0..20).map(|number| server.client().in_network(number)).collect();
    let login = json!({ "username": "ada", "password": PASSWORD });
    let logins = join_all(racers.iter().map(|racer| racer.post("/login", &login)));
    let change = json!({ "current_password": PASSWORD, "new_password": NEW });
    let (answers, changed) = futures_util::future::join(logins, client.post("/account/password", &change)).await;
    assert_eq!(changed.status, 204);
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 400)), "{answers:?}");
    for racer in &racers {
        assert!(!racer.is_signed_in().await);
    }
}

#[both_databases::test]
async fn a_deleted_account_leaves_only_the_deletion_in_the_audit(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_COUNT", "posts"), ("THROTTLE", "on")]).await;
    let (client, other) = (server.signed_in("ada").await, server.signed_in("eve").await);
    let second = server.client();
    second.login("ada").await;
    client.get("/blog/1").await;
    other.get("/blog/1").await;
    assert_eq!(server.client().try_login("ada", "wrong password").await, 400);
    server.advance(QUARTER);

    assert_eq!(client.delete_with("/account", &json!({})).await.status, 422);
    let wrong = client.delete_with("/account", &json!({ "password": "wrong password" })).await;
    assert_eq!(wrong.parts(), incorrect_password());
    let deleted = client.delete_with("/account", &json!({ "password": PASSWORD })).await;
    let cleared: Vec<_> = deleted.headers.iter().filter(|(name, _)| name == "set-cookie").collect();
    assert!(
        cleared.len() == 2 && cleared.iter().all(|(_, cookie)| cookie.contains("=;") && cookie.contains("Max-Age=0")),
        "{cleared:?}"
    );
    assert_eq!(deleted.parts(), (204, Value::Null));
    assert!(!client.is_signed_in().await && !second.is_signed_in().await);
    assert!(other.is_signed_in().await);
    assert_eq!(server.client().try_login("ada", PASSWORD).await, 404);

    for rows in [
        "users WHERE id = 1",
        "sessions WHERE user_id = 1",
        "meters WHERE user_id = 1",
        "reads WHERE user_id = 1",
        "audit WHERE user_id = 1",
    ] {
        assert_eq!(count(&server, rows).await, 0, "{rows}");
    }
    assert_eq!(
        count(&server, "attempts WHERE kind = 'wrong_password'").await,
        1,
        "the last try, at a name that is nobody's now"
    );
    assert_eq!(
        count(&server, "audit WHERE event = 'deleted' AND user_id IS NULL AND ip IS NULL AND user_agent IS NULL").await,
        1
    );
    assert_eq!(server.client().register("ada").await.body["id"], json!(3), "an id is never given twice");
}

#[both_databases::test]
async fn requests_in_flight_during_a_deletion_are_answered(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "1000")]).await;
    for round in 0..5 {
        let client = server.signed_in(&format!("user{round}")).await;
        let reads = join_all((0..20).map(|_| client.get("/blog/1")));
        let password = json!({ "password": PASSWORD });
        let (reads, deleted) = futures_util::future::join(reads, client.delete_with("/account", &password)).await;
        assert_eq!(deleted.status, 204);
        assert!(reads.iter().all(|read| matches!(read.status, 200 | 401)), "{reads:?}");
    }
}

#[both_databases::test]
async fn an_account_change_during_a_deletion_comes_before_it_or_fails(database: TestDatabase) {
    let server = TestServer::start(database).await;
    for round in 0..10 {
        let client = server.signed_in(&format!("user{round}")).await;
        let (change, password) = (json!({ "email": "ada@example.org" }), json!({ "password": PASSWORD }));
        let changes = join_all((0..4).map(|_| client.patch("/account", &change)));
        let (changes, deleted) = futures_util::future::join(changes, client.delete_with("/account", &password)).await;
        assert_eq!(deleted.status, 204);
        assert!(changes.iter().all(|change| matches!(change.status, 200 | 401)), "{changes:?}");
    }
}

#[both_databases::test]
async fn the_export_contains_everything_stored_except_secrets(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_COUNT", "posts"), ("THROTTLE", "on")]).await;
    let client = server.client().with_headers(&[("user-agent", "curl/8.5.0")]);
    client.register("ada").await;
    client.login("ada").await;
    client.get("/blog/2").await;
    server.client().with_headers(&[("user-agent", "guess/1")]).try_login("ada", "wrong password").await;

    let export = client.get("/account/export").await;
    assert_eq!(export.header("content-disposition"), Some("attachment; filename=\"tollgate-account.json\""));
    let (now, ip) = ("2026-11-21T10:00:00.000Z", "127.0.0.1");
    let session = json!({
        "id": 1, "created_at": now, "last_seen_at": now, "idle_expires_at": "2026-11-22T10:00:00.000Z",
        "expires_at": "2026-11-28T10:00:00.000Z", "ip": ip, "user_agent": "curl/8.5.0", "stay_signed_in": false,
    });
    let body = json!({
        "user": { "id": 1, "username": "ada", "email": null, "email_verified": false, "pending_email": null, "second_factors": [], "role": "user", "created_at": now, "updated_at": null, "is_active": true, "last_seen_at": now },
        "passkeys": [],
        "identities": [],
        "sessions": [session],
        "api_tokens": [],
        "meter": { "period_started_at": now, "used": 1 },
        "reads": [{ "post_id": 2, "read_at": now, "metered": true }],
        "refusals": [],
        "gifts": [],
        "gifts_opened": [],
        "subscriptions": [],
        "customers": [],
        "failed_attempts": [{ "at": now, "network": ip }],
        "audit": [
            { "at": now, "event": "failed", "ip": ip, "user_agent": "guess/1" },
            { "at": now, "event": "signed_in", "ip": ip, "user_agent": "curl/8.5.0" },
            { "at": now, "event": "registered", "ip": ip, "user_agent": "curl/8.5.0" },
        ],
    });
    assert_eq!(export.parts(), (200, body));
}
