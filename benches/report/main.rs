//! How close the server comes to one that does nothing: a bare actix-web handler that returns the same bytes from
//! memory, in the same run, on the same cores, with the load generator beside it.
//!
//! The load comes from `wrk`, or from `hey` if its rate is fixed, so that neither side generates it. Each server runs
//! in a process of its own, one at a time. Rounds alternate, and medians are compared, so that a machine that slows
//! down slows down both. The results are printed and written to `docs/benchmark.md` and `docs/benchmark.svg`.

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
mod chart;
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

const HEAD: &str = "# Benchmark

For people who judge tollgate's speed: what it costs compared with a bare actix-web handler.

![Each figure as a bar, with marks for the required value and the target](benchmark.svg)

`cargo bench --bench report` writes this page and the picture. The floor is a bare actix-web handler that returns the same bytes
from memory, in the same run and on the same cores, which the load generator shares. The floor behind actix-session is the same handler
behind the middleware that any application with signed cookies and sessions on the server has, with its sessions in memory. The figures here are from two cores of a
virtual machine. Ratios differ by about a tenth from run to run, and by more from one machine to another; instructions do not. A figure
marked with ✗ misses the required value.

A counted read is synced to disk before it is answered. Besides the count, it writes a row of its own, for `/reads`. Reads that wait at the
same time share one commit, and one row with their numbers, for `/stats`. A session check asks the database only if the session is not in
[the cache](operations/scaling.md#one-node): for its first request, about once a minute, and after a change.
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
    fs::write(docs.join("benchmark.svg"), chart::draw(&rows)).unwrap();
    fs::write(docs.join("benchmark.md"), format!("{HEAD}\n{table}\n")).unwrap();
}

async fn measure() -> Vec<Row> {
    let mut rows = Vec::new();
    add(&mut rows, throughput::on(Kind::Sqlite).await);
    add(&mut rows, throughput::of_a_million().await);
    add(&mut rows, throughput::on(Kind::Postgres).await);
    add(&mut rows, logins::flood().await);
    add(&mut rows, resources::measure().await);
    add(&mut rows, nodes::delays().await);
    add(&mut rows, instructions::count().await);
    rows
}

/// Prints the rows too, so that a fault later in the run does not lose them.
fn add(rows: &mut Vec<Row>, measured: Vec<Row>) {
    eprintln!("{}", rows::table(&measured));
    rows.extend(measured);
}
