//! A flood of logins at the default cost: how it delays readers, and how many logins succeed.

use std::time::Instant;

use crate::{
    load::{self, Load},
    rows::{Row, median},
    server::Server,
    support::{
        client::{Client, PASSWORD},
        database::{Kind, TestDatabase},
    },
};

const COST: u32 = 12;
/// As many as may wait per network: more would measure how fast logins are refused.
const CLIENTS: u32 = 16;
const SECONDS: u32 = 12;
const ROUNDS: usize = 3;

pub(crate) async fn flood() -> Vec<Row> {
    let Some(database) = TestDatabase::new(Kind::Sqlite) else { return Vec::new() };
    let threads = std::thread::available_parallelism().unwrap().get();
    let server = Server::tollgate(&database, &[]);
    let client = Client::new(&server.address);
    client.register("ada").await;
    // Another user, because the sessions of one user are limited: ada's logins would end it.
    client.register("reader").await;
    let cookie = client.login("reader").await.cookie();

    let (mut idle, mut flooded, mut shares, mut rates) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        idle.push(load::paced(&server.address, "/check_session", &cookie, SECONDS));
        let possible = threads as f64 / time_of_a_hash();
        let logins = load::log_in(&server.address, database.folder(), "ada", CLIENTS, SECONDS);
        flooded.push(load::paced(&server.address, "/check_session", &cookie, SECONDS - 2));
        let Load { rate, .. } = load::finish(logins);
        rates.push(rate);
        shares.push(rate / possible);
    }
    let (idle, flooded, rate) = (median(idle), median(flooded), median(rates));
    let what = format!("p99 of `/check_session` at 200/s while {CLIENTS} clients log in, compared with idle");
    let p99 = Row::new(what, flooded / idle, " ×", format!("{flooded:.1} ms vs. {idle:.1} ms"));
    let what = format!("logins per second at cost {COST}, relative to the capacity of the hash threads");
    vec![p99, Row::new(what, median(shares), "", format!("{rate:.1}/s with {threads} threads"))]
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
