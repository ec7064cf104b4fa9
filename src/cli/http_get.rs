//! A GET without an HTTP client: what the commands ask of a server on this machine needs no more.

use std::{
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use anyhow::Context;

/// A server that takes longer is not well.
const TIMEOUT: Duration = Duration::from_secs(5);

/// More than any page that is asked for.
const MAX_BYTES: u64 = 1 << 20;

/// The status and the body.
///
/// # Errors
/// Nobody answers there, or not by HTTP.
pub(super) fn get(host: &str, port: u16, path: &str) -> anyhow::Result<(String, String)> {
    // What listens on all addresses listens on this one.
    let host = match host {
        "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        host => host,
    };
    ask(host, port, path).with_context(|| format!("no answer at {host}:{port}"))
}

fn ask(host: &str, port: u16, path: &str) -> anyhow::Result<(String, String)> {
    let address = (host, port).to_socket_addrs()?.next().context("the host has no address")?;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(MAX_BYTES).read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("that is no HTTP")?;
    let status = head.split_whitespace().nth(1).context("that is no HTTP")?;
    Ok((status.to_owned(), body.to_owned()))
}
