//! What a server has logged, as JSON.

use std::{fs, time::Instant};

use actix_web::rt::task::yield_now;
use rustix::process::Signal;
use serde_json::Value;

use super::fixtures::TIMEOUT;
use super::process::Process;

/// The causes of all logged errors in order, each with its request id.
pub(crate) async fn errors(server: &Process) -> Vec<(String, String)> {
    let text = written(server).await;
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let errors = lines.filter(|line| line["level"] == "ERROR");
    let field = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    errors.map(|line| (field(&line, "request_id"), field(&line, "cause"))).collect()
}

/// The log with everything that was logged until now. A thread writes it in order, so it is complete once it has the
/// line of a later request.
pub(crate) async fn written(server: &Process) -> String {
    let last = server.client().get("/check_session").await.header("x-request-id").unwrap().to_owned();
    wait_for(server, &last).await
}

/// The log, once it contains this text.
pub(crate) async fn wait_for(server: &Process, text: &str) -> String {
    let begun = Instant::now();
    loop {
        let log = fs::read_to_string(&server.log).unwrap();
        assert!(begun.elapsed() < 2 * TIMEOUT, "{text} is not in the log: {log}");
        if log.contains(text) && log.ends_with('\n') {
            return log;
        }
        yield_now().await;
    }
}

/// Stops a server, so that its log is complete, and returns the warnings in it.
pub(crate) fn warnings_of_stopped(mut server: Process) -> Vec<Value> {
    server.signal(Signal::TERM);
    server.wait();
    let log = fs::read_to_string(&server.log).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["level"] == "WARN").collect()
}
