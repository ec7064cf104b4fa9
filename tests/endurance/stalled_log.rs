//! Standard error is a pipe that nobody reads.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Instant,
};

use actix_web::rt::time::timeout;
use futures_util::future::join_all;
use rustix::process::Signal;
use serde_json::Value;
use tollgate::{config::Config, log};

use crate::support::{fixtures::TIMEOUT, port::ReservedPort, process::Process};

/// Enough log lines to fill the pipe and the queue before it.
const REQUESTS: usize = 12_000;

const CLIENTS: usize = 8;

async fn ask_often(server: &Process) {
    let client = server.client();
    let ask = || async {
        for _ in 0..REQUESTS / CLIENTS {
            assert_eq!(client.try_get("/check_session").await, Some(401));
        }
    };
    timeout(3 * TIMEOUT, join_all((0..CLIENTS).map(|_| ask()))).await.expect("requests hang");
}

/// The exit status, or `None` after a timeout.
fn ended(child: &mut Child) -> Option<ExitStatus> {
    let begun = Instant::now();
    while begun.elapsed() < TIMEOUT {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        thread::yield_now();
    }
    None
}

#[actix_web::test]
async fn a_stalled_log_reader_blocks_neither_requests_nor_shutdown() {
    let folder = tempfile::tempdir().unwrap();
    let port = ReservedPort::new();
    let metrics = port.address();
    let mut server = Process::start_with_piped_log(folder.path(), &[("METRICS_ADDR", &metrics.to_string())]);
    ask_often(&server).await;

    let page = reqwest::get(format!("http://{metrics}/metrics")).await.unwrap().text().await.unwrap();
    let dropped = page.lines().find_map(|line| line.strip_prefix("tollgate_log_lines_dropped_total ")).unwrap();
    assert!(dropped.parse::<u64>().unwrap() > 0, "{page}");

    server.signal(Signal::TERM);
    assert_eq!(ended(&mut server.child).and_then(|status| status.code()), Some(0));
}

#[actix_web::test]
async fn a_resumed_log_reports_how_many_lines_were_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Process::start_with_piped_log(folder.path(), &[]);
    ask_often(&server).await;

    let log = BufReader::new(server.child.stderr.take().unwrap());
    let mut lines = log.lines().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let mut requests = 0;
    let warning = lines.by_ref().find(|line| {
        requests += u64::from(line["message"] == "request");
        line["lines"].is_number()
    });
    let warning = warning.unwrap();
    assert_eq!(warning["level"], "WARN");
    assert_eq!(warning["lines"].as_u64().unwrap() + requests, u64::try_from(REQUESTS).unwrap());

    server.client().try_get("/check_session").await;
    server.signal(Signal::TERM);
    let rest: Vec<_> = lines.map(|line| line["message"].as_str().unwrap().to_owned()).collect();
    assert_eq!(rest, ["request", "stopping", "stopped"]);
    assert_eq!(server.wait().code(), Some(0));
}

/// About as long as the access log's lines.
const LINE: &str = "a line that nobody reads, which is about as long as the lines of requests are in the log";

/// Set for the child process that writes the log. It is a process of its own so that the test can kill it if it hangs.
const WRITES_THE_LOG: &str = "TEST_WRITES_THE_LOG";

#[test]
fn a_panicking_thread_does_not_wait_for_a_stalled_log_reader() {
    if env::var_os(WRITES_THE_LOG).is_some() {
        return log_more_than_the_pipe_holds_and_panic();
    }
    let this_test = "stalled_log::a_panicking_thread_does_not_wait_for_a_stalled_log_reader";
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", this_test, "--nocapture"])
        .env(WRITES_THE_LOG, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = ended(&mut child);
    child.kill().unwrap();
    assert!(status.expect("it hangs").success());
    let mut written = String::new();
    child.stderr.take().unwrap().read_to_string(&mut written).unwrap();
    assert!(written.contains(LINE), "{written}");
}

fn log_more_than_the_pipe_holds_and_panic() {
    let config = Config::from_values([("LOG_FORMAT".to_owned(), "json".to_owned())].into()).unwrap();
    let log = log::start(config.log);
    for _ in 0..REQUESTS {
        tracing::error!("{LINE}");
    }
    assert!(thread::spawn(|| panic!("nobody reads this")).join().is_err());
    drop(log);
}
