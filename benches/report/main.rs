//! How close the server comes to one that does nothing: a bare actix-web handler that returns the same bytes from
//! memory, in the same run, on the same cores, with the load generator beside it.
//!
//! The load comes from `wrk`, or from `hey` if its rate is fixed, so that neither side generates it. Each server runs
//! in a process of its own, one at a time. Rounds alternate, and medians are compared, so that a machine that slows
//! down slows down both. The results are printed and written to `docs/benchmark.md`.

#![expect(
    clippy::as_conversions,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people, which stops at the first fault"
)]

#[path = "../../tests/support/mod.rs"]
mod support;

mod callgrind;
mod floor;
mod instructions;
mod load;
mod logins;
mod nodes;
mod population;
mod resources;
mod rows;
mod server;
mod throughput;

use std::{env, fs, path::Path, time::Instant};

use floor::Floor;
use rows::Row;
use support::database::Kind;
use tollgate::base::clock::Clock;

const HEAD: &str = "# Benchmark

What tollgate costs compared with two servers that do less:

- *the floor*, a bare actix-web handler that returns the same bytes from memory
- *the floor behind actix-session*, the same handler behind the middleware for signed cookies and sessions, which are in memory. An application
  that has sessions on the server pays for it in any case

`cargo bench --bench report` measures them in turn on the same cores, which the load generator shares, and writes this page. A counted read is
synced to disk before its response is sent. Besides the count, it writes a row for `/reads`. Reads that wait at the same time share one commit,
and one row with their numbers, for `/stats`. A session check asks the database only if the session is not in [the
cache](operations/scaling.md#one-node): for its first request, about once a minute, and after a change.

Compare figures of one run only. The rates on [the page with other frameworks](benchmark-peers.md) are from another run with the same
requests, and a virtual machine is sometimes half as fast as an hour before. Ratios differ by about a tenth from run to run, and by more from
one machine to another. Instructions differ by a few percent at most.
";

fn main() {
    if let Some((floor, body)) = Floor::requested() {
        return floor.serve(body);
    }
    if env::args().any(|argument| argument == "instructions") {
        let is_within = actix_web::rt::System::new().block_on(instructions::check_budget());
        std::process::exit(if is_within { 0 } else { 1 });
    }
    if !load::has_programs() {
        eprintln!("this benchmark needs wrk and hey (Debian: apt-get install wrk hey)");
        std::process::exit(1);
    }
    let started = Instant::now();
    let rows = actix_web::rt::System::new().block_on(measure());
    let table = rows::table(&rows);
    println!("\n{table}\n\n{:.0} min", started.elapsed().as_secs_f64() / 60.0);
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let now = Clock::system().now().to_string();
    let cores = std::thread::available_parallelism().unwrap();
    let taken = format!("Taken on {}, on {cores} cores.", now.split('T').next().unwrap());
    fs::write(docs.join("benchmark.md"), format!("{HEAD}\n{taken}\n\n{table}\n")).unwrap();
}

async fn measure() -> Vec<Row> {
    let mut rows = Vec::new();
    add(&mut rows, throughput::on(Kind::Sqlite).await);
    add(&mut rows, throughput::of_a_million().await);
    add(&mut rows, throughput::on(Kind::Postgres).await);
    add(&mut rows, logins::floods().await);
    add(&mut rows, resources::measure().await);
    add(&mut rows, nodes::delays().await);
    add(&mut rows, instructions::count().await);
    rows
}

/// Prints the rows as well, so that a fault later in the run does not lose them.
fn add(rows: &mut Vec<Row>, measured: Vec<Row>) {
    eprintln!("{}", rows::table(&measured));
    rows.extend(measured);
}
