//! Pipelined requests in every order.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{
    client::{Client, PASSWORD},
    database::TestDatabase,
    fixtures::TIMEOUT,
    server::TestServer,
};

/// A kind of request with a known response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Read,
    Head,
    /// Waits for the database.
    Meter,
    /// Has a body, and waits for a password to be checked.
    Login,
    /// The same with a chunked body.
    ChunkedLogin,
}

use Sent::{ChunkedLogin, Head, Login, Meter, Read};

impl Sent {
    fn bytes(self, cookie: &str) -> String {
        let body = json!({ "username": "ada", "password": "not her password" }).to_string();
        let line = match self {
            Read => "GET /blog/1",
            Head => "HEAD /blog/1",
            Meter => "GET /meter",
            // Sent without the session, which a login would end.
            Login | ChunkedLogin => "POST /login",
        };
        let rest = match self {
            Read | Head | Meter => format!("Cookie: {cookie}\r\n\r\n"),
            Login => format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
            ChunkedLogin => format!(
                "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
                &body[..1],
                body.len() - 1,
                &body[1..]
            ),
        };
        format!("{line} HTTP/1.1\r\nHost: localhost\r\n{rest}")
    }
}

struct Response {
    status: u16,
    length: Option<usize>,
    body: String,
}

/// A connection whose responses are read one by one.
struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    async fn open(server: &TestServer) -> Self {
        Self { stream: TcpStream::connect(&server.address).await.unwrap(), received: Vec::new() }
    }

    async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// The next response. What follows a body of wrong length would not look like one.
    async fn response(&mut self, has_body: bool) -> Response {
        let head = loop {
            match self.received.windows(4).position(|end| end == b"\r\n\r\n") {
                Some(end) => break String::from_utf8(self.received.drain(..end + 4).collect()).unwrap(),
                None => self.receive().await,
            }
        };
        let status = head.strip_prefix("HTTP/1.1 ").unwrap()[..3].parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map(|it| it.parse().unwrap());
        let body_length = if has_body { length.unwrap() } else { 0 };
        while self.received.len() < body_length {
            self.receive().await;
        }
        let body = String::from_utf8(self.received.drain(..body_length).collect()).unwrap();
        Response { status, length, body }
    }

    async fn receive(&mut self) {
        let read = timeout(TIMEOUT, self.stream.read_buf(&mut self.received)).await.unwrap().unwrap();
        assert!(read > 0, "hung up: {}", String::from_utf8_lossy(&self.received));
    }

    /// The rest, until the server disconnects, which it must.
    async fn rest(mut self) -> String {
        timeout(TIMEOUT, self.stream.read_to_end(&mut self.received)).await.unwrap().unwrap();
        String::from_utf8(self.received).unwrap()
    }
}

/// A reader with many reads, and the post that is read.
struct Reader {
    client: Client,
    cookie: String,
    post: String,
}

impl Reader {
    async fn new(server: &TestServer) -> Self {
        let client = server.client();
        client.register("ada").await;
        let cookie = client.login("ada").await.cookie();
        let post = client.request(reqwest::Method::GET, "/blog/1").send().await.unwrap().text().await.unwrap();
        Self { client, cookie, post }
    }

    async fn used(&self) -> i64 {
        self.client.get("/meter").await.body["used"].as_i64().unwrap()
    }

    /// Asserts the responses to these requests, and that the meter has counted the reads among them.
    async fn assert_responses(&self, connection: &mut Connection, sent: &[Sent], used: i64) {
        let mut used = used;
        for (number, one) in sent.iter().enumerate() {
            let Response { status, length, body } = connection.response(*one != Head).await;
            let is_right = match one {
                Read => {
                    used += 1;
                    (status, &body) == (200, &self.post)
                }
                Head => (status, length) == (200, None),
                Meter => status == 200 && body.contains(&format!("\"used\":{used},")),
                Login | ChunkedLogin => status == 400 && body.contains("incorrect_password"),
            };
            assert!(is_right, "response {number} to {sent:?}: {status} {length:?} {body}");
        }
        assert_eq!(self.used().await, used, "{sent:?}");
    }
}

fn orders() -> impl Iterator<Item = [Sent; 3]> {
    let all = [Read, Head, Meter, Login, ChunkedLogin];
    all.into_iter().flat_map(move |a| all.into_iter().flat_map(move |b| all.into_iter().map(move |c| [a, b, c])))
}

