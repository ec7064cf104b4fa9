//! `/stats/posts`.

use std::time::Duration;

use serde_json::{Value, json};
use tollgate::{base::clock::Timestamp, config::RetentionConfig, jobs::cleanup, paywall};

use super::{
    billing::{checkout, now, start_with, subscription, take},
    forward_auth_meter::{TRUSTED, visit},
};
use crate::support::{
    client::{Answer, Client},
    database::TestDatabase,
    fixtures::{DAY, forbidden_to_readers, login_required},
    server::TestServer,
};

const TITLE: &str = "What a toll gate is for";
const SECOND: Duration = Duration::from_secs(1);

/// The row of post 1, in the order of the columns.
fn post(title: Option<&str>, [reads, readers, refusals, sign_ups, subscriptions]: [i64; 5]) -> Value {
    json!({
        "post_id": 1, "title": title, "reads": reads, "readers": readers, "refusals": refusals, "sign_ups": sign_ups,
        "subscriptions": subscriptions,
    })
}

async fn refuse(client: &Client, path: &str) {
    let code = client.get(path).await.code().to_owned();
    assert!(["login_required", "payment_required"].contains(&code.as_str()), "{path}: {code}");
}

async fn csv(client: &Client, path: &str) -> Answer {
    client.send(client.request(reqwest::Method::GET, path).header("accept", "text/csv")).await
}

#[both_databases::test]
async fn reads_readers_and_refusals_are_counted_by_post_before_and_after_they_are_added_up(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "2")]).await;
    let (editor, ada, eve) =
        (server.admin("editor").await, server.signed_in("ada").await, server.signed_in("eve").await);
    assert_eq!(editor.get("/stats/posts").await.parts(), (200, json!([])));
    for _ in 0..2 {
        assert_eq!(ada.get("/blog/1").await.status, 200);
    }
    assert_eq!(eve.get("/blog/1").await.status, 200);
    refuse(&ada, "/blog/1").await;
    let expected = json!([post(Some(TITLE), [3, 2, 1, 0, 0])]);
    assert_eq!(editor.get("/stats/posts").await.parts(), (200, expected.clone()));
    paywall::cleanup(&server.database.open().await, Timestamp::from_day(0)).await.unwrap();
    assert_eq!(editor.get("/stats/posts").await.parts(), (200, expected));
    let other_day = editor.get("/stats/posts?from=2026-11-20&to=2026-11-20").await;
    assert_eq!(other_day.parts(), (200, json!([])));

    server.execute("DELETE FROM posts WHERE id = 1").await;
    let deleted = json!([post(None, [3, 2, 1, 0, 0])]);
    assert_eq!(editor.get("/stats/posts?from=2026-11-21").await.parts(), (200, deleted));
}

#[both_databases::test]
async fn a_registration_counts_within_seven_days_of_the_refusal(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_ANONYMOUS", "1"), ("READS_PERIOD", "60d")]).await;
    let editor = server.admin("editor").await;
    server.advance(SECOND);
    let (prompt, late) = (server.client(), server.client());
    for reader in [&prompt, &late] {
        assert_eq!(reader.get("/blog/2").await.status, 200);
        refuse(reader, "/blog/1").await;
    }
    server.advance(7 * DAY);
    prompt.register("prompt").await;
    prompt.login("prompt").await;
    server.advance(SECOND);
    late.register("late").await;
    late.login("late").await;
    editor.login("editor").await;
    let rows = editor.get("/stats/posts").await.body;
    assert_eq!(rows[1], post(Some(TITLE), [0, 0, 2, 1, 0]), "{rows}");
    assert_eq!(rows[0]["sign_ups"], json!(0), "the post that was read: {rows}");
    assert_eq!(server.execute("DELETE FROM last_refusals WHERE reader_id > 0").await, 1, "only of the account");
}

