//! `/reads` and `/stats`.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use tollgate::{base::clock::Timestamp, paywall};

use crate::support::{
    client::PASSWORD,
    database::TestDatabase,
    fixtures::{DAY, forbidden_to_readers, login_required},
    server::TestServer,
};

/// A day without anonymous readers, from the numbers of all users and those of subscribers.
fn day(day: &str, [reads, refusals, readers, conversions]: [i64; 4], subscribed: [i64; 2]) -> Value {
    let counts = |reads, refusals, readers, conversions| json!({ "reads": reads, "refusals": refusals, "readers": readers, "conversions": conversions });
    let mut body = counts(reads, refusals, readers, conversions);
    body["day"] = json!(day);
    body["anonymous"] = counts(0, 0, 0, 0);
    body["registered"] = counts(reads - subscribed[0], refusals, readers - subscribed[1], conversions);
    body["subscribed"] = json!({ "reads": subscribed[0], "readers": subscribed[1] });
    body
}

#[both_databases::test]
async fn users_see_their_reads_of_this_period(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_PERIOD", "20h")]).await;
    let (client, other) = (server.signed_in("ada").await, server.signed_in("eve").await);
    assert_eq!(client.get("/reads").await.parts(), (200, json!([])));
    other.get("/blog/3").await;
    client.get("/blog/1").await;
    server.advance(Duration::from_secs(60));
    client.get("/blog/2").await;
    client.get("/blog/2").await;
    client.get("/blog/99").await;
    server.execute("DELETE FROM posts WHERE id = 1").await;
    let day = 20_778_i64 << 32;
    let second = |number: i64| json!({ "id": day + number, "post_id": 2, "title": "Why the counter is not in your browser", "read_at": "2026-11-21T10:01:00.000Z", "metered": true });
    let first =
        json!({ "id": day + 1, "post_id": 1, "title": null, "read_at": "2026-11-21T10:00:00.000Z", "metered": true });
    assert_eq!(client.get("/reads").await.parts(), (200, json!([second(3), second(2), first])));
    server.execute("UPDATE posts SET published = FALSE, title = 'Not yet' WHERE id = 2").await;
    assert_eq!(client.get("/reads").await.body[0]["title"], json!(null), "it is a draft again");
    server.advance(Duration::from_secs(20 * 60 * 60) - Duration::from_secs(60));
    client.get("/blog/3").await;
    let reads = client.get("/reads").await.body;
    assert_eq!(reads.as_array().unwrap().len(), 1, "another period: {reads}");
}

#[both_databases::test]
async fn counting_posts_each_read_is_recorded_once(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_COUNT", "posts")]).await;
    let client = server.signed_in("ada").await;
    for _ in 0..3 {
        client.get("/blog/1").await;
    }
    assert_eq!(client.get("/reads").await.body.as_array().unwrap().len(), 1);
}

#[both_databases::test]
async fn a_subscribers_read_is_recorded_once_per_day_and_post(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "1")]).await;
    let client = server.admin("ada").await;
    client.send(client.request(Method::PUT, "/users/1/subscription")).await;
    let reads = join_all((0..20).map(|_| client.get("/blog/1"))).await;
    assert!(reads.iter().all(|read| read.status == 200));
    client.get("/blog/2").await;
    server.advance(DAY);
    client.login("ada").await;
    client.get("/blog/1").await;
    let noted = client.get("/reads").await.body;
    let noted: Vec<_> = noted.as_array().unwrap().iter().map(|read| (&read["post_id"], &read["metered"])).collect();
    let free = json!(false);
    assert_eq!(noted, [(&json!(1), &free), (&json!(2), &free), (&json!(1), &free)]);
}

#[both_databases::test]
async fn stats_have_reads_refusals_readers_and_conversions_per_day(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "2")]).await;
    let (editor, ada, eve) =
        (server.admin("editor").await, server.signed_in("ada").await, server.signed_in("eve").await);
    for _ in 0..4 {
        ada.get("/blog/1").await;
    }
    eve.get("/blog/2").await;
    server.advance(DAY - Duration::from_secs(10 * 60 * 60 + 1));
    eve.get("/blog/3").await;
    let converted = format!(
        "INSERT INTO subscriptions (id, user_id, started_at) VALUES ('sub_1', 3, {})",
        server.clock.now().millis()
    );
    server.execute(&converted).await;
    let nobodys = converted.replace("'sub_1', 3", "'sub_2', NULL");
    server.execute(&nobodys).await;
    editor.send(editor.request(Method::PUT, "/users/3/subscription")).await;
    server.advance(Duration::from_secs(1));
    for _ in 0..3 {
        eve.get("/blog/1").await;
    }

    let days = json!([
        day("2026-11-20", [0, 0, 0, 0], [0, 0]),
        day("2026-11-21", [4, 2, 2, 1], [0, 0]),
        day("2026-11-22", [1, 0, 1, 0], [1, 1]),
    ]);
    assert_eq!(editor.get("/stats?from=2026-11-20&to=2026-11-22").await.parts(), (200, days));
    let month = editor.get("/stats").await.body;
    assert_eq!((month.as_array().unwrap().len(), &month[29]["day"]), (30, &json!("2026-11-22")));
    assert_eq!(editor.get("/stats?from=2026-11-22").await.body.as_array().unwrap().len(), 1);
}

