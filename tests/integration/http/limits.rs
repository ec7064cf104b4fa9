//! Slow clients, and too many of them.

use std::{fs, time::Duration};

use futures_util::future::join_all;
use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use crate::support::{
    client::Client,
    database::{Kind, TestDatabase},
    fixtures::{TIMEOUT, unavailable},
    server::TestServer,
};

const SHORT: [(&str, &str); 2] = [("HEAD_TIMEOUT", "1s"), ("IDLE_TIMEOUT", "1s")];

/// Longer than a busy machine may pause, for clients that must not be disconnected.
const LONGER: [(&str, &str); 2] = [("HEAD_TIMEOUT", "3s"), ("IDLE_TIMEOUT", "3s")];

const WHOLE: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
const BEGUN: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";

async fn connect(server: &TestServer, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// Everything until the server disconnects, which it must.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    // The server may disconnect while data is on its way, which is an error here.
    let _ = timeout(TIMEOUT, stream.read_to_end(&mut bytes)).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends a byte now and then until the server disconnects, which it must.
async fn drip(stream: &mut TcpStream) {
    let dripping = async {
        while stream.write_all(b"x").await.is_ok() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(TIMEOUT, dripping).await.unwrap();
}

/// A connection that has served one request.
async fn answered(server: &TestServer) -> TcpStream {
    let mut stream = connect(server, WHOLE).await;
    let mut bytes = [0; 4096];
    let read = timeout(TIMEOUT, stream.read(&mut bytes)).await.unwrap().unwrap();
    assert!(bytes[..read].starts_with(b"HTTP/1.1 200 OK"));
    stream
}

#[both_databases::test]
async fn a_slow_request_head_times_out(database: TestDatabase) {
    let server = TestServer::with(database, &SHORT).await;
    let answer = rest(connect(&server, BEGUN).await).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[both_databases::test]
async fn a_connection_on_which_nothing_was_asked_is_closed_like_an_idle_one(database: TestDatabase) {
    let server = TestServer::with(database, &SHORT).await;
    assert_eq!(rest(connect(&server, b"").await).await, "", "no answer");
}

#[both_databases::test]
async fn a_connection_may_wait_longer_for_its_first_request_than_a_head_may_take(database: TestDatabase) {
    let server = TestServer::with(database, &[("HEAD_TIMEOUT", "1s")]).await;
    let mut spare = connect(&server, b"").await;
    // Longer than a head may take.
    assert!(timeout(Duration::from_secs(2), spare.read(&mut [0])).await.is_err(), "it is kept");
    spare.write_all(WHOLE).await.unwrap();
    let mut bytes = [0; 15];
    timeout(TIMEOUT, spare.read_exact(&mut bytes)).await.unwrap().unwrap();
    assert_eq!(&bytes, b"HTTP/1.1 200 OK");
}

#[both_databases::test]
async fn a_dripping_second_request_head_times_out(database: TestDatabase) {
    let server = TestServer::with(database, &SHORT).await;
    let mut stream = answered(&server).await;
    stream.write_all(BEGUN).await.unwrap();
    drip(&mut stream).await;
}

#[both_databases::test]
async fn a_slow_body_is_408(database: TestDatabase) {
    let server = TestServer::with(database, &[("BODY_TIMEOUT", "1s")]).await;
    let begun =
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    let answer = rest(connect(&server, begun).await).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"code\":\"request_timeout\""), "{answer}");
}

#[both_databases::test]
async fn an_idle_connection_is_closed(database: TestDatabase) {
    let server = TestServer::with(database, &[("IDLE_TIMEOUT", "1s")]).await;
    assert_eq!(rest(answered(&server).await).await, "");
}

#[both_databases::test]
async fn half_open_connections_do_not_affect_others(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let half_open = join_all((0..200).map(|number| connect(&server, if number % 2 == 0 { BEGUN } else { b"" }))).await;
    let client = server.signed_in("ada").await;
    let answers = join_all((0..50).map(|_| client.get("/check_session"))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(client.get("/blog/1").await.status, 200);
    drop(half_open);
}

#[both_databases::test]
async fn queries_beyond_the_queue_are_503_and_later_ones_succeed(database: TestDatabase) {
    let server =
        TestServer::with(database, &[("DATABASE_QUEUE", "1"), ("DATABASE_CONNECTIONS", "1"), ("SESSION_CACHE", "0")])
            .await;
    let client = server.signed_in("ada").await;
    let answers = join_all((0..200).map(|_| client.get("/check_session"))).await;
    let (served, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert!(!served.is_empty());
    for answer in refused {
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert_eq!(answer.parts(), unavailable());
    }
    assert_eq!(client.get("/check_session").await.status, 200);
}

#[actix_web::test]
async fn a_client_that_does_not_read_its_response_is_disconnected() {
    let database = TestDatabase::new(Kind::Sqlite).unwrap();
    let app = database.folder().join("app");
    fs::create_dir(&app).unwrap();
    fs::write(app.join("index.html"), "<!doctype html>").unwrap();
    fs::write(app.join("large.bin"), vec![0; 32 * 1024 * 1024]).unwrap();
    let settings = [&LONGER[..], &[("STATIC_DIR", app.to_str().unwrap())]].concat();
    let server = TestServer::with(database, &settings).await;
    let mut stream = connect(&server, b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    drip(&mut stream).await;
    let patient = Client::new(&server.address).request(Method::GET, "/large.bin").send().await.unwrap();
    assert_eq!(patient.bytes().await.unwrap().len(), 32 * 1024 * 1024, "who takes it gets all of it");
}

/// The small receive buffer makes visible when the client reads.
#[actix_web::test]
async fn a_slow_but_steady_client_gets_the_complete_response() {
    const LENGTH: usize = 6 * 1024 * 1024;
    let database = TestDatabase::new(Kind::Sqlite).unwrap();
    let app = database.folder().join("app");
    fs::create_dir(&app).unwrap();
    fs::write(app.join("index.html"), "<!doctype html>").unwrap();
    fs::write(app.join("large.bin"), vec![0; LENGTH]).unwrap();
    let settings = [&LONGER[..], &[("STATIC_DIR", app.to_str().unwrap())]].concat();
    let server = TestServer::with(database, &settings).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let mut stream = socket.connect(server.address.parse().unwrap()).await.unwrap();
    stream.write_all(b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let (mut taken, mut bytes) = (0, vec![0; 16 * 1024]);
    loop {
        match timeout(TIMEOUT, stream.read(&mut bytes)).await.unwrap().unwrap() {
            0 => break,
            read => taken += read,
        }
        // Half a megabyte a second.
        sleep(Duration::from_millis(30)).await;
    }
    assert!(taken > LENGTH, "{taken}");
}