#[both_databases::test]
async fn a_refused_browser_without_a_cookie_is_counted_and_not_recognized(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_ANONYMOUS", "1")]).await;
    let editor = server.admin("editor").await;
    let mut reader = server.client();
    let mut reads = 0;
    while reader.get("/blog/1").await.status == 200 {
        (reader, reads) = (server.client(), reads + 1);
        assert!(reads < 1000, "the budget of the network has no end");
    }
    reader.register("ada").await;
    reader.login("ada").await;
    let rows = json!([post(Some(TITLE), [reads, reads, 1, 0, 0])]);
    assert_eq!(editor.get("/stats/posts").await.parts(), (200, rows));
    assert_eq!(server.execute("DELETE FROM last_refusals").await, 0);
}

#[both_databases::test]
async fn a_subscription_counts_once_for_the_last_refusal_of_the_last_seven_days(database: TestDatabase) {
    let server = start_with(database, &[]).await;
    let (editor, ada, eve) =
        (server.admin("editor").await, server.signed_in("ada").await, server.signed_in("eve").await);
    for client in [&ada, &eve] {
        assert_eq!(client.get("/blog/2").await.status, 200);
        refuse(client, "/blog/3").await;
        refuse(client, "/blog/1").await;
    }
    server.advance(DAY);
    let end = now(&server) + 30 * 86_400;
    take(&server, &checkout("evt_1", now(&server), 2)).await;
    take(&server, &subscription("evt_2", "created", now(&server), 2, "active", end)).await;
    server.advance(7 * DAY);
    take(&server, &checkout("evt_3", now(&server), 3)).await;
    editor.login("editor").await;
    let rows = editor.get("/stats/posts").await.body;
    let found: Vec<_> = rows.as_array().unwrap().iter().map(|row| (&row["post_id"], &row["subscriptions"])).collect();
    assert_eq!(found, [(&json!(3), &json!(0)), (&json!(2), &json!(0)), (&json!(1), &json!(1))]);
    assert_eq!(rows[2], post(Some(TITLE), [0, 0, 2, 0, 1]));
    let that_day = editor.get("/stats/posts?from=2026-11-22&to=2026-11-22").await;
    assert_eq!(that_day.parts(), (200, json!([post(Some(TITLE), [0, 0, 0, 0, 1])])));
}

#[both_databases::test]
async fn pages_have_their_path_and_follow_the_posts(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED, ("READS_LIMIT", "2")]).await;
    let (editor, ada, eve) =
        (server.admin("editor").await, server.signed_in("ada").await, server.signed_in("eve").await);
    assert_eq!(visit(&ada, "/essays/a").await.status, 204);
    assert_eq!(visit(&ada, "/essays/b").await.status, 204);
    assert_eq!(eve.get("/blog/1").await.status, 200);
    assert_eq!(eve.get("/blog/1").await.status, 200);
    for path in ["/essays/a", "/essays/a", "/never/read"] {
        assert_eq!(visit(&eve, path).await.code(), "payment_required");
    }
    let page = |path: &str, reads: i64, refusals: i64| {
        json!({
            "path": path, "title": null, "reads": reads, "readers": reads, "refusals": refusals, "sign_ups": 0,
            "subscriptions": 0,
        })
    };
    let (a, b, never) = (page("/essays/a", 1, 2), page("/essays/b", 1, 0), page("/never/read", 0, 1));
    let rows = json!([post(Some(TITLE), [2, 1, 0, 0, 0]), never, b, a]);
    assert_eq!(editor.get("/stats/posts").await.parts(), (200, rows.clone()));

    let (mut path, mut listed) = ("/stats/posts?from=2026-11-21&limit=1".to_owned(), Vec::new());
    loop {
        let answer = editor.get(&path).await;
        listed.extend(answer.body.as_array().unwrap().clone());
        let Some(next) = answer.header("link") else { break };
        path = next.trim_start_matches('<').split('>').next().unwrap().to_owned();
    }
    assert_eq!(json!(listed), rows);
    assert_eq!(path, "/stats/posts?from=2026-11-21&limit=1&before=-2");
}

