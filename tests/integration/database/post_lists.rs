//! How the databases find a page of posts, among many posts.

use tollgate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError},
    paywall::posts::{Audience, list},
};

use crate::support::{
    database::TestDatabase,
    query_plans::{assert_indexed, recorded},
};

const POSTS: i64 = 20_000;

/// The later a post was added, the earlier is its date, as after an import.
async fn fill(database: &TestDatabase) {
    database
        .execute(&format!(
            "WITH RECURSIVE ids(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < {POSTS}) \
             INSERT INTO posts (id, title, slug, excerpt, data, published, access, published_at, created_at) \
             SELECT id, 'Title', '', '', 'Text', TRUE, 'metered', {POSTS} - id, 0 \
             FROM ids"
        ))
        .await;
    database.execute("ANALYZE posts").await;
}

#[both_databases::test]
async fn every_page_of_the_list_is_found_by_an_index(database: TestDatabase) {
    fill(&database).await;
    let db = database.open().await;
    let now = Timestamp::from_millis(POSTS / 2);
    for (audience, before, expected) in [
        (Audience::Readers(now), None, POSTS / 2..),
        (Audience::Readers(now), Some(POSTS - 100), POSTS - 99..),
        (Audience::Editors, None, 1..),
        (Audience::Editors, Some(100), 101..),
    ] {
        let page = move |connection: &mut DbConnection| {
            let (found, statements) = recorded(connection, |connection| list(connection, audience, before, 20));
            let ids = found?.into_iter().map(|post| post.id).collect();
            Ok::<(Vec<_>, _), DbError>((ids, statements))
        };
        let (ids, statements) = db.read(page).await.unwrap();
        assert_eq!(ids, expected.take(20).collect::<Vec<_>>(), "{audience:?} {before:?}");
        assert_indexed(&db, statements).await;
    }
}
