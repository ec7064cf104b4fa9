//! The two roles of `docs/operations/postgresql.md`: one owns the tables, the other serves.

use reqwest::Method;
use serde_json::json;
use tollgate::{
    config::{DatabaseLimits, RetentionConfig},
    db::{Db, DbError},
    jobs::cleanup,
};

use crate::support::{
    client::PASSWORD,
    database::{Kind, TestDatabase},
    fixtures::{DAY, INSERT_POST},
    postgres::{Postgres, SHARED},
    server::TestServer,
};

const DOCUMENT: &str = include_str!("../../../docs/operations/postgresql.md");

/// The statements of the document, with names that no other test uses, because roles exist once per PostgreSQL server.
fn documented(roles: [(&str, &str); 3]) -> Vec<String> {
    let blocks = DOCUMENT.split("```sql\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks.map(|block| roles.iter().fold(block.to_owned(), |sql, (name, other)| sql.replace(name, other))).collect()
}

fn as_role(postgres: &Postgres, database: &str, role: &str) -> TestDatabase {
    TestDatabase::at(Kind::Postgres, postgres.url(database).replace("tollgate@", &format!("{role}@")))
}

async fn open(database: &TestDatabase) -> Result<Db, DbError> {
    let url = database.config_url();
    let open = move || Db::open(&url, DatabaseLimits::default(), |_| Ok(()));
    actix_web::rt::task::spawn_blocking(open).await.unwrap()
}

/// Everything that a server writes: accounts, sessions, reads, posts, subscriptions, throttles and the cleanup.
async fn assert_serves(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "1"), ("THROTTLE", "on")]).await;
    let (ada, eve) = (server.signed_in("ada").await, server.signed_in("eve").await);
    assert_eq!(ada.try_login("ada", "wrong password").await, 400);
    server.execute("UPDATE users SET role = 'admin' WHERE username = 'ada'").await;
    let post = json!({ "title": "New", "data": "All of it" });
    let made = ada.post("/blog", &post).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/blog/{}", made.body["id"]);
    assert_eq!((eve.get(&path).await.status, eve.get(&path).await.status), (200, 400));
    let eves = eve.get("/check_session").await.body["id"].clone();
    let subscription = ada.request(Method::PUT, &format!("/users/{eves}/subscription"));
    assert_eq!(ada.send(subscription).await.status, 200);
    assert_eq!(eve.get(&path).await.status, 200);
    assert_eq!(eve.patch("/account", &json!({ "email": "eve@example.com" })).await.status, 200);
    assert_eq!(eve.delete_with("/account", &json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(ada.delete(&path).await.status, 204);
    server.execute("UPDATE users SET is_active = FALSE").await;
    ada.until_signed_out().await;
    server.execute("UPDATE users SET role = 'user'").await;
    let later = server.clock.now().after(400 * DAY);
    let db = server.database.open().await;
    let keep = RetentionConfig { audit: DAY, reads: DAY, inactive_accounts: Some(DAY) };
    assert!(cleanup::cleanup(&db, later, keep).await.unwrap() > 0);
    assert_eq!(server.execute("DELETE FROM users").await, 0, "ada's account is inactive");
    let create: Result<usize, DbError> =
        db.write(|tx| crate::support::database::execute(tx, "CREATE TABLE mine (id BIGINT)")).await;
    assert!(create.unwrap_err().to_string().contains("permission denied"));
}

#[actix_web::test]
async fn a_role_without_tables_can_serve_after_the_owner_migrated() {
    let Some(postgres) = &*SHARED else { return };
    let names = [("tollgate_owner", "owner1"), ("tollgate_server", "server1"), (" tollgate ", " roles1 ")];
    let [roles, rights, _] = documented(names).try_into().unwrap();
    roles.lines().for_each(|statement| postgres.execute(statement));
    postgres.execute_in("roles1", &rights);

    let (owner, server) = (as_role(postgres, "roles1", "owner1"), as_role(postgres, "roles1", "server1"));
    let refused = "the database schema is not up to date, and this role may not create tables in it; run \
                   `tollgate migrate` as the owner of the tables";
    assert_eq!(open(&server).await.err().unwrap().to_string(), refused);
    open(&owner).await.unwrap();
    owner.execute(INSERT_POST).await;
    assert_serves(server).await;
}

#[actix_web::test]
async fn a_former_owner_of_the_tables_can_still_serve() {
    let Some(postgres) = &*SHARED else { return };
    postgres.execute("CREATE ROLE single2 LOGIN");
    postgres.execute("CREATE DATABASE roles2 OWNER single2");
    let database = as_role(postgres, "roles2", "single2");
    open(&database).await.unwrap();

    let names = [("tollgate_owner", "owner2"), ("tollgate;", "single2;"), ("tollgate ", "single2 ")];
    let [_, _, set_cookie] = documented(names).try_into().unwrap();
    postgres.execute_in("roles2", &set_cookie);
    assert_serves(database).await;
}
