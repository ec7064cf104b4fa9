//! OpenTelemetry spans as a collector receives them. A program of its own: the feature is off by default, and linking
//! all other tests once more for these takes minutes.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "support/mod.rs"]
mod support;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener},
    thread::{self, JoinHandle},
};

use rustix::process::Signal;

use support::{client::PASSWORD, process::Process};

/// Accepts one request, responds with 200, and returns its first line and its body.
fn collector() -> (SocketAddr, JoinHandle<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let collect = move || {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        let mut first = String::new();
        stream.read_line(&mut first).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            match line.trim().to_ascii_lowercase().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        (first.trim().to_owned(), body)
    };
    (address, thread::spawn(collect))
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[actix_web::test]
async fn each_request_is_a_span_in_its_callers_trace() {
    let (address, collected) = collector();
    let folder = tempfile::tempdir().unwrap();
    let endpoint = format!("http://{address}");
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        // By default spans are sent every five seconds, and the collector expects them all at once.
        ("OTEL_BSP_SCHEDULE_DELAY", "600000"),
        ("LOG_LEVEL", "warn"),
    ];
    let mut server = Process::start(folder.path(), &settings);
    let client = server.client();
    client.register("ada").await;
    let cookie = client.login("ada").await.cookie();
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assert_eq!(client.get_with("/blog/1?token=queried", &[("traceparent", traceparent)]).await.status, 200);
    // The server sends pending spans when it stops.
    server.signal(Signal::TERM);
    assert!(server.wait().success());

    let (first, spans) = collected.join().unwrap();
    assert_eq!(first, "POST /v1/traces HTTP/1.1");
    let trace = data_encoding::HEXLOWER.decode(b"0af7651916cd43dd8448eb211c80319c").unwrap();
    let parent = data_encoding::HEXLOWER.decode(b"b7ad6b7169203331").unwrap();
    let expected: [&[u8]; 9] = [
        &trace,
        &parent,
        b"tollgate",
        b"GET /blog/{id}",
        b"POST /login",
        b"http.response.status_code",
        b"user.id",
        b"http.route",
        b"url.scheme",
    ];
    for part in expected {
        assert!(holds(&spans, part), "{}", String::from_utf8_lossy(part));
    }
    for secret in [PASSWORD, &cookie, "queried"] {
        assert!(!holds(&spans, secret.as_bytes()), "{secret}");
    }
}
