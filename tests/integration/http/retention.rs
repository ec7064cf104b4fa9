//! Deletion of old reads and unused accounts.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tollgate::{
    config::RetentionConfig,
    daily_counts::{self, DayCounts},
    jobs::cleanup,
};

use crate::support::{
    database::TestDatabase,
    fixtures::DAY,
    server::{START, TestServer},
};

async fn cleanup(server: &TestServer, reads: Duration, inactive_accounts: Option<Duration>) -> usize {
    let keep = RetentionConfig { audit: 10_000 * DAY, reads, inactive_accounts };
    cleanup::cleanup(&server.database.open().await, server.clock.now(), keep).await.unwrap()
}

/// Adds a user who was last seen `days` days before the start of the test.
async fn add_user(server: &TestServer, id: i64, days: i64) {
    let seen = START.millis() - days * 86_400_000;
    let row = format!("({id}, 'u{id}', 'u{id}', 'h', 'user', TRUE, 0, {seen})");
    let columns = "(id, username, username_key, password_hash, role, is_active, created_at, last_seen_at)";
    server.execute(&format!("INSERT INTO users {columns} VALUES {row}")).await;
}

async fn users(server: &TestServer) -> Vec<i64> {
    let users = server
        .database
        .open()
        .await
        .read(|connection| tollgate::users::listing::after(connection, 0, 1000))
        .await
        .unwrap();
    users.into_iter().map(|user| user.id).collect()
}

#[both_databases::test]
async fn reads_are_deleted_by_day_and_the_meter_keeps_its_period(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_COUNT", "posts"), ("READS_LIMIT", "2")]).await;
    let client = server.signed_in("ada").await;
    client.get("/blog/1").await;
    // 13 hours later the next day has begun.
    server.advance(14 * Duration::from_secs(60 * 60));
    client.get("/blog/2").await;

    server.advance(30 * DAY - 15 * Duration::from_secs(60 * 60));
    assert_eq!(cleanup(&server, 30 * DAY, None).await, 1, "the session");
    client.login("ada").await;
    assert_eq!(client.get("/blog/1").await.status, 200, "it was read in this period");
    assert_eq!(client.get("/meter").await.body["used"], json!(2));
    assert_eq!(client.get("/reads").await.body.as_array().unwrap().len(), 2);

    // The first read is 31 days old, the second one 30.5 days.
    server.advance(DAY + Duration::from_secs(60 * 60));
    assert_eq!(cleanup(&server, 30 * DAY, None).await, 2, "the session and the read of the first day");
    client.login("ada").await;
    server.promote("ada").await;
    let days = client.get("/stats?from=2026-11-21&to=2026-11-22").await.body;
    let reads: Vec<_> = days.as_array().unwrap().iter().map(|day| &day["reads"]).collect();
    assert_eq!(reads, [&json!(1), &json!(1)], "the statistics stay");
    assert_eq!(client.get("/blog/1").await.status, 200, "another period");
    assert_eq!(client.get("/meter").await.body["used"], json!(1));
}

#[both_databases::test]
async fn any_number_of_old_reads_is_deleted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.client().register("ada").await;
    let rows: Vec<_> = (0..2500).map(|number| format!("({number}, 1, 1, {}, TRUE)", number / 2)).collect();
    let insert = format!("INSERT INTO reads (id, user_id, post_id, read_at, metered) VALUES {}", rows.join(", "));
    server.execute(&insert).await;
    let counts = DayCounts { reads: 2500, ..DayCounts::default() };
    server.database.open().await.write(move |tx| daily_counts::add(tx, 0, counts)).await.unwrap();
    server.execute("INSERT INTO refusals (user_id, day, count) VALUES (1, 0, 1), (1, 30000, 1)").await;
    cleanup(&server, 60 * DAY, None).await;
    // Not the number that it deleted: the server's own job runs at its start, and may have deleted some.
    assert_eq!(server.execute("DELETE FROM reads").await, 0);
    assert_eq!(server.execute("DELETE FROM refusals").await, 1);
}

