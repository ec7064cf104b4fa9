//! Requests per second and processor time per request, compared with the bare handler.

use crate::{
    floor::Floor,
    load::{self, Load},
    population,
    rows::{Row, median},
    server::Server,
    support::{
        client::Client,
        database::{Kind, TestDatabase},
    },
};

const ROUNDS: usize = 5;
const SECONDS: u32 = 3;
/// Many, as a site has: reads of one user wait for each other in the database.
const USERS: usize = population::MOST_KNOWN;
const MANY: usize = 1_000_000;

const CHECK: &str = "/check_session";
const READ: &str = "/blog/1";

/// Measurements of a server in one round.
#[derive(Clone, Copy)]
struct Round {
    rate: f64,
    /// Microseconds of processor time per request.
    cost: f64,
    /// Bytes written per request.
    written: f64,
}

/// Medians of all rounds.
struct Compared {
    ours: Round,
    floor: Round,
    behind_sessions: Round,
}

pub(crate) async fn on(kind: Kind) -> Vec<Row> {
    let Some(database) = TestDatabase::new(kind) else { return Vec::new() };
    if kind == Kind::Postgres {
        sync_to_disk(&database).await;
    }
    let cookies = population::fill(&database, USERS, USERS).await;
    let mut rows = Vec::new();
    for (path, name) in [(CHECK, "`GET /check_session`"), (READ, "`GET /blog/1`, counted")] {
        for connections in [32, 256] {
            let what = format!("{name}, {kind}, {connections} connections");
            let compared = compare(&database, &cookies, path, connections).await;
            rows.extend(compared.rows(&what));
            // PostgreSQL writes in processes of its own.
            if (kind, path) == (Kind::Sqlite, READ) {
                let written = compared.ours.written / 1024.0;
                rows.push(Row::new(format!("{what}: written to the disk"), written, " KiB", "per request"));
            }
        }
    }
    rows
}

/// The same with many users and sessions, compared with few.
pub(crate) async fn of_a_million() -> Vec<Row> {
    let mut databases = Vec::new();
    for users in [USERS, MANY] {
        let Some(database) = TestDatabase::new(Kind::Sqlite) else { return Vec::new() };
        let cookies = population::fill(&database, users, USERS).await;
        let script = load::reading(database.folder(), &cookies);
        databases.push((database, script));
    }
    let compare = |path| {
        let mut rates = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for ((database, script), rates) in databases.iter().zip(&mut rates) {
                rates.push(measure(&Server::tollgate(database, &[]), path, script, 256).rate);
            }
        }
        let [few, many] = rates.map(median);
        let what = format!("`GET {path}`, SQLite, {MANY} users and sessions compared with {USERS}");
        Row::new(what, many / few, " ×", format!("{many:.0}/s vs. {few:.0}/s"))
    };
    [CHECK, READ].map(compare).into()
}

/// The server of the tests does not wait for the disk; the one that is measured does.
async fn sync_to_disk(database: &TestDatabase) {
    let db = database.open().await;
    let settings = |connection: &mut _| crate::support::database::execute(connection, "ALTER SYSTEM SET fsync = on");
    // This statement cannot run in a transaction, and `Db::read` does not start one.
    db.read(settings).await.unwrap();
    database.execute("SELECT pg_reload_conf()").await;
}

async fn compare(database: &TestDatabase, cookies: &[String], path: &str, connections: u32) -> Compared {
    let script = load::reading(database.folder(), cookies);
    let (mut ours, mut floors, mut behind_sessions) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let server = Server::tollgate(database, &[]);
        let cookie = cookies.first().unwrap();
        let body = Client::new(&server.address).get_with(path, &[("cookie", cookie)]).await.body.to_string();
        ours.push(measure(&server, path, &script, connections));
        drop(server);
        for (floor, rounds) in [(Floor::Bare, &mut floors), (Floor::BehindSessions, &mut behind_sessions)] {
            rounds.push(measure(&Server::start(floor.command(&body)), path, &script, connections));
        }
    }
    let [ours, floor, behind_sessions] = [ours, floors, behind_sessions].map(|rounds| Round::median(&rounds));
    Compared { ours, floor, behind_sessions }
}

fn measure(server: &Server, path: &str, script: &std::path::Path, connections: u32) -> Round {
    // Caches, pools and the processor's clock are warm in a server that has run for a while.
    load::wrk(&server.address, path, script, connections, 1);
    let (time, bytes) = (server.processor_time(), server.bytes_written());
    let Load { rate, requests } = load::wrk(&server.address, path, script, connections, SECONDS);
    let cost = (server.processor_time() - time) / requests * 1e6;
    Round { rate, cost, written: (server.bytes_written() - bytes) / requests }
}

impl Round {
    fn median(rounds: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(rounds.iter().map(figure).collect());
        Self { rate: of(|round| round.rate), cost: of(|round| round.cost), written: of(|round| round.written) }
    }
}

impl Compared {
    fn rows(&self, what: &str) -> Vec<Row> {
        let Self { ours, floor, behind_sessions } = self;
        let rates = format!("{:.0}/s vs. {:.0}/s", ours.rate, floor.rate);
        let cost = |of: &str, other: &Round| {
            let from = format!("{:.1} µs vs. {:.1} µs", ours.cost, other.cost);
            Row::new(format!("{what}: CPU time relative to {of}"), ours.cost / other.cost, " ×", from)
        };
        vec![
            Row::new(format!("{what}: rate relative to the floor"), ours.rate / floor.rate, " ×", rates),
            cost("the floor", floor),
            cost(&Floor::BehindSessions.to_string(), behind_sessions),
        ]
    }
}
