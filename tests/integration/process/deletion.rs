//! What remains of deleted users in SQLite's file.

use std::fs;

use rustix::process::Signal;
use serde_json::json;

use crate::support::{client::PASSWORD, process::Process};

#[actix_web::test]
async fn deleted_users_cannot_be_read_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Process::start(folder.path(), &[]);
    server.client().register("remaining").await;
    for number in 0..15 {
        let (client, name) = (server.client(), format!("quixotic{number}"));
        client.register(&name).await;
        client.login(&name).await;
        assert_eq!(client.delete_with("/account", &json!({ "password": PASSWORD })).await.status, 204);
    }
    // Closing the last connection copies the log into the file.
    server.signal(Signal::TERM);
    assert!(server.wait().success());
    let file = fs::read(folder.path().join("tollgate.db")).unwrap();
    let count = |name: &[u8]| file.windows(name.len()).filter(|window| *window == name).count();
    assert_ne!(count(b"remaining"), 0);
    assert_eq!(count(b"quixotic"), 0);
}
