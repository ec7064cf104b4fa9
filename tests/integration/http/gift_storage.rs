//! What is stored and logged about gifts, and for how long.

use std::{collections::HashMap, fs};

use serde_json::{Value, json};
use tollgate::{
    config::{Config, RetentionConfig},
    db::Tx,
    jobs::cleanup,
    paywall::gifts::{self, GiftError, GiftQuota, GiftRequest},
};

use crate::support::{
    client::PASSWORD,
    database::{Kind, TestDatabase},
    fixtures::{DAY, HOUR, unavailable},
    gifts::{give, link, new_link, opened, subscriber},
    log,
    process::{Process, command},
    server::{SECRET_KEY, TestServer},
};

#[both_databases::test]
async fn a_gift_that_has_ended_is_deleted_when_no_quota_counts_it(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let giver = subscriber(&server, "ada").await;
    let expiring = link(&give(&giver, 1, json!({ "opens": 2, "expires_at": "2026-11-21T11:00:00Z" })).await);
    let revoked = new_link(&giver, 2).await;
    for path in [&expiring, &revoked, &new_link(&giver, 2).await] {
        assert_eq!(server.client().get(path).await.status, 200);
    }
    assert_eq!(giver.delete("/gifts/2").await.status, 204);
    server.advance(HOUR);
    let keep = RetentionConfig { audit: 100 * DAY, reads: 30 * DAY, inactive_accounts: None };
    let clean_up = async || {
        let db = server.database.open().await;
        cleanup::cleanup(&db, server.clock.now(), keep).await.unwrap();
        let gifts = server.execute("UPDATE gifts SET opens = opens").await;
        (gifts, server.execute("UPDATE gift_openings SET opened_at = opened_at").await)
    };
    assert_eq!(clean_up().await, (3, 2), "all count against the quota; who opened the revoked one is forgotten");
    server.advance(30 * DAY);
    assert_eq!(clean_up().await, (1, 1), "the live one stays");
}

#[both_databases::test]
async fn the_export_has_gifts_given_and_opened(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (giver, reader) = (subscriber(&server, "ada").await, server.signed_in("eve").await);
    let link = new_link(&giver, 1).await;
    assert_eq!(reader.get(&link).await.status, 200);
    let now = "2026-11-21T10:00:00.000Z";
    let gift = json!({ "id": 1, "post_id": 1, "opens": 1, "opened": 1, "created_at": now, "expires_at": null });
    let export = giver.get("/account/export").await.body;
    assert_eq!((&export["gifts"], &export["gifts_opened"]), (&json!([gift]), &json!([])));
    let export = reader.get("/account/export").await.body;
    assert_eq!(export["gifts"], json!([]));
    assert_eq!(export["gifts_opened"], json!([{ "post_id": 1, "opened_at": now }]));
}

#[both_databases::test]
async fn a_deleted_account_takes_its_gifts_and_openings_along(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (giver, other) = (subscriber(&server, "ada").await, subscriber(&server, "bob").await);
    let reader = server.signed_in("eve").await;
    for giver in [&giver, &other] {
        assert_eq!(reader.get(&new_link(giver, 1).await).await.status, 200);
    }
    assert_eq!(giver.delete_with("/account", &json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(server.execute("UPDATE gifts SET opens = opens").await, 1);
    assert_eq!(server.execute("UPDATE gift_openings SET opened_at = 0").await, 1);
    assert_eq!(reader.delete_with("/account", &json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(server.execute("UPDATE gift_openings SET opened_at = 0").await, 0);
    assert_eq!(opened(&other).await, json!(1), "the count stays");
}

#[both_databases::test]
async fn a_post_that_has_just_been_deleted_cannot_be_given_away(database: TestDatabase) {
    let server = TestServer::start(database).await;
    subscriber(&server, "ada").await;
    let settings = [("SECRET_KEY".to_owned(), SECRET_KEY.to_owned())];
    let cookie = Config::from_values(HashMap::from(settings)).unwrap().cookie;
    let keys = gifts::link_keys(&cookie.secret_key.unwrap(), None);
    let request = GiftRequest { post_id: 999, opens: 1, expires_at: None };
    let now = server.clock.now();
    let create = move |tx: &mut Tx<'_>| gifts::create(tx, &keys, 1, GiftQuota::Unlimited, request, now);
    let created = server.database.open().await.write(create).await;
    assert!(matches!(created, Err(GiftError::NoSuchPost)));
}

#[both_databases::test]
async fn a_link_survives_a_rotation_of_the_key(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let giver = subscriber(&server, "ada").await;
    let gift = give(&giver, 1, json!({ "opens": 2 })).await;
    let reader = server.client();
    assert_eq!(reader.get(&link(&gift)).await.status, 200);
    let new_key = "another-secret-key-that-is-long-enough-for-this-server-0123456789";
    let node = server.second_node(&[("SECRET_KEY", new_key), ("SECRET_KEY_OLD", SECRET_KEY)]).await;
    assert_eq!(giver.at(&node).get("/gifts").await.body[0]["url"], gift.body["url"]);
    let read = reader.at(&node).get(&link(&gift)).await;
    let cookies: Vec<_> = read.headers.iter().filter(|(name, _)| name == "set-cookie").collect();
    assert!(read.status == 200 && cookies.len() == 1 && cookies[0].1.starts_with("reader="), "{read:?}");
    assert_eq!(opened(&giver.at(&node)).await, json!(1));

    let without = server.second_node(&[("SECRET_KEY", new_key)]).await;
    assert_eq!(server.client().at(&without).get(&link(&gift)).await.status, 200, "a hash suffices to check it");
    let there = server.client().at(&without);
    there.login("ada").await;
    assert_eq!(there.get("/gifts").await.body[0]["url"], Value::Null);
}

#[actix_web::test]
async fn neither_the_log_nor_the_database_has_the_token_of_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(folder.path(), &[("LOG_LEVEL", "trace")]);
    let giver = server.client();
    giver.register("ada").await;
    assert!(command(folder.path(), &[]).args(["user", "promote", "ada"]).status().unwrap().success());
    giver.login("ada").await;
    let path = link(&give(&giver, 1, json!({ "opens": 1 })).await);
    let token = path.split_once("gift=").unwrap().1;
    let stranger = server.client();
    assert_eq!(stranger.head(&path).await.status, 200);
    assert_eq!(stranger.get(&path).await.status, 200);
    assert_eq!(giver.get(&path).await.status, 200, "charged: the gift is spent");
    assert_eq!(giver.get("/gifts").await.status, 200);
    let late = server.client().open(&path).await;
    let login = late.header("location").unwrap();
    assert!(late.status == 302 && login.contains(token), "the login page leads back to the link: {late:?}");
    assert_eq!(server.client().open(login).await.status, 200);
    assert_eq!(server.client().get_with("/check_session", &[("referer", &path)]).await.status, 401);

    // The query that looks for the gift fails, which is logged.
    let url = format!("sqlite://{}", folder.path().join("tollgate.db").display());
    TestDatabase::at(Kind::Sqlite, url).execute("ALTER TABLE gifts RENAME TO lost").await;
    assert_eq!(server.client().get(&path).await.parts(), unavailable());
    let log = log::written(&server).await;
    assert!(log.contains("no such table: gifts") && log.contains("\"url.path\":\"/blog/1\""), "{log}");
    for entry in fs::read_dir(folder.path()).unwrap() {
        let file = entry.unwrap().path();
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()), "{}", file.display());
    }
}
