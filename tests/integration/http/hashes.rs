//! Password hashes of other programs.

use futures_util::future::join_all;

use crate::support::{
    database::TestDatabase,
    hashes::{Vector, stored, vectors},
    server::TestServer,
};

async fn import(server: &TestServer, name: &str, hash: &str) {
    let columns = "users (username, username_key, password_hash, role, is_active, created_at)";
    server.execute(&format!("INSERT INTO {columns} VALUES ('{name}', '{name}', '{hash}', 'user', TRUE, 0)")).await;
}

#[both_databases::test]
async fn a_login_accepts_and_replaces_a_foreign_hash(database: TestDatabase) {
    let server = TestServer::with(database, &[("BCRYPT_COST", "5")]).await;
    for (number, Vector { made_by, password, hash }) in vectors().into_iter().enumerate() {
        let name = format!("user{number}");
        import(&server, &name, &hash).await;
        assert_eq!(server.client().try_login(&name, "wrong password").await, 400, "{made_by}");
        assert_eq!(stored(&server, &name).await, hash, "{made_by}");
        assert_eq!(server.client().try_login(&name, &password).await, 200, "{made_by}");

        let replaced = stored(&server, &name).await;
        let is_ours = replaced.starts_with("$2b$05$") || replaced.starts_with("$bcrypt-sha256$v=2,t=2b,r=5$");
        assert_eq!(is_ours, !made_by.ends_with("which cut it"), "{made_by}: {replaced}");
        assert_eq!(server.client().try_login(&name, &password).await, 200, "{made_by}");
        assert_eq!(server.client().try_login(&name, "wrong password").await, 400, "{made_by}");
        assert_eq!(stored(&server, &name).await, replaced, "once is enough");
    }
}

#[both_databases::test]
async fn a_hash_is_replaced_when_the_cost_was_raised(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    assert!(stored(&server, "ada").await.starts_with("$2b$04$"));
    let costlier = client.at(&server.second_node(&[("BCRYPT_COST", "5")]).await);
    costlier.login("ada").await;
    assert!(stored(&server, "ada").await.starts_with("$2b$05$"));
    assert!(client.is_signed_in().await, "the password is the same, and no session ends");
}

#[both_databases::test]
async fn simultaneous_first_logins_with_a_foreign_hash_all_succeed(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let Vector { password, hash, .. } =
        vectors().into_iter().find(|vector| vector.hash.starts_with("scrypt:1024")).unwrap();
    import(&server, "ada", &hash).await;
    let clients: Vec<_> = (0..20).map(|number| server.client().in_network(number)).collect();
    let statuses = join_all(clients.iter().map(|client| client.try_login("ada", &password))).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    for client in &clients {
        assert!(client.is_signed_in().await);
    }
}
