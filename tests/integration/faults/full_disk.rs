//! A full disk.

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use actix_web::rt::time::timeout;
use futures_util::future::{join, join_all};
use serde_json::json;

use crate::support::{
    client::Client,
    disk::Disk,
    fixtures::TIMEOUT,
    log,
    process::Process,
    refusals::{self, refused_writes},
};

/// SQLite's error message.
const FULL: &str = "database unavailable: database or disk is full";

/// A server with its database on the disk and its log elsewhere.
fn start(disk: &Disk, folder: &Path, settings: &[(&str, &str)]) -> Process {
    let url = disk.database_url();
    let settings = [&[("DATABASE_URL", url.as_str()), ("READS_LIMIT", "1000000")], settings].concat();
    Process::start_by(folder, &settings, |server| disk.enter(&server))
}

async fn refuses_what_writes_until_there_is_room(settings: &[(&str, &str)]) {
    let Some(disk) = Disk::mount("8m") else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = start(&disk, folder.path(), settings);
    let ada = server.client();
    ada.register("ada").await;
    ada.login("ada").await;
    assert_eq!(ada.get("/blog/1").await.status, 200);

    disk.fill();
    let refused = refused_writes(&server.client(), &ada).await;
    refusals::assert_reads_are_served(&ada).await;
    let logged: Vec<_> = refused.into_iter().map(|id| (id, FULL.to_owned())).collect();
    assert_eq!(log::errors(&server).await, logged);

    disk.free();
    assert_eq!(ada.get("/blog/2").await.status, 200);
    assert_eq!(ada.get("/meter").await.body["used"], json!(2), "what was refused is not counted");
    server.client().register("eve").await;
    server.client().login("eve").await;
    assert_eq!(log::errors(&server).await.len(), logged.len());
}

#[actix_web::test]
async fn writes_are_refused_until_the_disk_has_space_again() {
    refuses_what_writes_until_there_is_room(&[]).await;
}

#[actix_web::test]
async fn writes_are_refused_the_same_way_without_the_session_cache() {
    refuses_what_writes_until_there_is_room(&[("SESSION_CACHE", "0")]).await;
}

/// Reads until three reads were refused. Returns how many succeeded.
async fn read_until_refused(client: &Client, answered: &AtomicUsize) -> usize {
    let (mut granted, mut refused) = (0, 0);
    while refused < 3 {
        match client.get("/blog/1").await.status {
            200 => granted += 1,
            503 => refused += 1,
            other => panic!("it was answered {other}"),
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
    granted
}

#[actix_web::test]
async fn simultaneous_reads_on_a_disk_that_fills_up_are_counted_once() {
    let Some(disk) = Disk::mount("8m") else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = start(&disk, folder.path(), &[]);
    let users = join_all((0..4).map(|number| signed_in(&server, number))).await;
    let answered = AtomicUsize::new(0);
    let readers = join_all((0..20).map(|reader| read_until_refused(&users[reader % 4], &answered)));
    let fill = async {
        while answered.load(Ordering::Relaxed) < 100 {
            actix_web::rt::task::yield_now().await;
        }
        disk.fill();
    };
    let (granted, ()) = timeout(2 * TIMEOUT, join(readers, fill)).await.expect("nobody is refused");

    disk.free();
    for (number, user) in users.iter().enumerate() {
        let of_user: usize = granted.iter().skip(number).step_by(4).sum();
        assert_eq!(user.get("/blog/1").await.status, 200);
        assert_eq!(user.get("/meter").await.body["used"], json!(of_user + 1), "user {number}");
        assert_eq!(user.get("/reads").await.body.as_array().unwrap().len(), of_user + 1, "user {number}");
    }
}

async fn signed_in(server: &Process, number: usize) -> Client {
    let (client, name) = (server.client(), format!("reader{number}"));
    client.register(&name).await;
    client.login(&name).await;
    client
}

/// Each of these reads adds 16 KB to SQLite's write-ahead log; without checkpoints they would fill the disk twice.
#[actix_web::test]
async fn the_wal_does_not_fill_a_small_disk() {
    let Some(disk) = Disk::mount("8m") else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = start(&disk, folder.path(), &[]);
    let client = signed_in(&server, 0).await;
    for number in 0..1000 {
        assert_eq!(client.get("/blog/1").await.status, 200, "read {number}");
    }
    let logged = disk.size_of("test.db-wal");
    assert!(logged < 5_000_000, "the log has {logged} bytes");
}
