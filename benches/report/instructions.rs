//! Instructions per request, by callgrind (Debian: `apt-get install valgrind`). Unlike times, they hardly differ from one run
//! to the next, so that a budget of them shows what rates are too noisy to show.
//!
//! They are net: without SHA-256, which processors have in hardware and valgrind does not, and without `memset`, which is one
//! instruction or thousands depending on the processor.

use std::{
    collections::HashMap,
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    population,
    rows::Row,
    server::Server,
    support::{
        client::Client,
        database::{Kind, TestDatabase},
    },
};

const REQUESTS: usize = 2000;

/// What is left out, by parts of the names of functions. Each must be found, or the figures are not net.
const NOT_COUNTED: [&str; 2] = ["sha256", "memset"];

/// A kind of request. Its name is its key in `benches/budget.toml`.
struct Case {
    name: &'static str,
    path: &'static str,
    origin: Option<&'static str>,
    settings: &'static [(&'static str, &'static str)],
    /// By how much of its budget it may differ from one build to the next.
    tolerance: f64,
}

const CASES: [Case; 5] = [
    Case { name: "session_check", path: "/check_session", origin: None, settings: &[], tolerance: 0.02 },
    Case {
        name: "session_check_with_origin",
        path: "/check_session",
        origin: Some("http://localhost:5173"),
        settings: &[],
        tolerance: 0.02,
    },
    Case {
        name: "session_check_logged_as_text",
        path: "/check_session",
        origin: None,
        settings: &[("LOG_LEVEL", "info")],
        tolerance: 0.02,
    },
    Case {
        name: "session_check_logged_as_json",
        path: "/check_session",
        origin: None,
        settings: &[("LOG_LEVEL", "info"), ("LOG_FORMAT", "json")],
        tolerance: 0.02,
    },
    // One connection, so that each read is a batch of its own.
    Case { name: "counted_read", path: "/blog/1", origin: None, settings: &[], tolerance: 0.04 },
];

/// The rows of the report. None without valgrind.
pub(crate) async fn count() -> Vec<Row> {
    if !is_installed() {
        return Vec::new();
    }
    let mut rows = Vec::new();
    for case in &CASES {
        let (ours, floor) = (a_request(case).await, floor(case).await);
        let what = format!("{}: instructions relative to the floor", case.name.replace('_', " "));
        rows.push(Row::cost(what, ours / floor, " ×", None, format!("{ours:.0} vs. {floor:.0}")));
    }
    rows
}

/// Compares each kind of request with its budget. Returns whether all are within it.
pub(crate) async fn check_budget() -> bool {
    assert!(is_installed(), "valgrind is not installed");
    let budget = budget();
    let mut is_within = true;
    for case in &CASES {
        let allowed = *budget.get(case.name).unwrap();
        let counted = a_request(case).await;
        let share = counted / allowed - 1.0;
        let verdict = if share > case.tolerance {
            is_within = false;
            "above the budget: make it cheaper, or raise the budget and say in the commit what costs how much"
        } else if share < -0.03 {
            "below the budget: lower it"
        } else {
            "within the budget"
        };
        println!("{:30} {counted:7.0} of {allowed:.0} instructions ({:+.1} %): {verdict}", case.name, share * 100.0);
    }
    is_within
}

fn is_installed() -> bool {
    Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok()
}

/// Lines of the form `name = number`, and comments.
fn budget() -> HashMap<String, f64> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/budget.toml");
    let text = fs::read_to_string(file).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once('=')).filter(|(name, _)| !name.starts_with('#'));
    lines.map(|(name, number)| (name.trim().to_owned(), number.trim().replace('_', "").parse().unwrap())).collect()
}

async fn a_request(case: &Case) -> f64 {
    let (database, cookie) = population().await;
    let command = || Server::command(&database, case.settings);
    let (few, many) = (all(command(), case, &cookie, 200).await, all(command(), case, &cookie, 200 + REQUESTS).await);
    for name in NOT_COUNTED {
        assert!(many.left_out.contains_key(name), "no function with {name} in its name was called");
    }
    (many.net() - few.net()) / REQUESTS as f64
}

/// The same response from a bare handler.
async fn floor(case: &Case) -> f64 {
    let (database, cookie) = population().await;
    let server = Server::tollgate(&database, &[]);
    let body = Client::new(&server.address).get_with(case.path, &[("cookie", &cookie)]).await.body.to_string();
    drop(server);
    let command = || {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["floor", &body]);
        command
    };
    let (few, many) = (all(command(), case, &cookie, 200).await, all(command(), case, &cookie, 200 + REQUESTS).await);
    (many.net() - few.net()) / REQUESTS as f64
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
    command.env_clear().envs(server.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let server = Server::start(command);
    let client = Client::new(&server.address).with_headers(&[("cookie", cookie)]);
    for _ in 0..requests {
        let request = client.request(reqwest::Method::GET, case.path);
        let request = case.origin.into_iter().fold(request, |request, origin| request.header("origin", origin));
        assert_eq!(client.send(request).await.status, 200);
    }
    server.stop();
    Counted::parse(&fs::read_to_string(counts).unwrap())
}

/// The instructions of one run.
#[derive(Debug, Default, PartialEq)]
struct Counted {
    all: f64,
    left_out: HashMap<&'static str, f64>,
}

impl Counted {
    /// From callgrind's output, <https://valgrind.org/docs/manual/cl-format.html>: `fn=(id) name` starts a function, or
    /// `fn=(id)` if it was named before. Lines that start with a number are costs of its own, except for the line after
    /// `calls=`, which is the cost of a function that it calls.
    fn parse(output: &str) -> Self {
        let (mut names, mut counted, mut left_out) = (HashMap::new(), Self::default(), None);
        let mut lines = output.lines();
        while let Some(line) = lines.next() {
            let function = line.strip_prefix("fn=").or_else(|| line.strip_prefix("cfn="));
            if let Some((id, name)) = function.map(|function| function.split_once(' ').unwrap_or((function, ""))) {
                if !name.is_empty() {
                    names.insert(id, name);
                }
                if line.starts_with("fn=") {
                    let name = names.get(id).unwrap().to_lowercase();
                    left_out = NOT_COUNTED.into_iter().find(|part| name.contains(part));
                }
            } else if line.starts_with("calls=") {
                lines.next();
            } else if let Some(cost) = own_cost(line) {
                counted.all += cost;
                left_out.into_iter().for_each(|part| *counted.left_out.entry(part).or_default() += cost);
            }
        }
        counted
    }

    fn net(&self) -> f64 {
        self.all - self.left_out.values().sum::<f64>()
    }
}

/// A position, absolute or relative, and the instructions there.
fn own_cost(line: &str) -> Option<f64> {
    let is_position = line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first));
    line.split_once(' ').filter(|_| is_position)?.1.parse().ok()
}