#[both_databases::test]
async fn refused_paths_do_not_fill_the_table_of_pages(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED, ("READS_LIMIT", "0")]).await;
    let (editor, ada) = (server.admin("editor").await, server.signed_in("ada").await);
    let today = server.clock.now().day();
    server
        .execute(&format!(
            "INSERT INTO pages (path, used_on) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE \
             i < 999) SELECT '/read/' || i, {today} FROM n"
        ))
        .await;
    for path in ["/a", "/b", "/a"] {
        assert_eq!(visit(&ada, path).await.code(), "payment_required");
    }
    let row = json!({
        "path": "/a", "title": null, "reads": 0, "readers": 0, "refusals": 2, "sign_ups": 0, "subscriptions": 0,
    });
    assert_eq!(editor.get("/stats/posts").await.parts(), (200, json!([row])));
    server.advance(DAY);
    ada.login("ada").await;
    assert_eq!(visit(&ada, "/b").await.code(), "payment_required");
    editor.login("editor").await;
    assert_eq!(editor.get("/stats/posts").await.body[0]["path"], "/b");
}

#[both_databases::test]
async fn a_refusal_of_an_anonymous_reader_at_a_post_for_subscribers_counts(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_ANONYMOUS", "2")]).await;
    let editor = server.admin("editor").await;
    server.execute("UPDATE posts SET access = 'subscribers' WHERE id = 1").await;
    let (reader, unknown) = (server.client(), server.client());
    assert_eq!(reader.get("/blog/2").await.status, 200);
    for client in [&reader, &unknown] {
        assert_eq!(client.get("/blog/1").await.parts(), login_required());
    }
    server.advance(SECOND);
    for (name, client) in [("reader", &reader), ("unknown", &unknown)] {
        client.register(name).await;
        client.login(name).await;
    }
    let rows = editor.get("/stats/posts").await.body;
    assert_eq!(rows[1], post(Some(TITLE), [0, 0, 2, 1, 0]), "{rows}");
    let day = editor.get("/stats").await.body.as_array().unwrap().last().unwrap().clone();
    assert_eq!((&day["anonymous"]["refusals"], &day["anonymous"]["conversions"]), (&json!(2), &json!(1)));
}

#[both_databases::test]
async fn the_statistics_are_csv_without_formulas(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (editor, ada) = (server.admin("editor").await, server.signed_in("ada").await);
    server.execute("UPDATE posts SET title = '=HYPERLINK(\"x\"), y' WHERE id = 1").await;
    assert_eq!(ada.get("/blog/1").await.status, 200);
    assert_eq!(ada.get("/blog/2").await.status, 200);
    let answer = csv(&editor, "/stats/posts").await;
    let header = "post_id,path,title,reads,readers,refusals,sign_ups,subscriptions\n";
    let second = "2,,Why the counter is not in your browser,1,1,0,0,0\n";
    let first = "1,,\"'=HYPERLINK(\"\"x\"\"), y\",1,1,0,0,0\n";
    assert_eq!((answer.status, &answer.body), (200, &json!(format!("{header}{second}{first}"))));
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    let page = csv(&editor, "/stats/posts?limit=1").await;
    assert_eq!(page.body, json!(format!("{header}{second}")));
    assert_eq!(page.header("link"), Some("</stats/posts?limit=1&before=2>; rel=\"next\""));
}

#[both_databases::test]
async fn only_editors_see_them_and_invalid_filters_are_refused(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    assert_eq!(server.client().get("/stats/posts").await.parts(), login_required());
    assert_eq!(client.get("/stats/posts").await.parts(), forbidden_to_readers());
    server.execute("UPDATE users SET role = 'editor'").await;
    let (day, range) = ("must be a day such as 2026-11-21", "must be at most 731 days before `to`, and not after it");
    let position = "must be taken from the link to the next page";
    for (query, fields) in [
        ("from=x&to=y", json!({ "from": day, "to": day })),
        ("from=2026-11-22&to=2026-11-21", json!({ "from": range })),
        ("limit=101", json!({ "limit": "must be a whole number from 1 to 100" })),
        ("before=0", json!({ "before": position })),
        ("before=x", json!({ "before": position })),
    ] {
        let refused = client.get(&format!("/stats/posts?{query}")).await;
        assert_eq!((refused.status, &refused.body["fields"]), (422, &fields), "{query}");
    }
    assert_eq!(client.get("/stats/posts?post=1").await.status, 422);
    assert_eq!(client.get("/stats/posts").await.status, 200);
}

