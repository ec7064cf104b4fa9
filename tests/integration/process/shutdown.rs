//! Shutdown, and signals that do not cause it.

use std::{
    net::TcpListener,
    process::Stdio,
    time::{Duration, Instant},
};

use actix_web::rt::{spawn, task::yield_now};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::is_hashing;
use crate::support::{
    client::PASSWORD,
    fixtures::TIMEOUT,
    log,
    process::{Process, command},
};

/// Simultaneous signals of the same kind are merged, so the next one is sent when this one has been handled.
async fn signal_and_wait(server: &Process, signal: Signal) {
    server.signal(signal);
    log::wait_for(server, "\"stopping\"").await;
}

#[actix_web::test]
async fn a_draining_server_answers_everything_and_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Process::start(folder.path(), &[("SHUTDOWN_DELAY", "60s")]);
    let client = server.client();
    assert_eq!(client.get("/readyz").await.header("connection"), None);
    signal_and_wait(&server, Signal::TERM).await;

    let ready = client.get("/readyz").await;
    assert_eq!((ready.header("connection"), ready.header("retry-after")), (Some("close"), Some("1")));
    let body = json!({ "error": "the server is shutting down", "code": "unavailable" });
    assert_eq!(ready.parts(), (503, body));
    let healthy = client.get("/healthz").await;
    assert_eq!((healthy.header("connection"), healthy.status), (Some("close"), 200));
    client.register("ada").await;
    client.login("ada").await;
    assert_eq!(client.get("/blog/1").await.status, 200);
    let refused = client.get("/nowhere").await;
    assert_eq!((refused.header("connection"), refused.status), (Some("close"), 404));
    assert_eq!(log::errors(&server).await, [], "a proxy asks /readyz again and again");

    let signalled = Instant::now();
    server.signal(Signal::INT);
    assert_eq!(server.wait().code(), Some(0));
    assert!(signalled.elapsed() < TIMEOUT, "a second signal ends the delay");
}

#[actix_web::test]
async fn it_stops_when_the_delay_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let delay = Duration::from_secs(1);
    let mut server = Process::start(folder.path(), &[("SHUTDOWN_DELAY", "1s")]);
    let signalled = Instant::now();
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0));
    assert!(signalled.elapsed() >= delay, "{:?}", signalled.elapsed());
}

#[actix_web::test]
async fn a_second_signal_ends_the_wait_for_requests_in_flight() {
    let folder = tempfile::tempdir().unwrap();
    // A hash of this cost takes a minute.
    let mut server = Process::start(folder.path(), &[("BCRYPT_COST", "20"), ("HASH_THREADS", "1")]);
    let request = server.client().request(reqwest::Method::POST, "/register");
    let body: Value = json!({ "username": "ada", "password": PASSWORD });
    let registration = spawn(request.json(&body).send());
    while !is_hashing(&server) {
        yield_now().await;
    }
    signal_and_wait(&server, Signal::TERM).await;
    let signalled = Instant::now();
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0));
    assert!(signalled.elapsed() < TIMEOUT);
    assert!(registration.await.unwrap().is_err());
}

#[actix_web::test]
async fn a_signal_right_after_the_start_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..20 {
        let mut server = Process::start(folder.path(), &[]);
        server.signal(Signal::TERM);
        let status = server.wait();
        assert_eq!(status.code(), Some(0), "{status}");
    }
}

#[actix_web::test]
async fn a_signal_right_after_the_start_drains_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Process::start(folder.path(), &[("SHUTDOWN_DELAY", "60s")]);
    signal_and_wait(&server, Signal::TERM).await;
    let client = server.client();
    let (ready, healthy) = (client.get("/readyz").await, client.get("/healthz").await);
    assert_eq!((ready.status, ready.header("connection")), (503, Some("close")));
    assert_eq!((healthy.status, healthy.header("connection")), (200, Some("close")));
    let signalled = Instant::now();
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0));
    assert!(signalled.elapsed() < TIMEOUT);
}

#[test]
fn a_signal_while_waiting_for_the_database_ends_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let database = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://{}/x", database.local_addr().unwrap());
    let mut server = command(folder.path(), &[("DATABASE_URL", &url)]).stderr(Stdio::null()).spawn().unwrap();
    // The connection is accepted but never answered.
    let _connection = database.accept().unwrap();
    kill_process(Pid::from_child(&server), Signal::TERM).unwrap();
    let status = server.wait().unwrap();
    assert_eq!(status.code(), Some(0), "{status}");
}

#[actix_web::test]
async fn sighup_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Process::start(folder.path(), &[]);
    server.signal(Signal::HUP);
    log::wait_for(&server, "SIGHUP ignored").await;
    assert_eq!(server.client().get("/healthz").await.status, 200);
    server.signal(Signal::TERM);
    let status = server.wait();
    assert_eq!(status.code(), Some(0), "{status}");
}

#[actix_web::test]
async fn after_a_clean_end_the_database_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let log_of_database = folder.path().join("tollgate.db-wal");
    for round in 0..5 {
        let mut server = Process::start(folder.path(), &[("SHUTDOWN_DELAY", "0s")]);
        server.client().register(&format!("ada{round}")).await;
        assert!(log_of_database.exists());
        server.signal(Signal::TERM);
        assert_eq!(server.wait().code(), Some(0));
        assert!(!log_of_database.exists(), "after a server");

        let promoted = command(folder.path(), &[]).args(["user", "promote", &format!("ada{round}")]).output().unwrap();
        assert!(promoted.status.success());
        assert!(!log_of_database.exists(), "after a command");
    }
}
