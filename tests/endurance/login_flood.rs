//! More logins than the machine can hash passwords for.

use serde_json::json;

use crate::support::{
    database::{Kind, TestDatabase},
    process::Process,
};

#[actix_web::test]
async fn a_flood_of_logins_does_not_block_readers() {
    let database = TestDatabase::new(Kind::Sqlite).unwrap();
    let settings = [("DATABASE_URL", database.url.as_str()), ("BCRYPT_COST", "12"), ("HASH_QUEUE", "64")];
    let server = Process::start(database.folder(), &settings);
    let client = server.client();
    client.register("ada").await;
    client.login("ada").await;
    let flood: Vec<_> = (0..64)
        .map(|_| {
            let client = server.client();
            let body = json!({ "username": "ada", "password": "not this one" });
            actix_web::rt::spawn(async move { client.post("/login", &body).await.status })
        })
        .collect();
    for _ in 0..200 {
        assert_eq!(client.get("/check_session").await.status, 200);
    }
    let unanswered = flood.iter().filter(|login| !login.is_finished()).count();
    assert!(unanswered > 0, "the flood was over before the readers were");
    for login in flood {
        assert!(matches!(login.await.unwrap(), 400 | 503));
    }
}
