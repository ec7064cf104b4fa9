//! Queries on the table of users.

use tollgate::users;

use crate::support::database::TestDatabase;

async fn add(database: &TestDatabase, id: usize, hash: &str) {
    let columns = "users (id, username, username_key, password_hash, role, is_active, created_at)";
    database.execute(&format!("INSERT INTO {columns} VALUES ({id}, '{id}', '{id}', '{hash}', 'user', TRUE, 0)")).await;
}

#[both_databases::test]
async fn the_highest_bcrypt_cost_is_found(database: TestDatabase) {
    let db = database.open().await;
    assert_eq!(db.read(users::highest_bcrypt_cost).await.unwrap(), None);
    let others =
        ["scrypt:32768:8:1$salt$00", "pbkdf2_sha256$99$salt$AA", "$2b$zz$x", "$2b$4$x", "$2b$12$x", "$2y$13$x"];
    for (number, hash) in others.into_iter().enumerate() {
        add(&database, number + 1, hash).await;
    }
    assert_eq!(db.read(users::highest_bcrypt_cost).await.unwrap().as_deref(), Some("13"));
    add(&database, 7, "$bcrypt-sha256$v=2,t=2b,r=14$salt$x").await;
    assert_eq!(db.read(users::highest_bcrypt_cost).await.unwrap().as_deref(), Some("14"));
}
