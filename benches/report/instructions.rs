//! Instructions per request, if `valgrind` is installed. Unlike times, they are the same in each run. They include
//! SHA-256 in software, which processors have in hardware.

use std::process::{Command, Stdio};

use crate::{
    population,
    rows::Row,
    server::Server,
    support::{
        client::Client,
        database::{Kind, TestDatabase},
    },
};

const REQUESTS: usize = 1000;

pub(crate) async fn count() -> Vec<Row> {
    let is_installed = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok();
    let Some(database) = TestDatabase::new(Kind::Sqlite).filter(|_| is_installed) else { return Vec::new() };
    let cookies = population::fill(&database, 1, 1).await;
    let cookie = cookies.first().unwrap();
    let mut rows = Vec::new();
    for path in ["/check_session", "/blog/1"] {
        let server = Server::tollgate(&database, &[]);
        let body = Client::new(&server.address).get_with(path, &[("cookie", cookie)]).await.body.to_string();
        drop(server);
        let ours = a_request(&Server::command(&database, &[]), path, cookie).await;
        let mut floor = Command::new(std::env::current_exe().unwrap());
        floor.args(["floor", &body]);
        let floor = a_request(&floor, path, cookie).await;
        let from = format!("{ours:.0} vs. {floor:.0}");
        rows.push(Row::cost(
            format!("`GET {path}`: instructions relative to the floor"),
            ours / floor,
            " ×",
            None,
            from,
        ));
    }
    rows
}

/// The instructions of one request, from the difference that a thousand more make.
async fn a_request(server: &Command, path: &str, cookie: &str) -> f64 {
    let few = all(server, path, cookie, 100).await;
    let many = all(server, path, cookie, 100 + REQUESTS).await;
    (many - few) / REQUESTS as f64
}

async fn all(server: &Command, path: &str, cookie: &str, requests: usize) -> f64 {
    let folder = tempfile::TempDir::new().unwrap();
    let log = folder.path().join("log");
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    command.arg(format!("--log-file={}", log.display())).arg(server.get_program()).args(server.get_args());
    if let Some(folder) = server.get_current_dir() {
        command.current_dir(folder);
    }
    command.env_clear().envs(server.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let server = Server::start(command);
    let client = Client::new(&server.address).with_headers(&[("cookie", cookie)]);
    for _ in 0..requests {
        assert_eq!(client.try_get(path).await, Some(200));
    }
    server.stop();
    let log = std::fs::read_to_string(log).unwrap();
    let line = log.lines().find_map(|line| line.split("Collected : ").nth(1)).unwrap();
    line.trim().parse().unwrap()
}
