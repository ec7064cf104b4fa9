//! Memory, and the time to start.

use std::time::Instant;

use crate::{
    load, population,
    rows::{Row, median},
    server::Server,
    support::{
        client::Client,
        database::{Kind, TestDatabase},
    },
};

const STARTS: usize = 11;
const SESSIONS: usize = 100_000;

pub(crate) async fn measure() -> Vec<Row> {
    let Some(database) = TestDatabase::new(Kind::Sqlite) else { return Vec::new() };
    let cookies = population::fill(&database, SESSIONS, SESSIONS).await;
    let (mut times, mut idle) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let started = Instant::now();
        let server = Server::tollgate(&database, &[]);
        assert_eq!(Client::new(&server.address).get("/healthz").await.status, 200);
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        idle.push(server.memory());
    }

    let server = Server::tollgate(&database, &[]);
    let script = load::reading(database.folder(), &cookies);
    // Each of wrk's threads goes through all of them.
    while server.processor_time() < 10.0 {
        load::wrk(&server.address, "/check_session", &script, 32, 4);
    }
    let (start, idle, full) = (median(times), median(idle), server.memory());
    vec![
        Row::new("resident memory, idle", idle, " MiB", ""),
        Row::new("resident memory with 100,000 live cached sessions", full, " MiB", ""),
        Row::new("start to first response, existing database", start, " ms", ""),
    ]
}
