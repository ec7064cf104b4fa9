//! Invalid bodies and requests get a clear error, never a 500 or a broken connection.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    server::TestServer,
};

const MAX_BYTES: usize = 16 * 1024;

async fn post(client: &Client, path: &str, content_type: Option<&str>, body: impl Into<reqwest::Body>) -> Answer {
    let request = client.request(Method::POST, path).body(body);
    client.send(content_type.into_iter().fold(request, |request, kind| request.header("content-type", kind))).await
}

/// A registration of exactly `length` bytes.
fn sized(bytes: usize) -> Vec<u8> {
    let body = json!({ "username": "ada", "password": PASSWORD, "ignored": "" }).to_string();
    let filler = "x".repeat(bytes - body.len());
    body.replace("\"ignored\":\"\"", &format!("\"ignored\":\"{filler}\"")).into_bytes()
}

/// Sends raw bytes and reads until the server disconnects, on another thread, because this one runs the server.
async fn raw(address: &str, request: &[u8]) -> String {
    let (address, request) = (address.to_owned(), request.to_owned());
    let exchange = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        // The server may disconnect before it has read everything.
        let _ = stream.write_all(&request);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    actix_web::rt::task::spawn_blocking(exchange).await.unwrap()
}

#[both_databases::test]
async fn invalid_json_is_400(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    let deep = "[".repeat(10_000);
    let bodies: [&[u8]; 10] = [
        b"",
        b"{",
        b"ada",
        b"{'username':'ada'}",
        b"{\"username\":\"ada\"} x",
        b"\xff\xfe",
        b"{\"username\":\"\xc3\"}",
        b"{\"username\":1e999999}",
        b"\0",
        deep.as_bytes(),
    ];
    for path in ["/register", "/login"] {
        for body in bodies {
            let answer = post(&client, path, Some("application/json"), body.to_vec()).await;
            assert_eq!(answer.parts(), (400, json!({ "error": "the body is not valid JSON", "code": "invalid_json" })));
        }
        assert_eq!(post(&client, path, None, "").await.status, 400, "nor is nothing at all");
    }
}

#[both_databases::test]
async fn another_content_type_is_415(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    let body = json!({ "username": "ada", "password": PASSWORD }).to_string();
    let kinds = [
        None,
        Some("text/plain"),
        Some("multipart/form-data; boundary=x"),
        Some("application/xml"),
        Some("json"),
        Some(""),
    ];
    for kind in kinds {
        let answer = post(&client, "/register", kind, body.clone()).await;
        let error = json!({ "error": "the content type must be application/json or application/x-www-form-urlencoded", "code": "unsupported_media_type" });
        assert_eq!(answer.parts(), (415, error), "{kind:?}");
    }
    let fine = post(&client, "/register", Some("Application/JSON; charset=utf-8"), body).await;
    assert_eq!(fine.status, 201);
}

#[both_databases::test]
async fn bodies_up_to_16_kib_are_accepted_and_larger_ones_are_413(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    let kind = Some("application/json");
    assert_eq!(post(&client, "/register", kind, sized(MAX_BYTES)).await.status, 201);
    let error = json!({ "error": "the body is larger than 16 KiB", "code": "too_large" });
    for bytes in [MAX_BYTES + 1, 100_000, 10_000_000] {
        let answer = post(&client, "/register", kind, sized(bytes)).await;
        assert_eq!(answer.parts(), (413, error.clone()), "{bytes}");
    }
    let chunks = (0..1000).map(|_| Ok::<_, std::io::Error>("x".repeat(1000)));
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    assert_eq!(post(&client, "/register", kind, stream).await.parts(), (413, error));
}

#[both_databases::test]
async fn an_unread_body_does_not_break_the_connection(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    for path in ["/nowhere", "/blog/1"] {
        assert_eq!(post(&client, path, Some("application/json"), vec![b'x'; 10_000_000]).await.status, 401);
    }
    let signed_in = server.signed_in("ada").await;
    for (bytes, status) in [(MAX_BYTES, 405), (10_000_000, 413)] {
        assert_eq!(post(&signed_in, "/blog/1", Some("application/json"), vec![b'x'; bytes]).await.status, status);
    }
}

#[both_databases::test]
async fn numbers_of_any_size_are_reported_as_wrong_types(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    for number in ["0", "-1", "99999999999999999999999999999999", "1e308", "0.1", "true"] {
        let body = format!("{{\"username\":{number},\"password\":{number}}}");
        let answer = post(&client, "/login", Some("application/json"), body).await;
        let fields = json!({ "username": "must be a string", "password": "must be a string" });
        assert_eq!((answer.status, &answer.body["fields"]), (422, &fields), "{number}");
    }
}

#[both_databases::test]
async fn sql_in_a_name_is_only_a_name(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    for name in ["'; DROP TABLE users; --", "' OR '1'='1", "\" OR 1=1", "%", "_"] {
        let answer = client.post("/login", &json!({ "username": name, "password": PASSWORD })).await;
        assert_eq!(answer.code(), "user_not_found", "{name}");
    }
    client.register("'OR'1'='1").await;
    assert_eq!(client.login("'or'1'='1").await.body["id"], json!(1));
}

#[both_databases::test]
async fn json_that_is_sent_as_a_form_is_named_as_such(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let body = json!({ "username": "ada", "password": PASSWORD }).to_string();
    let error = json!({ "error": "the content type must be application/json for a JSON body", "code": "unsupported_media_type" });
    for path in ["/register", "/login"] {
        let answer = post(&server.client(), path, Some("application/x-www-form-urlencoded"), body.clone()).await;
        assert_eq!(answer.parts(), (415, error.clone()), "{path}");
    }
}

#[both_databases::test]
async fn malformed_http_gets_a_bare_400_and_is_disconnected(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let requests: [&[u8]; 6] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"HELLO\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ];
    for request in requests {
        let answer = raw(&server.address, request).await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{}: {answer}", String::from_utf8_lossy(request));
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    }
    assert_eq!(server.client().get("/healthz").await.parts(), (200, json!({ "status": "ok" })));
}

#[both_databases::test]
async fn a_truncated_body_changes_nothing(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let body = json!({ "username": "ada", "password": PASSWORD }).to_string();
    let head = format!(
        "POST /register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len() + 5
    );
    let cut = raw(&server.address, format!("{head}{body}").as_bytes()).await;
    assert!(cut.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{cut}");
    let client = server.client();
    assert_eq!(client.post("/login", &json!({ "username": "ada", "password": PASSWORD })).await.status, 404);
}

#[both_databases::test]
async fn an_oversized_request_head_is_refused(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(300_000));
    let answer = raw(&server.address, request.as_bytes()).await;
    assert!(!answer.contains("200 OK"), "{answer}");
    assert_eq!(server.client().get("/healthz").await.parts(), (200, json!({ "status": "ok" })));
    assert_eq!(server.client().get("/meter").await.body["code"], Value::from("login_required"));
}
