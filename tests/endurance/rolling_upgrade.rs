//! A rolling upgrade on PostgreSQL: a newer version expands the schema, and the nodes are replaced one after another.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use actix_web::rt::{
    spawn,
    task::{spawn_blocking, yield_now},
    time::timeout,
};
use futures_util::future::join_all;
use rustix::process::Signal;
use serde_json::json;

use crate::support::{
    client::{Client, PASSWORD},
    database::{Kind, TestDatabase},
    fixtures::TIMEOUT,
    newer_version::{EXPANDING, migrate},
    process::Process,
};

const READERS: usize = 12;

/// A proxy that knows in advance when a node stops, as from `/readyz`. Without retries, so that every failure is
/// visible.
#[derive(Default)]
struct Proxy {
    nodes: [Node; 2],
    next: AtomicUsize,
    answered: AtomicUsize,
    is_over: AtomicBool,
}

#[derive(Default)]
struct Node {
    address: std::sync::RwLock<String>,
    is_in_rotation: AtomicBool,
    in_flight: AtomicUsize,
}

impl Proxy {
    /// Sends a request to a node that is in rotation.
    async fn pass<T>(&self, client: &Client, request: impl AsyncFn(Client) -> T) -> T {
        loop {
            let node = &self.nodes[self.next.fetch_add(1, Ordering::SeqCst) % self.nodes.len()];
            node.in_flight.fetch_add(1, Ordering::SeqCst);
            // Checked after the request is counted, because a draining node waits for the counted ones.
            let answer = match node.is_in_rotation.load(Ordering::SeqCst) {
                true => {
                    let address = node.address.read().unwrap().clone();
                    Some(request(client.at(&address)).await)
                }
                false => None,
            };
            node.in_flight.fetch_sub(1, Ordering::SeqCst);
            if let Some(answer) = answer {
                self.answered.fetch_add(1, Ordering::SeqCst);
                return answer;
            }
        }
    }

    async fn until_answered(&self, more: usize) {
        let until = self.answered.load(Ordering::SeqCst) + more;
        let answered = async {
            while self.answered.load(Ordering::SeqCst) < until {
                yield_now().await;
            }
        };
        timeout(2 * TIMEOUT, answered).await.expect("nothing is answered any more");
    }

    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::SeqCst)
    }
}

impl Node {
    fn put_in_rotation(&self, process: &Process) {
        self.address.write().unwrap().clone_from(&process.address);
        self.is_in_rotation.store(true, Ordering::SeqCst);
    }

    async fn drain(&self) {
        self.is_in_rotation.store(false, Ordering::SeqCst);
        while self.in_flight.load(Ordering::SeqCst) > 0 {
            yield_now().await;
        }
    }
}

async fn read(proxy: Arc<Proxy>, client: Client) -> i64 {
    let mut reads = 0;
    while proxy.goes_on() {
        for path in ["/blog/1", "/check_session", "/meter", "/blog"] {
            let answer = proxy.pass(&client, async |client| client.get(path).await).await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
        }
        reads += 1;
    }
    reads
}

async fn register(proxy: Arc<Proxy>, client: Client, number: usize) {
    let mut count = 0;
    while proxy.goes_on() {
        let person = json!({ "username": format!("new{number}-{count}"), "password": PASSWORD });
        let registered = proxy.pass(&client, async |client| client.post("/register", &person).await).await;
        assert_eq!(registered.status, 201, "{registered:?}");
        let signed_in = proxy.pass(&client, async |client| client.post("/login", &person).await).await;
        assert_eq!(signed_in.status, 200, "{signed_in:?}");
        count += 1;
    }
}

#[actix_web::test]
async fn a_rolling_upgrade_under_load_fails_no_request_and_loses_no_read() {
    let Some(database) = TestDatabase::new(Kind::Postgres) else { return };
    let settings = Arc::new([
        ("DATABASE_URL", database.url.clone()),
        ("SECRET_KEY", "k".repeat(64)),
        ("SEED_DEMO", "true".to_owned()),
        ("READS_LIMIT", "1000000".to_owned()),
    ]);
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    // On another thread: this one generates the load.
    let start = async |number: usize| {
        let (folder, settings) = (folders[number].path().to_owned(), settings.clone());
        let start = move || Process::start(&folder, &settings.each_ref().map(|(name, value)| (*name, value.as_str())));
        spawn_blocking(start).await.unwrap()
    };
    let mut processes = [start(0).await, start(1).await];
    let proxy = Arc::new(Proxy::default());
    proxy.nodes.iter().zip(&processes).for_each(|(node, process)| node.put_in_rotation(process));

    let readers = join_all((0..READERS).map(async |number| {
        let (client, name) = (processes[0].client(), format!("reader{number}"));
        client.register(&name).await;
        client.login(&name).await;
        client
    }))
    .await;
    let reads: Vec<_> = readers.iter().map(|client| spawn(read(proxy.clone(), client.clone()))).collect();
    let registrations: Vec<_> =
        (0..2).map(|number| spawn(register(proxy.clone(), processes[0].client(), number))).collect();
    proxy.until_answered(300).await;

    // The first node of the newer version migrates the schema while the nodes of this version serve.
    migrate(&database.open().await, EXPANDING).await;
    proxy.until_answered(300).await;
    for (number, node) in proxy.nodes.iter().enumerate() {
        node.drain().await;
        processes[number].signal(Signal::TERM);
        let mut stopped = std::mem::replace(&mut processes[number], start(number).await);
        let status = spawn_blocking(move || stopped.wait()).await.unwrap();
        assert!(status.success(), "{status}");
        node.put_in_rotation(&processes[number]);
        proxy.until_answered(300).await;
    }
    proxy.is_over.store(true, Ordering::SeqCst);
    let counted = timeout(2 * TIMEOUT, join_all(reads)).await.expect("a reader hangs");
    for registered in timeout(2 * TIMEOUT, join_all(registrations)).await.expect("a registration hangs") {
        registered.unwrap();
    }

    for (client, counted) in readers.iter().zip(counted) {
        let meter = client.at(&processes[1].address).get("/meter").await.body;
        assert_eq!(meter["used"], json!(counted.unwrap()), "{meter}");
    }
}
