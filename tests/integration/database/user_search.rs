//! How the databases find users by the start of a name or an address, among many users.

use tollgate::{
    accounts::user_search::{Search, page},
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

/// The users of a page, and the statements that found them, with their values.
async fn search(db: &Db, search: Search, after: Option<i64>) -> (Vec<String>, Vec<String>) {
    let run = move |connection: &mut DbConnection| {
        let (found, statements) = recorded(connection, |connection| page(connection, &search, after, 100));
        let found = found?.unwrap();
        Ok::<_, DbError>((found.into_iter().map(|User { username, .. }| username).collect(), statements))
    };
    db.read(run).await.unwrap()
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
