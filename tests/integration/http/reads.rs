//! The pages of `/reads`.

use std::time::Duration;

use serde_json::json;

use crate::support::{
    client::{Answer, Client},
    database::TestDatabase,
    fixtures::invalid_fields,
    server::TestServer,
};

/// Ids count up from here on the day on which the tests begin, for each user.
const DAY: i64 = 20_778 << 32;

/// The ids of a page, as the numbers of the reads within the day.
fn ids(answer: &Answer) -> Vec<i64> {
    answer.body.as_array().unwrap().iter().map(|read| read["id"].as_i64().unwrap() - DAY).collect()
}

/// The address of the next page.
fn next(answer: &Answer) -> Option<String> {
    let link = answer.header("link")?;
    Some(link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned())
}

/// The ids of this page and all following ones.
async fn walk(client: &Client, path: &str) -> Vec<Vec<i64>> {
    let (mut pages, mut path) = (Vec::new(), Some(path.to_owned()));
    while let Some(page) = path {
        let answer = client.get(&page).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        pages.push(ids(&answer));
        path = next(&answer);
    }
    pages
}

#[both_databases::test]
async fn a_page_has_a_hundred_reads_or_the_requested_number(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "1000")]).await;
    let (ada, eve) = (server.signed_in("ada").await, server.signed_in("eve").await);
    for _ in 0..3 {
        assert_eq!(ada.get("/blog/1").await.status, 200);
    }
    eve.get("/blog/1").await;
    assert_eq!(walk(&ada, "/reads").await, [[3, 2, 1]]);
    assert_eq!(walk(&ada, "/reads?limit=2").await, [vec![3, 2], vec![1]]);
    assert_eq!(walk(&ada, "/reads?limit=3").await, [[3, 2, 1]], "no page is empty");
    let first = ada.get("/reads?limit=1").await;
    assert_eq!(next(&first), Some(format!("/reads?limit=1&before={}", DAY + 3)));

    let now = server.clock.now().millis();
    let many = format!(
        "INSERT INTO reads (id, user_id, post_id, read_at, metered) WITH RECURSIVE n(i) AS \
            (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 202) SELECT {DAY} + 3 + i, 1, 1, {now}, TRUE FROM n"
    );
    server.execute(&many).await;
    let pages = walk(&ada, "/reads").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 5]);
    assert_eq!(pages.concat(), (1..=205).rev().collect::<Vec<_>>());
}

#[both_databases::test]
async fn reads_are_ordered_by_time_and_pages_are_stable(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "1000")]).await;
    let client = server.signed_in("ada").await;
    for _ in 0..4 {
        client.get("/blog/1").await;
    }
    // Ids are not always ordered by time, because the clock may have been set back.
    server.execute("UPDATE reads SET read_at = read_at + 1 WHERE id % 4294967296 IN (1, 3)").await;
    server.advance(Duration::from_secs(1));
    assert_eq!(walk(&client, "/reads?limit=3").await, [vec![3, 1, 4], vec![2]]);
    let first = client.get("/reads?limit=1").await;
    assert_eq!(ids(&first), [3]);
    client.get("/blog/1").await;
    assert_eq!(walk(&client, &next(&first).unwrap()).await, [[1], [4], [2]]);
}

#[both_databases::test]
async fn reads_of_other_users_are_not_listed(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (ada, eve) = (server.signed_in("ada").await, server.signed_in("eve").await);
    ada.get("/blog/1").await;
    eve.get("/blog/1").await;
    for before in ["2", "99", "9223372036854775807"] {
        assert_eq!(ada.get(&format!("/reads?before={before}")).await.parts(), (200, json!([])), "{before}");
    }
}

#[both_databases::test]
async fn an_invalid_limit_or_id_is_reported(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let (limit, id) = ("must be a whole number from 1 to 100", "must be a positive whole number");
    for (query, fields) in [
        ("limit=0", json!({ "limit": limit })),
        ("limit=101", json!({ "limit": limit })),
        ("limit=many&before=-1", json!({ "limit": limit, "before": id })),
        ("before=0", json!({ "before": id })),
        ("before=9223372036854775808", json!({ "before": id })),
        ("before=", json!({ "before": id })),
    ] {
        let answer = client.get(&format!("/reads?{query}")).await;
        let expected = invalid_fields(&fields);
        assert_eq!(answer.parts(), expected, "{query}");
    }
}