#[both_databases::test]
async fn only_unused_accounts_are_deleted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (now, later) = (START.millis(), START.after(DAY).millis());
    for (id, days) in [(1, 400), (2, 364), (3, 400), (4, 400), (5, 400), (6, 400), (7, 400), (8, 400), (9, 500)] {
        add_user(&server, id, days).await;
    }
    let session = "(token_hash, user_id, stay_signed_in, state, created_at, last_seen_at, fresh_until, idle_expires_at, \
                   expires_at)";
    for sql in [
        "UPDATE users SET role = 'admin' WHERE id = 3".to_owned(),
        format!("INSERT INTO sessions {session} VALUES ('a', 4, TRUE, '{{}}', 0, 0, 0, {later}, {later})")
            .replace("'a'", &hex(&server, "61")),
        format!("UPDATE users SET subscribed_until = {later} WHERE id = 5"),
        "INSERT INTO subscriptions (id, user_id, status) VALUES ('sub_1', 6, 'past_due')".to_owned(),
        "INSERT INTO customers (id, user_id, user_event) VALUES ('cus_7', 7, 'e')".to_owned(),
        "INSERT INTO subscriptions (id, customer, status) VALUES ('sub_2', 'cus_7', 'active')".to_owned(),
        "UPDATE users SET last_seen_at = NULL WHERE id = 8".to_owned(),
        format!("UPDATE users SET subscribed_until = {now} WHERE id = 9"),
        "INSERT INTO subscriptions (id, user_id, status) VALUES ('sub_3', 9, 'canceled')".to_owned(),
    ] {
        server.execute(&sql).await;
    }
    assert_eq!(cleanup(&server, 60 * DAY, None).await, 0, "it is off");
    assert_eq!(cleanup(&server, 60 * DAY, Some(365 * DAY)).await, 2);
    assert_eq!(users(&server).await, [2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(server.execute("DELETE FROM audit WHERE event = 'deleted' AND user_id IS NULL").await, 2);

    // For the user who was never seen, the time starts a year ago. The session and the subscription have ended.
    server.advance(366 * DAY);
    assert_eq!(cleanup(&server, 60 * DAY, Some(365 * DAY)).await, 1 + 4, "a session and its user among them");
    assert_eq!(users(&server).await, [3, 6, 7]);
}

#[both_databases::test]
async fn each_account_is_deleted_by_only_one_of_several_nodes(database: TestDatabase) {
    let server = TestServer::start(database).await;
    for id in 1..=20 {
        add_user(&server, id, 400).await;
    }
    let deleted = join_all((0..3).map(|_| cleanup(&server, 60 * DAY, Some(365 * DAY)))).await;
    assert_eq!(deleted.iter().sum::<usize>(), 20, "{deleted:?}");
    assert_eq!(server.execute("DELETE FROM audit WHERE event = 'deleted'").await, 20);
}

#[both_databases::test]
async fn a_used_session_keeps_its_account(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    let person = json!({ "username": "ada", "password": crate::support::client::PASSWORD, "stay_signed_in": true });
    assert_eq!(client.post("/login", &person).await.status, 200);
    server.advance(20 * DAY);
    assert_eq!(client.get("/account/export").await.body["user"]["last_seen_at"], json!("2026-12-11T10:00:00.000Z"));
    assert_eq!(client.delete("/logout").await.status, 204);

    server.advance(29 * DAY);
    assert_eq!(cleanup(&server, 1000 * DAY, Some(30 * DAY)).await, 0);
    server.advance(2 * DAY);
    assert_eq!(cleanup(&server, 1000 * DAY, Some(30 * DAY)).await, 1);
    assert_eq!(client.try_login("ada", crate::support::client::PASSWORD).await, 404);
}

fn hex(server: &TestServer, digits: &str) -> String {
    if server.is_postgres() { format!("'\\x{digits}'") } else { format!("X'{digits}'") }
}
