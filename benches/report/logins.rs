//! A flood of logins at the default cost: how it delays readers, and how many logins succeed.

use std::time::Instant;

use crate::{
    load::{self, ACCOUNTS, Flood, Load},
    rows::{Row, median},
    server::Server,
    support::{
        client::{Client, PASSWORD},
        database::{Kind, TestDatabase},
    },
};

const COST: u32 = 12;
/// As many as may wait for a network (16) and in total (`HASH_QUEUE`, 64): more would measure how fast logins are refused.
const FLOODS: [(&str, Flood); 2] = [
    ("16 clients of one network", Flood { connections: 16, networks: 1 }),
    ("64 clients of 64 networks", Flood { connections: 64, networks: 64 }),
];
const SECONDS: u32 = 12;
const ROUNDS: usize = 3;

pub(crate) async fn floods() -> Vec<Row> {
    let Some(database) = TestDatabase::new(Kind::Sqlite) else { return Vec::new() };
    let server = Server::tollgate(&database, &[("TRUSTED_PROXIES", "127.0.0.1")]);
    let client = Client::new(&server.address);
    for number in 1..=ACCOUNTS {
        client.register(&format!("ada{number}")).await;
    }
    // Another user, because the sessions of one user are limited: the logins would end it.
    client.register("reader").await;
    let cookie = client.login("reader").await.cookie();
    FLOODS.into_iter().flat_map(|flood| measure(&server.address, &database, &cookie, flood)).collect()
}

fn measure(address: &str, database: &TestDatabase, cookie: &str, (clients, flood): (&str, Flood)) -> [Row; 2] {
    let threads = std::thread::available_parallelism().unwrap().get();
    let (mut idle, mut flooded, mut shares, mut rates) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        idle.push(load::paced(address, "/check_session", cookie, SECONDS));
        let possible = threads as f64 / time_of_a_hash();
        let logins = load::log_in(address, database.folder(), flood, SECONDS);
        flooded.push(load::paced(address, "/check_session", cookie, SECONDS - 2));
        let Load { rate, .. } = load::finish(logins);
        rates.push(rate);
        shares.push(rate / possible);
    }
    let (idle, flooded, rate) = (median(idle), median(flooded), median(rates));
    let what = format!("p99 of `/check_session` at 200/s while {clients} log in, compared with idle");
    let p99 = Row::new(what, flooded / idle, " ×", format!("{flooded:.1} ms vs. {idle:.1} ms"));
    let what = format!("logins per second of {clients} at cost {COST}, relative to the capacity of the hash threads");
    [p99, Row::new(what, median(shares), "", format!("{rate:.1}/s with {threads} threads"))]
}

/// Seconds per hash, with as many at once as the server computes: cores that share a clock slow each other down.
fn time_of_a_hash() -> f64 {
    let threads = std::thread::available_parallelism().unwrap().get();
    let hash = || {
        let started = Instant::now();
        for _ in 0..4 {
            bcrypt::hash(PASSWORD, COST).unwrap();
        }
        started.elapsed().as_secs_f64() / 4.0
    };
    let running: Vec<_> = (0..threads).map(|_| std::thread::spawn(hash)).collect();
    median(running.into_iter().map(|thread| thread.join().unwrap()).collect())
}
