//! `/audit`: the events of all accounts.

use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Client},
    database::TestDatabase,
    fixtures::{HOUR, invalid_fields},
    server::TestServer,
};

fn summary(answer: &Answer) -> Vec<(Value, Value, Value)> {
    let events = answer.body.as_array().unwrap().iter();
    events.map(|event| (event["event"].clone(), event["user_id"].clone(), event["by"].clone())).collect()
}

fn event(event: &str, user_id: i64, by: Option<&str>) -> (Value, Value, Value) {
    (json!(event), json!(user_id), json!(by))
}

/// An admin, and two readers of whom one is unlocked and the other deleted, an hour after everybody registered.
async fn start(server: &TestServer) -> Client {
    let admin = server.admin("editor").await;
    server.client().register("ada").await;
    server.client().register("eve").await;
    server.advance(HOUR);
    admin.login("editor").await;
    admin.patch("/users/2", &json!({ "username": "Lovelace" })).await;
    assert_eq!(admin.delete("/users/3").await.status, 204);
    admin
}

#[both_databases::test]
async fn events_of_all_accounts_are_listed_newest_first_in_pages(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = start(&server).await;
    let all = admin.get("/audit").await;
    let expected = [
        event("deleted", 3, Some("editor")),
        event("account_changed", 2, Some("editor")),
        event("signed_in", 1, None),
        event("registered", 2, None),
        event("signed_in", 1, None),
        event("registered", 1, None),
    ];
    assert_eq!((all.status, summary(&all)), (200, expected.to_vec()));
    let deleted = json!({
        "id": all.body[0]["id"], "at": "2026-11-21T11:00:00.000Z", "event": "deleted", "user_id": 3, "username": null,
        "by_id": 1, "by": "editor", "ip": "127.0.0.1", "user_agent": "tollgate delete by admin editor",
    });
    assert_eq!((&all.body[0], &all.body[1]["username"]), (&deleted, &json!("Lovelace")));
    let first = admin.get("/audit?limit=4").await;
    let next = format!("/audit?limit=4&before={}", all.body[3]["id"]);
    assert_eq!(first.header("link"), Some(format!("<{next}>; rel=\"next\"").as_str()));
    assert_eq!(summary(&admin.get(&next).await), expected[4..]);
    assert_eq!(admin.get(&next).await.header("link"), None);
}

#[both_databases::test]
async fn events_are_found_by_time_actor_and_kind(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = start(&server).await;
    let by_admin = [event("deleted", 3, Some("editor")), event("account_changed", 2, Some("editor"))];
    for (query, found) in [
        ("by=editor", by_admin.to_vec()),
        ("by=EDITOR", by_admin.to_vec()),
        ("by=1", by_admin.to_vec()),
        ("by=1&event=deleted", by_admin[..1].to_vec()),
        ("by=ada", vec![]),
        ("by=%27", vec![]),
        ("event=registered", vec![event("registered", 2, None), event("registered", 1, None)]),
        ("until=2026-11-21T10:30:00Z&event=signed_in", vec![event("signed_in", 1, None)]),
        ("since=2026-11-21T12:00:00%2B01:00&event=signed_in", vec![event("signed_in", 1, None)]),
        ("since=2026-11-21T11:00:01Z", vec![]),
    ] {
        assert_eq!(summary(&admin.get(&format!("/audit?{query}")).await), found, "{query}");
    }
    let page = admin.get("/audit?by=editor&since=2026-11-21T11:00:00Z&limit=1").await;
    let link = format!(
        "</audit?since=2026-11-21T11%3A00%3A00.000Z&by=editor&limit=1&before={}>; rel=\"next\"",
        page.body[0]["id"]
    );
    assert_eq!(page.header("link"), Some(link.as_str()));

    admin.patch("/users/1", &json!({ "username": "chief" })).await;
    assert_eq!(summary(&admin.get("/audit?by=chief").await)[1..], by_admin, "under a former name");
    server.promote("lovelace").await;
    let other = server.client();
    other.login("lovelace").await;
    assert_eq!(other.delete("/users/1").await.status, 204);
    assert_eq!(summary(&other.get("/audit?by=editor").await), by_admin, "by a name that nobody has any more");
    assert_eq!(summary(&other.get("/audit?by=1").await), by_admin);
}

#[both_databases::test]
async fn a_filter_that_means_nothing_does_not_match_every_event(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("editor").await;
    let time = "must be a time such as 2026-11-21T10:00:00Z";
    for (query, fields) in [
        ("event=", json!({ "event": "must be an event such as signed_in" })),
        ("event=sneezed", json!({ "event": "must be an event such as signed_in" })),
        ("by=", json!({ "by": "must not be empty" })),
        ("by=%00", json!({ "by": "must be a name or an id" })),
        ("since=yesterday&until=", json!({ "since": time, "until": time })),
        ("since=2026-11-21T10:00:00Z&until=2026-11-21T09:00:00Z", json!({ "until": "must not be before since" })),
        ("user=2", json!({ "query": "there is no parameter user" })),
        ("limit=0", json!({ "limit": "must be a whole number from 1 to 100" })),
    ] {
        assert_eq!(admin.get(&format!("/audit?{query}")).await.parts(), invalid_fields(&fields), "{query}");
    }
}
