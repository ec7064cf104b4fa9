//! A database that goes away and comes back.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    client::PASSWORD,
    database::{Kind, TestDatabase},
    fixtures::unavailable,
    postgres::Postgres,
    server::TestServer,
};

/// A PostgreSQL of its own, because the shared one must not stop.
async fn server() -> Option<(Postgres, TestServer)> {
    let postgres = Postgres::start(None)?;
    let database = TestDatabase::at(Kind::Postgres, postgres.new_database());
    Some((postgres, TestServer::start(database).await))
}

#[actix_web::test]
async fn without_its_database_the_server_responds_503_in_json() {
    let Some((mut postgres, server)) = server().await else { return };
    let client = server.signed_in("ada").await;
    postgres.stop();
    for path in ["/check_session", "/blog", "/blog/1", "/meter", "/readyz", "/nowhere"] {
        let answer = client.get_with(path, &[("origin", "http://localhost:3000")]).await;
        assert_eq!(answer.header("retry-after"), Some("1"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:3000"), "{path}");
        assert_eq!(answer.header("set-cookie"), None, "the session may still be good");
        assert_eq!(answer.parts(), unavailable(), "{path}");
    }
    let person = json!({ "username": "ada", "password": PASSWORD });
    assert_eq!(server.client().post("/login", &person).await.parts(), unavailable());
    assert_eq!(server.client().post("/register", &person).await.parts(), unavailable());
    assert_eq!(client.delete("/logout").await.parts(), unavailable());
    let well = client.get("/healthz").await;
    assert_eq!((well.status, well.header("set-cookie")), (200, None), "the process itself is well");
    assert_eq!(server.client().get("/check_session").await.status, 401, "nobody is nobody without a database");
}

#[actix_web::test]
async fn once_the_database_is_back_everything_works_again() {
    let Some((mut postgres, server)) = server().await else { return };
    let client = server.signed_in("ada").await;
    // All connections of the pool are open when PostgreSQL stops.
    join_all((0..50).map(|_| client.get("/check_session"))).await;
    postgres.restart();
    let answers = join_all((0..50).map(|_| client.get("/check_session"))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!(client.get("/blog/1").await.status, 200);
}

/// The login's own query succeeds and saving the session fails, so the error comes from the session middleware.
#[actix_web::test]
async fn a_login_fails_if_its_session_cannot_be_saved() {
    let Some((_postgres, server)) = server().await else { return };
    server.client().register("ada").await;
    server.execute("ALTER TABLE sessions RENAME TO elsewhere").await;
    let failed = server.client().post("/login", &json!({ "username": "ada", "password": PASSWORD })).await;
    assert_eq!(failed.header("set-cookie"), None);
    assert_eq!((failed.status, failed.code()), (503, "unavailable"));
    server.execute("ALTER TABLE elsewhere RENAME TO sessions").await;
    server.client().login("ada").await;
}
