//! Bodies that are refused because of the request head, before they are sent.

use std::time::Duration;

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{database::TestDatabase, fixtures::TIMEOUT, server::TestServer};

/// So long that a response within the test did not wait for the body.
const PATIENT: (&str, &str) = ("BODY_TIMEOUT", "1h");

const SECRET: (&str, &str) = ("STRIPE_WEBHOOK_SECRET", "whsec_of_the_tests");

const WEBHOOK: &str = "POST /webhooks/stripe";

/// Sends a head that announces a body, and the body's first byte.
async fn begin(server: &TestServer, line: &str, headers: &str, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\n\r\n{{");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// The response, after which the server must disconnect, because it cannot find the next request.
async fn response(mut stream: TcpStream) -> String {
    let mut response = String::new();
    timeout(TIMEOUT, stream.read_to_string(&mut response)).await.unwrap().unwrap();
    response
}

fn assert_refused(response: &str, status: u16, code: &str) {
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")) && body["code"] == json!(code), "{response}");
}

fn signed(server: &TestServer) -> String {
    format!("Stripe-Signature: t={},v1=00\r\n", server.clock.now().millis() / 1000)
}

#[both_databases::test]
async fn a_length_over_the_limit_is_413_at_once(database: TestDatabase) {
    let server = TestServer::with(database, &[PATIENT, SECRET]).await;
    let json = "Content-Type: application/json\r\n";
    for (line, headers, limit) in [
        ("POST /login", json.to_owned(), 16 * 1024),
        ("POST /register", json.to_owned(), 16 * 1024),
        (WEBHOOK, signed(&server), 256 * 1024),
    ] {
        for length in [limit + 1, usize::MAX] {
            assert_refused(&response(begin(&server, line, &headers, length).await).await, 413, "too_large");
        }
        let mut allowed = begin(&server, line, &headers, limit).await;
        let waiting = timeout(Duration::from_millis(100), allowed.read_u8()).await;
        assert!(waiting.is_err(), "{line} does not wait for the body");
    }
    assert_refused(&response(begin(&server, WEBHOOK, "", 256 * 1024 + 1).await).await, 413, "too_large");

    // Also where no body is read.
    let client = server.client().without_cookies();
    client.register("ada").await;
    let cookie = format!("Cookie: {}\r\n", client.login("ada").await.cookie());
    for line in ["DELETE /gifts", "DELETE /logout", "POST /account/email/verification"] {
        assert_refused(&response(begin(&server, line, &cookie, 16 * 1024 + 1).await).await, 413, "too_large");
    }
}

#[both_databases::test]
async fn without_a_secret_the_webhook_does_not_wait_for_the_body(database: TestDatabase) {
    let server = TestServer::with(database, &[PATIENT]).await;
    let headers = signed(&server);
    assert_refused(&response(begin(&server, WEBHOOK, &headers, 100).await).await, 404, "not_found");
}

#[both_databases::test]
async fn an_event_with_a_malformed_signature_is_refused_before_its_body(database: TestDatabase) {
    let server = TestServer::with(database, &[PATIENT, SECRET]).await;
    let now = server.clock.now().millis() / 1000;
    for header in [
        String::new(),
        "Stripe-Signature: \r\n".to_owned(),
        "Stripe-Signature: v1=00\r\n".to_owned(),
        "Stripe-Signature: t=x,v1=00\r\n".to_owned(),
        format!("Stripe-Signature: t={now}\r\n"),
        format!("Stripe-Signature: t={},v1=00\r\n", now - 301),
    ] {
        assert_refused(&response(begin(&server, WEBHOOK, &header, 100).await).await, 400, "bad_signature");
    }
}

#[both_databases::test]
async fn unread_events_are_limited_to_64_and_the_network_with_the_most_gives_up_its_newest(database: TestDatabase) {
    let server = TestServer::with(database, &[PATIENT, SECRET, ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let begin = async |network: u8| {
        let headers = format!("{}X-Forwarded-For: 203.0.113.{network}\r\nExpect: 100-continue\r\n", signed(&server));
        let mut stream = begin(&server, WEBHOOK, &headers, 2).await;
        // It is sent when processing starts.
        let mut start = [0; 25];
        timeout(TIMEOUT, stream.read_exact(&mut start)).await.unwrap().unwrap();
        assert_eq!(&start, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream
    };
    let mut half_sent = Vec::new();
    for _ in 0..64 {
        half_sent.push(begin(1).await);
    }
    let newest = response(begin(1).await).await;
    assert_refused(&newest, 503, "unavailable");
    assert!(newest.contains("\r\nretry-after: 1\r\n"), "{newest}");
    let other = begin(2).await;
    assert_refused(&response(half_sent.pop().unwrap()).await, 503, "unavailable");

    let mut finished = half_sent.remove(0);
    finished.write_all(b"}").await.unwrap();
    let mut start = [0; 12];
    timeout(TIMEOUT, finished.read_exact(&mut start)).await.unwrap().unwrap();
    assert_eq!(&start, b"HTTP/1.1 400", "its signature is wrong");
    half_sent.extend([other, begin(2).await]);
    for waiting in &mut half_sent {
        assert!(timeout(Duration::from_millis(10), waiting.read_u8()).await.is_err(), "there is room again");
    }
}
