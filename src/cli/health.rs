//! `tollgate health`: for a container without a shell, or a unit that watches itself.

use std::{
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use anyhow::{Context, bail};
use serde_json::json;

use super::show;
use crate::config::ServerConfig;

/// A server that takes longer is not well.
const WITHIN: Duration = Duration::from_secs(5);

/// Asks the server that these settings describe whether it is ready.
///
/// # Errors
/// It is not, or there is none.
pub(super) fn check(server: &ServerConfig, json: bool) -> anyhow::Result<()> {
    // What listens on all addresses listens on this one.
    let host = match server.host.as_str() {
        "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        host => host,
    };
    let status = ask(host, server.port).with_context(|| format!("no answer at {host}:{}", server.port))?;
    match status.as_str() {
        "200" => show(json, &json!({ "status": "ok" }), || "ready".to_owned()),
        status => bail!("/readyz is answered {status}"),
    }
}

/// One request without a body, of whose answer the first line is read: no HTTP client is needed for that.
fn ask(host: &str, port: u16) -> anyhow::Result<String> {
    let address = (host, port).to_socket_addrs()?.next().context("the host has no address")?;
    let mut stream = TcpStream::connect_timeout(&address, WITHIN)?;
    stream.set_read_timeout(Some(WITHIN))?;
    stream.set_write_timeout(Some(WITHIN))?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(1024).read_to_string(&mut answer)?;
    Ok(answer.split_whitespace().nth(1).context("that is no HTTP")?.to_owned())
}
