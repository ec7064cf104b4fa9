//! Instructions per request, by callgrind (Debian: `apt-get install valgrind`). Unlike times, they hardly differ from one run
//! to the next, so that a budget of them shows what rates are too noisy to show.

use std::{
    collections::HashMap,
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    callgrind::Counted,
    floor::Floor,
    population,
    rows::Row,
    server::Server,
    support::{
        client::Client,
        database::{Kind, TestDatabase},
    },
};

/// Before the requests that are counted, so that caches are warm.
const WARM_UP: usize = 200;
const REQUESTS: usize = 2000;

/// How far below its budget a kind of request may be before the budget has to follow.
const SLACK: f64 = 0.03;

/// A kind of request. Its name is its key in `benches/budget.toml`.
struct Case {
    name: &'static str,
    path: &'static str,
    origin: Option<&'static str>,
    settings: &'static [(&'static str, &'static str)],
    /// By how much it may exceed its budget.
    tolerance: f64,
}

const CHECK: Case =
    Case { name: "session_check", path: "/check_session", origin: None, settings: &[], tolerance: 0.02 };

const CASES: [Case; 5] = [
    CHECK,
    Case { name: "session_check_with_origin", origin: Some("http://localhost:5173"), ..CHECK },
    Case { name: "session_check_logged_as_text", settings: &[("LOG_LEVEL", "info")], ..CHECK },
    Case { name: "session_check_logged_as_json", settings: &[("LOG_LEVEL", "info"), ("LOG_FORMAT", "json")], ..CHECK },
    // One connection, so that each read is a batch of its own.
    Case { name: "counted_read", path: "/blog/1", tolerance: 0.04, ..CHECK },
];

/// What one request costs.
struct Cost {
    instructions: f64,
    allocations: f64,
    clock_reads: f64,
}

/// The rows of the report. None without valgrind.
pub(crate) async fn count() -> Vec<Row> {
    if !is_installed() {
        return Vec::new();
    }
    let mut rows = Vec::new();
    for case in &CASES {
        let ours = a_request(case).await;
        let what = case.name.replace('_', " ");
        for floor in Floor::ALL {
            let least = least(case, floor).await.instructions;
            let from = format!("{:.0} vs. {least:.0}", ours.instructions);
            let what = format!("{what}: instructions relative to {floor}");
            rows.push(Row::new(what, ours.instructions / least, " ×", from));
        }
    }
    rows
}

/// Compares each kind of request with its budget, and prints what it costs. Returns whether all are within it.
pub(crate) async fn check_budget() -> bool {
    assert!(is_installed(), "valgrind is not installed");
    let budget = budget();
    let mut is_within = true;
    for case in &CASES {
        assert!(budget.contains_key(case.name), "{} has no budget", case.name);
        let allowed = *budget.get(case.name).unwrap();
        let cost = a_request(case).await;
        let excess = cost.instructions / allowed - 1.0;
        let verdict = if excess > case.tolerance {
            is_within = false;
            "above the budget: make it cheaper, or raise the budget and say in the commit what costs how much"
        } else if excess < -SLACK {
            "below the budget: lower it"
        } else {
            "within the budget"
        };
        println!("{:30} {cost}; {:+.1} % of {allowed:.0}: {verdict}", case.name, excess * 100.0);
    }
    for floor in Floor::ALL {
        println!("{:30} {}", floor.to_string(), least(&CHECK, floor).await);
    }
    is_within
}

fn is_installed() -> bool {
    Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok()
}

fn budget() -> HashMap<String, f64> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/budget.toml");
    toml::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// The cost of one request, from the difference that many more make.
async fn a_request(case: &Case) -> Cost {
    let (database, cookie) = population().await;
    let command = || Server::command(&database, case.settings);
    let few = all(command(), case, &cookie, WARM_UP).await;
    let many = all(command(), case, &cookie, WARM_UP + REQUESTS).await;
    Cost::of_each(&few, &many, Counted::net)
}

/// The cost of the same response from a handler that does nothing.
async fn least(case: &Case, floor: Floor) -> Cost {
    let (database, cookie) = population().await;
    let server = Server::tollgate(&database, &[]);
    let body = Client::new(&server.address).get_with(case.path, &[("cookie", &cookie)]).await.body.to_string();
    drop(server);
    let few = all(floor.command(&body), case, &cookie, WARM_UP).await;
    let many = all(floor.command(&body), case, &cookie, WARM_UP + REQUESTS).await;
    Cost::of_each(&few, &many, if floor == Floor::Bare { |counted| Ok(counted.net_if_any()) } else { Counted::net })
}

async fn population() -> (TestDatabase, String) {
    let database = TestDatabase::new(Kind::Sqlite).unwrap();
    let cookies = population::fill(&database, 64, 1).await;
    (database, cookies.into_iter().next().unwrap())
}

/// Starts a server under callgrind and sends it requests, one after the other on one connection.
async fn all(server: Command, case: &Case, cookie: &str, requests: usize) -> Counted {
    let folder = tempfile::TempDir::new().unwrap();
    let counts = folder.path().join("callgrind");
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", &format!("--callgrind-out-file={}", counts.display())]);
    command.arg(format!("--log-file={}", folder.path().join("log").display()));
    command.arg(server.get_program()).args(server.get_args()).stderr(Stdio::null());
    if let Some(folder) = server.get_current_dir() {
        command.current_dir(folder);
    }
    command.envs(server.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let server = Server::start(command);
    let client = Client::new(&server.address).with_headers(&[("cookie", cookie)]);
    for _ in 0..requests {
        let request = client.request(reqwest::Method::GET, case.path);
        let request = case.origin.into_iter().fold(request, |request, origin| request.header("origin", origin));
        // Not checked against openapi.yaml: the floor does not follow it.
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.bytes().await.unwrap();
    }
    server.stop();
    Counted::parse(&fs::read_to_string(counts).unwrap())
}

impl Cost {
    fn of_each(few: &Counted, many: &Counted, net: fn(&Counted) -> Result<f64, &'static str>) -> Self {
        let net = |counted| {
            let net = net(counted);
            assert!(net.is_ok(), "no function with {net:?} in its name was called");
            net.unwrap()
        };
        let of_each = |few: f64, many: f64| (many - few) / REQUESTS as f64;
        Self {
            instructions: of_each(net(few), net(many)),
            allocations: of_each(few.allocations, many.allocations),
            clock_reads: of_each(few.clock_reads, many.clock_reads),
        }
    }
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { instructions, allocations, clock_reads } = self;
        write!(f, "{instructions:7.0} instructions, {allocations:5.1} allocations, {clock_reads:4.1} clock reads")
    }
}
