//! Requests a second beside a bare actix-web handler that returns the same bytes, in one run, as ratios.
//!
//! The load comes from `wrk`, so that neither side generates it. Servers run as processes of their own, one at a time,
//! on the same cores as `wrk`. Rounds take turns, and medians are compared: a machine that slows down slows down both.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people, which stops at the first fault"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use actix_web::{App, HttpResponse, HttpServer, web};

use support::{
    client::Client,
    database::{Kind, TestDatabase},
};

const ROUNDS: usize = 5;
const SECONDS: u32 = 4;
const CONNECTIONS: u32 = 32;
/// Reads of one user wait for each other in the database: a site has many.
const USERS: usize = 64;

fn main() {
    if let Some(body) = env::args().skip_while(|argument| argument != "floor").nth(1) {
        return floor(&body);
    }
    if Command::new("wrk").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("this benchmark needs wrk (Debian: apt-get install wrk)");
        std::process::exit(1);
    }
    println!(
        "{ROUNDS} rounds of {SECONDS} s, {CONNECTIONS} connections, {USERS} users; medians of requests a second; LOG_LEVEL=warn\n"
    );
    println!("| database | request | floor | tollgate | ratio |\n| --- | --- | ---: | ---: | ---: |");
    for kind in [Kind::Sqlite, Kind::Postgres] {
        if let Some(database) = TestDatabase::new(kind) {
            actix_web::rt::System::new().block_on(compare(&database));
        }
    }
}

/// The bare handler: the same bytes from memory, with as many workers as tollgate has.
fn floor(body: &str) {
    let body: &'static str = body.to_owned().leak();
    let handler = move || async move { HttpResponse::Ok().content_type("application/json").body(body) };
    let server = HttpServer::new(move || App::new().default_service(web::to(handler))).bind("127.0.0.1:0").unwrap();
    println!("listening on {}: open it", server.addrs().first().unwrap());
    actix_web::rt::System::new().block_on(server.run()).unwrap();
}

async fn compare(database: &TestDatabase) {
    let script = database.folder().join("cookies.lua");
    for path in ["/check_session", "/blog/1"] {
        let (mut floors, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let server = Server::tollgate(database);
            let body = sign_in(&server, &script, path).await;
            ours.push(wrk(&server.address, path, &script));
            drop(server);
            floors.push(wrk(&Server::floor(&body).address, path, &script));
        }
        let (floor, ours) = (median(floors), median(ours));
        println!("| {:?} | `GET {path}` | {floor:.0} | {ours:.0} | {:.2} |", database.kind, ours / floor);
    }
}

struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn tollgate(database: &TestDatabase) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        let settings = [
            ("DATABASE_URL", database.url.as_str()),
            ("SECRET_KEY", support::server::SECRET_KEY),
            ("PORT", "0"),
            ("BCRYPT_COST", "4"),
            ("READS_LIMIT", "4294967295"),
            // All readers register from one address.
            ("THROTTLE", "off"),
            // A line for each request measures the log, which the bare handler does not have.
            ("LOG_LEVEL", "warn"),
        ];
        command.env_clear().current_dir(database.folder()).envs(settings);
        Self::start(command)
    }

    fn floor(body: &str) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["floor", body]);
        Self::start(command)
    }

    /// Starts a server and reads where it listens.
    fn start(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on ").unwrap().split(": open").next().unwrap().to_owned();
        Self { process, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Signs all users in, writes a script that takes turns with their cookies, and returns the body of one answer.
async fn sign_in(server: &Server, script: &Path, path: &str) -> String {
    let mut cookies = Vec::new();
    for user in 0..USERS {
        let client = Client::new(&server.address).without_cookies();
        let name = format!("reader{user}");
        let body = serde_json::json!({ "username": name, "password": support::client::PASSWORD });
        client.post("/register", &body).await;
        let login = client.login(&name).await;
        cookies.push(format!("{:?}", login.header("set-cookie").unwrap().split(';').next().unwrap()));
    }
    fs::write(script, LUA.replace("COOKIES", &cookies.join(", "))).unwrap();
    let cookie = cookies.first().unwrap().trim_matches('"').to_owned();
    Client::new(&server.address).get_with(path, &[("cookie", &cookie)]).await.body.to_string()
}

/// Requests are made once, and only handed out while the clock runs.
const LUA: &str = r#"
local requests, turn = {}, 0
function init(args)
    for index, cookie in ipairs({ COOKIES }) do
        requests[index] = wrk.format("GET", nil, { ["Host"] = wrk.host, ["Cookie"] = cookie })
    end
end
function request()
    turn = turn % #requests + 1
    return requests[turn]
end
"#;

fn wrk(address: &str, path: &str, script: &Path) -> f64 {
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{SECONDS}s"), "-s"])
        .arg(script)
        .arg(format!("http://{address}{path}"))
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(!report.contains("Non-2xx") && !report.contains("Socket errors"), "{report}");
    let rate = report.lines().find_map(|line| line.strip_prefix("Requests/sec:")).unwrap();
    rate.trim().parse().unwrap()
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    *rates.get(rates.len() / 2).unwrap()
}