#[both_databases::test]
async fn the_numbers_stay_when_the_account_and_its_reads_are_deleted(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "2")]).await;
    let (editor, ada) = (server.signed_in("editor").await, server.signed_in("ada").await);
    server.execute("UPDATE users SET role = 'admin' WHERE id = 1").await;
    for _ in 0..3 {
        ada.get("/blog/1").await;
    }
    let now = server.clock.now().millis();
    let converted = format!("INSERT INTO subscriptions (id, user_id, started_at) VALUES ('sub_1', 2, {now})");
    server.execute(&converted).await;
    let today = json!([day("2026-11-21", [2, 1, 1, 1], [0, 0])]);
    assert_eq!(editor.get("/stats?from=2026-11-21").await.parts(), (200, today.clone()));

    let password = json!({ "password": PASSWORD });
    assert_eq!(ada.delete_with("/account", &password).await.status, 204);
    assert_eq!(editor.get("/stats?from=2026-11-21").await.parts(), (200, today));
    assert_eq!(server.execute("DELETE FROM reads").await, 0);
}

#[both_databases::test]
async fn a_reader_counts_once_a_day_however_many_reads_come_at_once(database: TestDatabase) {
    let settings = [("READS_LIMIT", "1000")];
    let server = TestServer::with(database, &settings).await;
    let node = server.second_node(&settings).await;
    let (editor, ada) = (server.signed_in("editor").await, server.signed_in("ada").await);
    server.execute("UPDATE users SET role = 'admin' WHERE id = 1").await;
    editor.send(editor.request(Method::PUT, "/users/1/subscription")).await;
    for _ in 0..2 {
        let reads = (0..60).map(|n| {
            let reader = match n % 4 {
                0 => ada.at(&node),
                2 => ada.clone(),
                _ => editor.clone(),
            };
            async move { reader.get(&format!("/blog/{}", n % 3 + 1)).await.status }
        });
        assert!(join_all(reads).await.iter().all(|status| *status == 200));
        server.advance(Duration::from_secs(14 * 60 * 60));
    }
    // 30 of ada's, and three posts of the editor's.
    let days = json!([day("2026-11-21", [33, 0, 2, 0], [3, 1]), day("2026-11-22", [33, 0, 2, 0], [3, 1])]);
    assert_eq!(editor.get("/stats?from=2026-11-21").await.parts(), (200, days.clone()));

    let db = server.database.open().await;
    let clean_up = || paywall::cleanup(&db, Timestamp::from_day(0));
    let deleted = join_all([clean_up(), clean_up()]).await;
    assert!(deleted.into_iter().all(|deleted| deleted.unwrap() == 0));
    assert_eq!(editor.get("/stats?from=2026-11-21").await.parts(), (200, days), "added up");
    assert_eq!(server.execute("DELETE FROM read_batches").await, 0);
    let of_posts = "DELETE FROM post_days WHERE day IN (20778, 20779) AND post_id IN (1, 2, 3) AND reads = 11";
    assert_eq!(server.execute(of_posts).await, 6);
}

#[both_databases::test]
async fn stats_tell_anonymous_registered_and_subscribed_readers_apart(database: TestDatabase) {
    let settings = [("READS_ANONYMOUS", "2"), ("READS_LIMIT", "3"), ("READS_ANONYMOUS_MERGE", "true")];
    let server = TestServer::with(database, &settings).await;
    let (editor, ada, eve) =
        (server.admin("editor").await, server.signed_in("ada").await, server.signed_in("eve").await);
    server.execute("UPDATE posts SET access = 'free' WHERE id = 3").await;
    // A reader is counted once a day, in the group of the first read.
    assert_eq!(eve.get("/blog/3").await.status, 200);
    for id in [1, 3] {
        editor.send(editor.request(Method::PUT, &format!("/users/{id}/subscription"))).await;
    }
    for path in ["/blog/1", "/blog/2", "/blog/1"] {
        assert_eq!(eve.get(path).await.status, 200);
    }
    assert_eq!(editor.get("/blog/1").await.status, 200);
    for path in ["/blog/1", "/blog/3"] {
        assert_eq!(ada.get(path).await.status, 200);
    }
    server.advance(Duration::from_secs(1));
    let (reader, other) = (server.client(), server.client());
    for (client, path, status) in [
        (&reader, "/blog/1", 200),
        (&reader, "/blog/2", 200),
        (&reader, "/blog/1", 401),
        (&other, "/blog/2", 200),
        (&other, "/blog/3", 200),
    ] {
        assert_eq!(client.get(path).await.status, status, "{path}");
    }
    // The login merges reads that have already been counted.
    reader.login("ada").await;
    for _ in 0..2 {
        assert_eq!(reader.get("/blog/1").await.code(), "payment_required");
    }
    other.register("new").await;
    other.login("new").await;
    let converted = format!(
        "INSERT INTO subscriptions (id, user_id, started_at) VALUES ('sub_1', 2, {})",
        server.clock.now().millis()
    );
    server.execute(&converted).await;
    let today = json!([{
        "day": "2026-11-21", "reads": 9, "refusals": 3, "readers": 5, "conversions": 1,
        "anonymous": { "reads": 3, "refusals": 1, "readers": 2, "conversions": 1 },
        "registered": { "reads": 3, "refusals": 2, "readers": 2, "conversions": 1 },
        "subscribed": { "reads": 3, "readers": 1 },
    }]);
    assert_eq!(editor.get("/stats?from=2026-11-21").await.parts(), (200, today.clone()));
    let db = server.database.open().await;
    paywall::cleanup(&db, Timestamp::from_day(0)).await.unwrap();
    assert_eq!(editor.get("/stats?from=2026-11-21").await.parts(), (200, today), "added up");
    assert_eq!(server.execute("DELETE FROM read_batches").await, 0);
}