#[both_databases::test]
async fn the_last_refusal_is_deleted_after_seven_days_or_with_the_account(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "1"), ("READS_PERIOD", "60d")]).await;
    let (ada, eve) = (server.signed_in("ada").await, server.signed_in("eve").await);
    for client in [&ada, &eve] {
        assert_eq!(client.get("/blog/1").await.status, 200);
        refuse(client, "/blog/1").await;
    }
    server.execute("DELETE FROM users WHERE id = 2").await;
    let db = server.database.open().await;
    let keep = RetentionConfig { audit: 10_000 * DAY, reads: 10_000 * DAY, inactive_accounts: None };
    server.advance(7 * DAY);
    cleanup::cleanup(&db, server.clock.now(), keep).await.unwrap();
    assert_eq!(server.execute("UPDATE last_refusals SET at = at").await, 1);
    server.advance(SECOND);
    cleanup::cleanup(&db, server.clock.now(), keep).await.unwrap();
    assert_eq!(server.execute("DELETE FROM last_refusals").await, 0);
    let counted = server.admin("root").await.get("/stats/posts").await.body;
    let counted = counted.as_array().unwrap().iter().find(|row| row["post_id"] == 1).unwrap();
    assert_eq!(counted["refusals"], 2, "the count stays");
}

#[both_databases::test]
async fn numbers_of_many_reads_are_kept_and_still_shown_while_newer_ones_are_found(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let editor = server.admin("editor").await;
    let today = server.clock.now().day();
    server.execute(&format!("INSERT INTO post_days (day, post_id, reads) VALUES ({today}, 1, 30000)")).await;
    let expected = |reads| (200, json!([post(Some(TITLE), [reads, 0, 0, 0, 0])]));
    assert_eq!(editor.get("/stats/posts").await.parts(), expected(30_000));
    server.execute("UPDATE post_days SET reads = 40000").await;
    assert_eq!(editor.get("/stats/posts").await.parts(), expected(30_000));

    server.execute("ALTER TABLE content_refusals RENAME TO elsewhere").await;
    server.advance(SECOND * 550);
    for _ in 0..20 {
        assert_eq!(editor.get("/stats/posts").await.parts(), expected(30_000), "newer ones cannot be found");
    }
    server.execute("ALTER TABLE elsewhere RENAME TO content_refusals").await;
    // How long they are kept depends on how long it took to find them.
    let mut answer = editor.get("/stats/posts").await.parts();
    while answer != expected(40_000) {
        assert_eq!(answer, expected(30_000));
        server.advance(SECOND);
        answer = editor.get("/stats/posts").await.parts();
    }

    server.execute("UPDATE post_days SET reads = 50000").await;
    server.advance(SECOND * 2 * 60 * 60);
    assert_eq!(editor.get("/stats/posts").await.parts(), expected(50_000));
}

#[both_databases::test]
async fn readers_are_counted_once_however_many_reads_there_are(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let editor = server.admin("editor").await;
    let (now, today) = (server.clock.now().millis(), server.clock.now().day());
    let numbers = match server.is_postgres() {
        true => "SELECT generate_series(1, 90000) AS i",
        false => "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90000) SELECT i FROM n",
    };
    // More than SQLite reads in one query, which would end amid the reads of a reader. Anonymous readers have negative ids.
    for (id, at) in [(1, now), (2, now), (3, server.clock.now().before(DAY * 60).millis())] {
        let columns = "user_id, read_at, id, post_id, metered";
        let read = format!("INSERT INTO reads ({columns}) SELECT 45000 - i, {at}, {id}, 1, TRUE FROM ({numbers}) AS n");
        server.execute(&read).await;
    }
    server.execute(&format!("INSERT INTO post_days (day, post_id, reads) VALUES ({today}, 1, 180000)")).await;
    let expected = json!([post(Some(TITLE), [180_000, 90_000, 0, 0, 0])]);
    assert_eq!(editor.get("/stats/posts").await.parts(), (200, expected));
}
