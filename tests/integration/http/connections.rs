//! Limits on open connections, and which ones are closed for new ones.

use std::{
    net::{Ipv4Addr, SocketAddr},
    thread,
    time::Duration,
};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::support::{database::TestDatabase, fixtures::TIMEOUT, server::TestServer};

const TWENTY: (&str, &str) = ("MAX_CONNECTIONS", "20");

/// So long that no test reaches it.
const PATIENT: (&str, &str) = ("BODY_TIMEOUT", "1h");

const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A connection from 127.0.0.`host`.
async fn connect(server: &TestServer, host: u8) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, host), 0))).unwrap();
    socket.connect(server.address.parse().unwrap()).await.unwrap()
}

async fn idle(server: &TestServer, host: u8, count: usize) -> Vec<TcpStream> {
    let mut connections = Vec::new();
    for _ in 0..count {
        connections.push(connect(server, host).await);
    }
    connections
}

/// A connection whose request is being served: its body is not complete.
async fn busy(server: &TestServer, host: u8) -> TcpStream {
    let mut stream = connect(server, host).await;
    let head = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut start = [0; 25];
    timeout(TIMEOUT, stream.read_exact(&mut start)).await.unwrap().unwrap();
    assert_eq!(&start, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

/// Sends the rest of the body and expects a response.
async fn assert_finishes(stream: &mut TcpStream) {
    stream.write_all(b"}").await.unwrap();
    assert_eq!(status(stream).await, Some(422));
}

/// The status of the next response; `None` if the connection is closed instead.
async fn status(stream: &mut TcpStream) -> Option<u16> {
    let mut bytes = [0; 4096];
    match timeout(TIMEOUT, stream.read(&mut bytes)).await.unwrap() {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(str::from_utf8(&bytes[9..12]).unwrap().parse().unwrap()),
    }
}

/// Sends a request. Returns its status, or `None` if the connection is closed instead.
async fn ask(stream: &mut TcpStream) -> Option<u16> {
    stream.write_all(REQUEST).await.ok()?;
    status(stream).await
}

#[both_databases::test]
async fn idle_connections_of_one_address_do_not_block_others(database: TestDatabase) {
    let server = TestServer::with(database, &[TWENTY]).await;
    let idle = idle(&server, 1, 60).await;
    let (mut other, mut own) = (connect(&server, 2).await, connect(&server, 1).await);
    assert_eq!((ask(&mut other).await, ask(&mut own).await), (Some(200), Some(200)));
    drop(idle);
}

#[both_databases::test]
async fn answered_and_half_sent_connections_do_not_block_others(database: TestDatabase) {
    let server = TestServer::with(database, &[TWENTY]).await;
    let mut others = Vec::new();
    for number in 0..60 {
        let mut stream = connect(&server, 1).await;
        match number % 2 {
            0 => assert_eq!(ask(&mut stream).await, Some(200)),
            _ => stream.write_all(b"GET /healthz HTTP/1.1\r\nX-Slow: ").await.unwrap(),
        }
        others.push(stream);
    }
    assert_eq!(ask(&mut connect(&server, 2).await).await, Some(200));
}

#[both_databases::test]
async fn connections_of_others_and_requests_in_progress_stay_open(database: TestDatabase) {
    let server = TestServer::with(database, &[TWENTY, PATIENT]).await;
    let (mut other, mut own) = (connect(&server, 2).await, busy(&server, 1).await);
    assert_eq!(ask(&mut other).await, Some(200));
    let mut flood = idle(&server, 1, 60).await;
    assert_eq!(ask(&mut connect(&server, 3).await).await, Some(200));
    assert_eq!(ask(&mut other).await, Some(200));
    assert_finishes(&mut own).await;
    assert_eq!(status(&mut flood[0]).await, None, "the one that was idle for the longest is closed");
}

#[both_databases::test]
async fn new_connections_wait_until_one_is_idle(database: TestDatabase) {
    let server = TestServer::with(database, &[("MAX_CONNECTIONS", "1"), PATIENT]).await;
    // Each worker thread accepts one.
    let mut taken = Vec::new();
    for _ in 0..thread::available_parallelism().unwrap().get() {
        taken.push(busy(&server, 1).await);
    }
    let mut waiting = connect(&server, 2).await;
    waiting.write_all(REQUEST).await.unwrap();
    assert!(timeout(Duration::from_millis(300), waiting.read_u8()).await.is_err(), "it is served");
    assert_finishes(&mut taken[0]).await;
    assert_eq!(timeout(TIMEOUT, waiting.read_u8()).await.unwrap().unwrap(), b'H');
}

#[both_databases::test]
async fn each_network_has_a_share_of_the_connections(database: TestDatabase) {
    let server = TestServer::with(database, &[("MAX_CONNECTIONS_PER_NETWORK", "3"), PATIENT]).await;
    let mut first = connect(&server, 1).await;
    assert_eq!(ask(&mut first).await, Some(200));
    let mut busy = [busy(&server, 1).await, busy(&server, 1).await];
    let mut second = connect(&server, 1).await;
    assert_eq!(ask(&mut second).await, Some(200));
    assert_eq!(status(&mut first).await, None, "it was idle");
    assert_finishes(&mut busy[0]).await;
    assert_eq!(ask(&mut connect(&server, 2).await).await, Some(200));
}

#[both_databases::test]
async fn a_network_with_a_busy_share_gets_no_more_connections(database: TestDatabase) {
    let settings = [("MAX_CONNECTIONS_PER_NETWORK", "2"), ("TRUSTED_PROXIES", "127.0.0.9"), PATIENT];
    let server = TestServer::with(database, &settings).await;
    let mut open = [busy(&server, 1).await, busy(&server, 1).await];
    assert_eq!(ask(&mut connect(&server, 1).await).await, None);
    assert_eq!(ask(&mut connect(&server, 2).await).await, Some(200));
    let mut proxy = [busy(&server, 9).await, busy(&server, 9).await, busy(&server, 9).await];
    assert_finishes(&mut proxy[2]).await;
    assert_finishes(&mut open[0]).await;
    assert_eq!(ask(&mut connect(&server, 1).await).await, Some(200));
}

#[both_databases::test]
async fn local_connections_are_limited_only_if_configured(database: TestDatabase) {
    let server = TestServer::with(database, &[TWENTY, PATIENT]).await;
    let mut open = Vec::new();
    for _ in 0..15 {
        open.push(busy(&server, 1).await);
    }
    assert_eq!(server.client().get("/healthz").await.parts(), (200, json!({ "status": "ok" })));
}