const MANY_READS: (&str, &str) = ("READS_LIMIT", "100000");

#[both_databases::test]
async fn pipelined_requests_in_every_order_are_answered_in_order(database: TestDatabase) {
    let server = TestServer::with(database, &[MANY_READS]).await;
    let reader = Reader::new(&server).await;
    for sent in orders() {
        let (mut connection, used) = (Connection::open(&server).await, reader.used().await);
        connection.send(&sent.map(|one| one.bytes(&reader.cookie)).concat()).await;
        reader.assert_responses(&mut connection, &sent, used).await;
    }
}

#[both_databases::test]
async fn requests_that_arrive_in_parts_are_answered_in_order(database: TestDatabase) {
    let server = TestServer::with(database, &[MANY_READS]).await;
    let reader = Reader::new(&server).await;
    let sent = [Meter, Head, Read, Login, Head, ChunkedLogin, Read, Head];
    let text = sent.map(|one| one.bytes(&reader.cookie)).concat();
    for size in [1, 7, 64, 100, 333] {
        let (mut connection, used) = (Connection::open(&server).await, reader.used().await);
        connection.stream.set_nodelay(true).unwrap();
        for part in text.as_bytes().chunks(size) {
            connection.send(str::from_utf8(part).unwrap()).await;
            tokio::task::yield_now().await;
        }
        reader.assert_responses(&mut connection, &sent, used).await;
    }
}

#[both_databases::test]
async fn pipelining_a_hundred_posts_does_not_evade_the_meter(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let reader = Reader::new(&server).await;
    let sent: Vec<_> = [Meter, Head].into_iter().cycle().take(200).collect();
    let mut connection = Connection::open(&server).await;
    connection.send(&sent.iter().map(|one| one.bytes(&reader.cookie)).collect::<String>()).await;
    reader.assert_responses(&mut connection, &sent, 1).await;
}

#[both_databases::test]
async fn nothing_after_connection_close_is_answered(database: TestDatabase) {
    let server = TestServer::with(database, &[MANY_READS]).await;
    let reader = Reader::new(&server).await;
    let mut connection = Connection::open(&server).await;
    let last = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    connection.send(&[&Meter.bytes(&reader.cookie), last, &Read.bytes(&reader.cookie)].concat()).await;
    assert_eq!(connection.response(true).await.status, 200);
    let rest = connection.rest().await;
    assert!(rest.starts_with("HTTP/1.1 200 OK") && rest.ends_with("{\"status\":\"ok\"}"), "{rest}");
    assert_eq!(reader.used().await, 1);
}

#[both_databases::test]
async fn a_malformed_second_request_is_400_after_the_first_response(database: TestDatabase) {
    let server = TestServer::with(database, &[MANY_READS]).await;
    let reader = Reader::new(&server).await;
    let mut connection = Connection::open(&server).await;
    connection.send(&[&Read.bytes(&reader.cookie), "HELLO\r\n\r\n", &Read.bytes(&reader.cookie)].concat()).await;
    reader.assert_responses(&mut connection, &[Read], 1).await;
    assert!(connection.rest().await.starts_with("HTTP/1.1 400 Bad Request\r\n"));
    assert_eq!(reader.used().await, 2);
}

#[both_databases::test]
async fn a_client_that_closes_its_side_gets_every_response(database: TestDatabase) {
    let server = TestServer::with(database, &[MANY_READS]).await;
    let reader = Reader::new(&server).await;
    let mut connection = Connection::open(&server).await;
    let sent = [Meter, Head, Read];
    connection.send(&sent.map(|one| one.bytes(&reader.cookie)).concat()).await;
    connection.stream.shutdown().await.unwrap();
    reader.assert_responses(&mut connection, &sent, 1).await;
    assert_eq!(connection.rest().await, "");
}

#[both_databases::test]
async fn a_second_request_gets_100_continue_before_its_body(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.client().register("ada").await;
    let mut connection = Connection::open(&server).await;
    let body = json!({ "username": "ada", "password": PASSWORD }).to_string();
    let head = format!(
        "POST /login HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    connection.send(&["HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", &head].concat()).await;
    assert_eq!(connection.response(false).await.status, 200);
    assert_eq!(connection.response(false).await.status, 100);
    connection.send(&body).await;
    let login = connection.response(true).await;
    assert!(login.status == 200 && login.body.contains("\"username\":\"ada\""), "{}", login.body);
}
