//! What is stored about the pages of other applications, and for how long.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tollgate::{base::clock::Timestamp, config::RetentionConfig, jobs::cleanup, paywall};

use super::forward_auth_meter::{TRUSTED, visit};
use crate::support::{database::TestDatabase, fixtures::DAY, server::TestServer};

#[both_databases::test]
async fn pages_that_were_refused_or_read_are_deleted_when_they_are_unused(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED, ("READS_LIMIT", "1")]).await;
    let client = server.signed_in("ada").await;
    assert_eq!(visit(&client, "/a").await.status, 204);
    for n in 0..20 {
        assert_eq!(visit(&client, &format!("/essays/{n}")).await.code(), "payment_required");
    }
    assert_eq!(server.execute("UPDATE pages SET used_on = used_on").await, 21);

    let cleanup = async |reads: Duration| {
        let keep = RetentionConfig { audit: 10_000 * DAY, reads, inactive_accounts: None };
        cleanup::cleanup(&server.database.open().await, server.clock.now(), keep).await.unwrap();
    };
    server.advance(31 * DAY);
    client.login("ada").await;
    assert_eq!(visit(&client, "/a").await.status, 204);
    cleanup(30 * DAY).await;
    assert_eq!(server.execute("UPDATE pages SET used_on = used_on").await, 21, "they were used in this period");
    server.advance(33 * DAY);
    cleanup(30 * DAY).await;
    assert_eq!(server.execute("UPDATE pages SET used_on = used_on").await, 0);
    client.login("ada").await;
    assert_eq!(visit(&client, "/a").await.status, 204, "a number that is gone is not used again");
    assert_eq!(client.get("/reads").await.body[0]["path"], json!("/a"));
    assert_eq!(server.execute("DELETE FROM pages WHERE id > 1").await, 1);
}

#[both_databases::test]
async fn pages_are_not_counted_as_posts(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED, ("READS_ANONYMOUS", "1")]).await;
    let (client, reader, admin) = (server.signed_in("ada").await, server.client(), server.admin("eve").await);
    assert_eq!(admin.send(admin.request(Method::PUT, "/users/2/subscription").json(&json!({}))).await.status, 200);
    for visitor in [&client, &reader, &admin] {
        assert_eq!(visit(visitor, "/1").await.status, 204);
    }
    assert_eq!(client.get("/blog/1").await.status, 200);
    paywall::cleanup(&server.database.open().await, Timestamp::from_day(0)).await.unwrap();
    assert_eq!(server.execute("DELETE FROM post_days WHERE post_id = 1 AND reads = 1").await, 1);
    assert_eq!(server.execute("DELETE FROM post_days WHERE post_id = -1 AND reads = 3").await, 1);
    assert_eq!(server.execute("DELETE FROM post_days").await, 0);
    let today = admin.get("/stats?from=2026-11-21&to=2026-11-21").await.body;
    assert_eq!(today[0]["reads"], json!(4), "the days count both");
}

#[both_databases::test]
async fn a_thousand_pages_a_day_are_recorded_for_a_subscriber(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED]).await;
    let (client, admin) = (server.signed_in("ada").await, server.admin("eve").await);
    assert_eq!(admin.send(admin.request(Method::PUT, "/users/1/subscription").json(&json!({}))).await.status, 200);
    let now = server.clock.now().millis();
    let rows: Vec<_> = (1..1000).map(|n| format!("({n}, 1, -{}, {now}, FALSE)", n + 5000)).collect();
    server
        .execute(&format!("INSERT INTO reads (id, user_id, post_id, read_at, metered) VALUES {}", rows.join(", ")))
        .await;
    for uri in ["/a", "/b", "/c"] {
        assert_eq!(visit(&client, uri).await.status, 204, "{uri}");
    }
    assert_eq!(server.execute("DELETE FROM pages WHERE path = '/a'").await, 1);
    assert_eq!(server.execute("DELETE FROM pages").await, 0);
    server.advance(DAY);
    client.login("ada").await;
    assert_eq!(visit(&client, "/b").await.status, 204);
    assert_eq!(server.execute("DELETE FROM pages WHERE path = '/b'").await, 1);
}
