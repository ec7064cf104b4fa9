//! The load generators, and their reports.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::{population::POSTS, support::client::PASSWORD};

/// One thread for each core, as the servers have.
const THREADS: &str = "-t2";

/// Requests are built once, and only handed out while the clock runs. Each reader reads a different post.
const READ: &str = r#"
local requests, turn = {}, 0
function init(args)
    for line in io.lines(COOKIES) do
        local path = wrk.path:gsub("^/blog/1$", "/blog/" .. #requests % POSTS + 1)
        requests[#requests + 1] = wrk.format("GET", path, { ["Host"] = wrk.host, ["Cookie"] = line })
    end
    turn = math.random(#requests)
end
function request()
    turn = turn % #requests + 1
    return requests[turn]
end
"#;

/// The server trusts the load generator as a proxy, so that each request can come from another network.
const LOG_IN: &str = r#"
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local turn = 0
function request()
    turn = turn + 1
    wrk.body = '{"username":"ada' .. turn % ACCOUNTS + 1 .. '","password":"PASSWORD"}'
    wrk.headers["X-Forwarded-For"] = "192.0.2." .. turn % NETWORKS + 1
    return wrk.format()
end
"#;

#[derive(Clone, Copy)]
pub(crate) struct Load {
    /// Responses per second.
    pub(crate) rate: f64,
    /// Responses in total.
    pub(crate) requests: f64,
}

/// The number of users that log in. Of one, only two logins are checked at a time.
pub(crate) const ACCOUNTS: u32 = 64;

/// Clients that log in continuously.
#[derive(Clone, Copy)]
pub(crate) struct Flood {
    pub(crate) connections: u32,
    pub(crate) networks: u32,
}

pub(crate) fn has_programs() -> bool {
    // Neither has an option to print its version that exits with 0.
    ["wrk", "hey"]
        .iter()
        .all(|program| Command::new(program).arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok())
}

/// Writes a script that uses these cookies in turn.
pub(crate) fn reading(folder: &Path, cookies: &[String]) -> PathBuf {
    let (list, script) = (folder.join("cookies.txt"), folder.join("read.lua"));
    fs::write(&list, cookies.join("\n")).unwrap();
    fs::write(
        &script,
        READ.replace("COOKIES", &format!("{:?}", list.display().to_string())).replace("POSTS", &POSTS.to_string()),
    )
    .unwrap();
    script
}

/// Sends requests as fast as they are answered. None may fail.
pub(crate) fn wrk(address: &str, path: &str, script: &Path, connections: u32, seconds: u32) -> Load {
    let output = command(address, path, script, connections, seconds).output().unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(!report.contains("Non-2xx") && !report.contains("Socket errors"), "{report}");
    parse(&report)
}

/// Signs the users `ada1` to `ada64` in, from up to 254 networks in turn, while something else is measured.
pub(crate) fn log_in(address: &str, folder: &Path, Flood { connections, networks }: Flood, seconds: u32) -> Child {
    let script = folder.join("log_in.lua");
    let values =
        [("ACCOUNTS", ACCOUNTS.to_string()), ("NETWORKS", networks.to_string()), ("PASSWORD", PASSWORD.to_owned())];
    let text = values.iter().fold(LOG_IN.to_owned(), |text, (name, value)| text.replace(name, value));
    fs::write(&script, text).unwrap();
    command(address, "/login", &script, connections, seconds).stdout(Stdio::piped()).spawn().unwrap()
}

/// Waits for the end of a load, in which no request may have failed.
pub(crate) fn finish(load: Child) -> Load {
    let report = String::from_utf8(load.wait_with_output().unwrap().stdout).unwrap();
    assert!(!report.contains("Non-2xx"), "{report}");
    parse(&report)
}

/// The 99th percentile of the latency at 200 requests per second, in milliseconds.
pub(crate) fn paced(address: &str, path: &str, cookie: &str, seconds: u32) -> f64 {
    let url = format!("http://{address}{path}");
    let cookie = format!("Cookie: {cookie}");
    let output = Command::new("hey")
        .args(["-c", "4", "-q", "50", "-z", &format!("{seconds}s"), "-H", &cookie, &url])
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("[200]"), "{report}");
    let line = report.lines().find(|line| line.contains("99%")).unwrap();
    line.split_whitespace().nth(2).unwrap().parse::<f64>().unwrap() * 1000.0
}

fn command(address: &str, path: &str, script: &Path, connections: u32, seconds: u32) -> Command {
    let mut command = Command::new("wrk");
    command.args([THREADS, &format!("-c{connections}"), &format!("-d{seconds}s"), "--timeout", "60s", "-s"]);
    command.arg(script).arg(format!("http://{address}{path}"));
    command
}

fn parse(report: &str) -> Load {
    let rate = report.lines().find_map(|line| line.strip_prefix("Requests/sec:")).unwrap();
    let requests = report.lines().find(|line| line.contains(" requests in ")).unwrap();
    Load { rate: rate.trim().parse().unwrap(), requests: requests.split_whitespace().next().unwrap().parse().unwrap() }
}