#[both_databases::test]
async fn a_reader_converts_once_by_signing_in_to_an_account_that_is_not_older_than_the_reads(database: TestDatabase) {
    let settings = [("READS_ANONYMOUS", "2")];
    let server = TestServer::with(database, &settings).await;
    let node = server.second_node(&settings).await;
    let editor = server.admin("editor").await;
    server.client().register("old").await;
    server.advance(Duration::from_secs(1));
    let (returning, new, second, nobody) = (server.client(), server.client(), server.client(), server.client());
    for reader in [&returning, &new, &second] {
        assert_eq!(reader.get("/blog/1").await.status, 200);
    }
    returning.login("old").await;
    nobody.register("bob").await;
    nobody.login("bob").await;
    new.register("ada").await;
    server.advance(DAY);
    let cookie = server.client().without_cookies().get("/blog/2").await.cookie();
    for (client, name) in [(&new, "ada"), (&second, "ada"), (&new, "ada"), (&returning, "ada"), (&new, "bob")] {
        client.login(name).await;
        client.delete("/logout").await;
    }
    server.client().register("eve").await;
    let plain = server.client().without_cookies();
    let logins = [plain.clone(), plain.at(&node)].map(|client| {
        let request = client.request(Method::POST, "/login").header("cookie", cookie.clone());
        async move { client.send(request.json(&json!({ "username": "eve", "password": PASSWORD }))).await.status }
    });
    assert_eq!(join_all(logins).await, [200, 200]);

    let none = json!({ "reads": 0, "refusals": 0, "readers": 0, "conversions": 0 });
    let day = |day: &str, readers: i64, conversions: i64| {
        json!({
            "day": day, "reads": readers, "refusals": 0, "readers": readers, "conversions": 0,
            "anonymous": { "reads": readers, "refusals": 0, "readers": readers, "conversions": conversions },
            "registered": none, "subscribed": { "reads": 0, "readers": 0 },
        })
    };
    editor.login("editor").await;
    // Both of ada's browsers, and eve's.
    let days = json!([day("2026-11-21", 3, 0), day("2026-11-22", 1, 3)]);
    assert_eq!(editor.get("/stats?from=2026-11-21").await.parts(), (200, days.clone()));

    new.login("ada").await;
    assert_eq!(new.delete_with("/account", &json!({ "password": PASSWORD })).await.status, 204);
    let db = server.database.open().await;
    assert_eq!(paywall::cleanup(&db, Timestamp::from_day(30_000)).await.unwrap(), 9, "of 4 readers and their network");
    assert_eq!(editor.get("/stats?from=2026-11-21").await.parts(), (200, days));
}

#[both_databases::test]
async fn stats_are_for_admins_and_refuse_an_invalid_range(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    assert_eq!(client.get("/stats").await.parts(), forbidden_to_readers());
    server.promote("ada").await;
    let (day, range) = ("must be a day such as 2026-11-21", "must be at most 731 days before `to`, and not after it");
    for (query, fields) in [
        ("from=x&to=y", json!({ "from": day, "to": day })),
        ("from=2026-11-22&to=2026-11-21", json!({ "from": range })),
        ("from=2020-01-01&to=2026-11-21", json!({ "from": range })),
        ("to=", json!({ "to": day })),
        ("to=2026-02-30", json!({ "to": day })),
        ("from=1969-12-31&to=-9999-01-02", json!({ "from": day, "to": day })),
    ] {
        let refused = client.get(&format!("/stats?{query}")).await;
        assert_eq!((refused.status, &refused.body["fields"]), (422, &fields), "{query}");
    }
    let nobody = server.client().get("/stats").await.parts();
    assert_eq!(nobody, login_required());
}
