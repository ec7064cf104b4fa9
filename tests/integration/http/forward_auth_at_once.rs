//! Pages of other applications that are requested at the same time.

use futures_util::future::join_all;
use serde_json::json;

use super::forward_auth_meter::{TRUSTED, used, visit};
use crate::support::{database::TestDatabase, server::TestServer};

#[both_databases::test]
async fn of_two_hundred_pages_at_once_exactly_the_limit_is_shown(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED]).await;
    let client = server.signed_in("ada").await;
    let node = client.at(&server.second_node(&[TRUSTED]).await);
    let pages: Vec<_> = (0..200).map(|n| (if n % 2 == 0 { &client } else { &node }, format!("/essays/{n}"))).collect();
    let answers = join_all(pages.iter().map(|(client, page)| visit(client, page))).await;
    let seen: Vec<_> = pages.iter().zip(&answers).filter(|(_, answer)| answer.status == 204).collect();
    assert_eq!(seen.len(), 5);
    assert!(answers.iter().all(|answer| answer.status == 204 || answer.code() == "payment_required"));
    assert_eq!(used(&client).await, json!(5));
    for ((client, page), _) in seen {
        assert_eq!(visit(client, page).await.status, 204, "{page}");
    }
    assert_eq!(used(&client).await, json!(5));
}

#[both_databases::test]
async fn simultaneous_requests_for_one_page_are_one_read(database: TestDatabase) {
    let server = TestServer::with(database, &[TRUSTED, ("READS_LIMIT", "1")]).await;
    let client = server.signed_in("ada").await;
    let node = client.at(&server.second_node(&[TRUSTED, ("READS_LIMIT", "1")]).await);
    let answers = join_all((0..100).map(|n| visit(if n % 2 == 0 { &client } else { &node }, "/essays/on-tolls"))).await;
    assert!(answers.iter().all(|answer| answer.status == 204), "{answers:?}");
    assert_eq!(used(&client).await, json!(1));
    assert_eq!(server.execute("UPDATE pages SET used_on = used_on").await, 1);
}

/// Their reads are counted in the same batches.
#[both_databases::test]
async fn each_of_many_readers_pays_once_for_each_page(database: TestDatabase) {
    let settings = [TRUSTED, ("READS_LIMIT", "5"), ("READS_ANONYMOUS", "5")];
    let server = TestServer::with(database, &settings).await;
    let second = server.second_node(&settings).await;
    let mut readers = Vec::new();
    for n in 0..10 {
        readers.push((server.signed_in(&format!("ada{n}")).await, 403));
        readers.push((server.client(), 401));
    }
    let pages: Vec<_> = (0..5).map(|n| format!("/essays/{n}")).collect();
    // All pages have been read today, and each reader has read one of them.
    for ((reader, _), page) in readers.iter().zip(pages.iter().cycle()) {
        assert_eq!(visit(reader, page).await.status, 204);
    }
    let nodes: Vec<_> = readers.iter().flat_map(|(reader, _)| [reader.clone(), reader.at(&second)]).collect();
    let answers = join_all(nodes.iter().flat_map(|reader| pages.iter().map(|page| visit(reader, page)))).await;
    assert!(answers.iter().all(|answer| answer.status == 204), "{answers:?}");
    for (reader, refused) in &readers {
        assert_eq!(used(reader).await, json!(5));
        assert_eq!(visit(reader, "/essays/another").await.status, *refused);
    }
}
