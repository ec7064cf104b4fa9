//! The admin of `ADMIN_USERNAME` and `ADMIN_PASSWORD`.

use futures_util::future::join3;

use crate::support::{
    client::{Client, PASSWORD},
    database::TestDatabase,
    server::TestServer,
};

const ADMIN: [(&str, &str); 2] = [("ADMIN_USERNAME", "ada"), ("ADMIN_PASSWORD", PASSWORD)];

#[both_databases::test]
async fn an_empty_database_gets_the_admin_once_from_nodes_that_start_at_the_same_time(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let node = || server.second_node(&ADMIN);
    let (one, two, three) = join3(node(), node(), node()).await;
    for address in [one, two, three] {
        assert_eq!(Client::new(&address).login("ada").await.body["role"], "admin");
    }
    let admin = server.client();
    admin.login("ada").await;
    let users = admin.get("/users").await.body;
    assert_eq!(users.as_array().unwrap().len(), 1, "{users}");
    let events = admin.get("/account/audit").await.body;
    let registered = events.as_array().unwrap().last().unwrap();
    assert_eq!(
        (&registered["event"], &registered["user_agent"]),
        (&"registered".into(), &"tollgate ADMIN_USERNAME".into())
    );
}

#[both_databases::test]
async fn a_database_with_users_stays_as_it_is(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.client().register("eve").await;
    let node = Client::new(&server.second_node(&ADMIN).await);
    assert_eq!(node.try_login("ada", PASSWORD).await, 404);
    assert_eq!(node.login("eve").await.body["role"], "user");
}
