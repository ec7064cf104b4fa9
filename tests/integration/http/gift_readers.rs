//! Anonymous readers who opened a gift: it starts no meter, so that it gives no reads.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    client::{Answer, Client},
    database::TestDatabase,
    gifts::{new_link, opened, subscriber},
    server::TestServer,
};

/// The budget of a network is ten reads.
const ONE_READ: (&str, &str) = ("READS_ANONYMOUS", "1");

fn granted(answers: &[Answer]) -> usize {
    let (granted, rejected): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    let is_used_up = |answer: &&Answer| answer.status == 401 && answer.body["anonymous"] == json!(true);
    assert!(rejected.iter().all(is_used_up), "{rejected:?}");
    granted.len()
}

#[both_databases::test]
async fn readers_with_a_gift_draw_on_the_budget_of_their_network(database: TestDatabase) {
    let server = TestServer::with(database, &[ONE_READ]).await;
    let giver = subscriber(&server, "ada").await;
    let path = new_link(&giver, 40).await;
    let readers: Vec<_> = (0..40).map(|_| server.client()).collect();
    let gifts = join_all(readers.iter().map(|reader| reader.get(&path))).await;
    assert!(gifts.iter().all(|gift| gift.status == 200), "{gifts:?}");

    let reads = join_all(readers.iter().map(|reader| reader.get("/blog/2"))).await;
    assert_eq!(granted(&reads), 10);
    let again = join_all(readers.iter().map(|reader| reader.get("/blog/2"))).await;
    assert_eq!(granted(&again), 0, "those who have read have a meter, and it is used up");
    let gifts = join_all(readers.iter().map(|reader| reader.get(&path))).await;
    assert!(gifts.iter().all(|gift| gift.status == 200), "those with a meter are still recognized: {gifts:?}");
    assert_eq!(opened(&giver).await, json!(40));
}

#[both_databases::test]
async fn simultaneous_reads_with_the_cookie_of_a_gift_spend_exactly_the_budget(database: TestDatabase) {
    let server = TestServer::with(database, &[ONE_READ]).await;
    let giver = subscriber(&server, "ada").await;
    let plain = server.client().without_cookies();
    let cookie = plain.get(&new_link(&giver, 1).await).await.cookie();
    let nodes = [plain.clone(), Client::new(&server.second_node(&[ONE_READ]).await).without_cookies()];
    let reads = (0..100).map(|number| {
        let (node, cookie) = (&nodes[number % 2], &cookie);
        async move { node.get_with("/blog/2", &[("cookie", cookie)]).await }
    });
    assert_eq!(granted(&join_all(reads).await), 10);
    let other = plain.get_with("/blog/3", &[("cookie", &cookie)]).await;
    assert_eq!(granted(&[other]), 0);
}

#[both_databases::test]
async fn the_first_charged_read_after_a_gift_starts_the_readers_meter(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_ANONYMOUS", "2")]).await;
    let giver = subscriber(&server, "ada").await;
    let reader = server.client();
    assert_eq!(reader.get(&new_link(&giver, 1).await).await.status, 200);
    assert_eq!(reader.get("/meter").await.body["used"], json!(0));
    let page = reader.open("/blog/2-why-the-counter-is-not-in-your-browser").await;
    assert_eq!((page.status, page.header("x-reads-remaining")), (200, Some("1")));
    let again = reader.open("/blog/2-why-the-counter-is-not-in-your-browser").await;
    assert_eq!((again.status, again.header("x-reads-remaining"), again.header("set-cookie")), (200, Some("1"), None));
    assert_eq!(reader.get("/blog/3").await.header("x-reads-remaining"), Some("0"));
    assert_eq!(reader.get("/blog/3").await.status, 401);
}
