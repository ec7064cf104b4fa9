//! How the databases find users by the start of a name or an address, among many users.

use tollgate::{
    accounts::user_search::{NewestPage, Search, newest_first, page},
    db::{Db, DbConnection, DbError},
    users::User,
};

use crate::support::{
    database::TestDatabase,
    query_plans::{assert_indexed, recorded},
};

const USERS: usize = 200_000;
/// A statement may take ten seconds, on a busy machine too.
const BATCH: usize = 10_000;

/// All names and addresses start with "user", except that Zoe's name does not.
async fn fill(database: &TestDatabase) {
    const COLUMNS: &str =
        "users (id, username, username_key, email, email_key, password_hash, role, is_active, created_at)";
    for first in (1..USERS).step_by(BATCH) {
        database
            .execute(&format!(
                "WITH RECURSIVE ids(id) AS (SELECT {first} UNION ALL SELECT id + 1 FROM ids WHERE id + 1 < {}) \
                 INSERT INTO {COLUMNS} SELECT id, 'user' || id, 'user' || id, 'user' || id || '@x', 'user' || id || '@x', \
                 'h', 'user', TRUE, 0 FROM ids",
                first + BATCH
            ))
            .await;
    }
    let zoe = "(1000000, 'zoe', 'zoe', 'user.zoe@x', 'user.zoe@x', 'h', 'user', TRUE, 0)";
    database.execute(&format!("INSERT INTO {COLUMNS} VALUES {zoe}")).await;
    database.execute("ANALYZE users").await;
}

/// The result of a search, and the statements that ran, with their values.
async fn observe<T: Send + 'static>(
    db: &Db,
    search: impl FnOnce(&mut DbConnection) -> Result<T, DbError> + Send + 'static,
) -> (T, Vec<String>) {
    let run = move |connection: &mut DbConnection| {
        let (found, statements) = recorded(connection, search);
        Ok::<_, DbError>((found?, statements))
    };
    db.read(run).await.unwrap()
}

/// The users of a page.
async fn search(db: &Db, search: Search, after: Option<i64>) -> (Vec<String>, Vec<String>) {
    let find = move |connection: &mut DbConnection| page(connection, &search, after, 100);
    let (found, statements) = observe(db, find).await;
    (found.unwrap().into_iter().map(|User { username, .. }| username).collect(), statements)
}

#[both_databases::test]
async fn users_are_found_by_indexes_however_many_there_are(database: TestDatabase) {
    fill(&database).await;
    let db = database.open().await;
    let find = |prefix: &str, is_active| Search { prefix: Some(prefix.to_owned()), role: None, is_active };

    for is_active in [None, Some(true)] {
        let (found, statements) = search(&db, find("user", is_active), None).await;
        assert_eq!((found.len(), found[0].as_str(), statements.len()), (100, "user1", 1));
        assert_indexed(&db, statements).await;
        // All names have been found, and of the addresses only one is not of a user found by name.
        let (found, statements) = search(&db, find("user", is_active), Some(99_999)).await;
        assert_eq!((found, statements.len()), (vec!["zoe".to_owned()], 3));
        assert_indexed(&db, statements).await;
        let (found, statements) = search(&db, find("user12345", is_active), None).await;
        assert_eq!(found.len(), 11);
        assert_indexed(&db, statements).await;
    }
}

#[both_databases::test]
async fn the_newest_users_are_found_by_indexes_however_many_match(database: TestDatabase) {
    fill(&database).await;
    let db = database.open().await;
    let find = |prefix: &str, before| {
        let search = Search { prefix: Some(prefix.to_owned()), ..Search::default() };
        observe(&db, move |connection: &mut DbConnection| newest_first(connection, &search, before, 20))
    };
    let ids = |page: &NewestPage| page.users.iter().map(|user| user.id).collect::<Vec<_>>();

    let (page, statements) = find("user12345", i64::MAX).await;
    assert_eq!((ids(&page), page.next), ([vec![], (123_450..123_460).rev().collect(), vec![12_345]].concat(), None));
    assert_indexed(&db, statements.into_iter().filter(|sql| !sql.contains("IN (") && !sql.contains("ANY")).collect())
        .await;

    let (page, _) = find("user", i64::MAX).await;
    assert_eq!((page.users[0].username.as_str(), page.users.len(), page.next), ("zoe", 20, Some(199_982)));
    let (page, statements) = find("user", 199_982).await;
    assert_eq!((ids(&page), page.next), ((199_962..199_982).rev().collect(), Some(199_962)));
    assert!(statements.len() <= 3, "{statements:?}");

    // Thousands match, and all of them are old: the page is short, and leads on.
    let (page, statements) = find("user1", i64::MAX).await;
    assert_eq!((page.users.len(), page.next), (20, Some(199_980)));
    assert!(statements.len() <= 3, "{statements:?}");
    database.execute("UPDATE users SET username_key = 'z' || id, email_key = NULL WHERE id > 100000").await;
    let (page, _) = find("user", i64::MAX).await;
    assert_eq!((page.users.len(), page.next), (0, Some(197_602)));
    let (page, _) = find("user", 102_401).await;
    assert_eq!((page.users.len(), page.next), (0, Some(100_001)));
    let (page, _) = find("user", 100_001).await;
    assert_eq!((ids(&page)[0], page.next), (100_000, Some(99_981)));
}
