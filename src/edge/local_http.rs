//! A minimal GET request to a server on this machine, for which no HTTP client is needed.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    time::Duration,
};

use anyhow::{Context, anyhow};

/// A server that takes longer than this is considered unhealthy.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Larger than any page that is requested.
const MAX_BYTES: u64 = 1 << 20;

/// Sends a request, and returns the status and the body.
///
/// # Errors
/// No server responds at this address, or not with HTTP.
pub fn get(host: &str, port: u16, path: &str) -> anyhow::Result<(String, String)> {
    // A server that listens on all addresses also listens on this one.
    let host = match host {
        "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        host => host,
    };
    get_from_any(host, port, path).with_context(|| format!("no response from {host}:{port}"))
}

/// Asks the addresses of a name until one answers with 200: the server may listen on only some of them, because another
/// program has the others.
fn get_from_any(host: &str, port: u16, path: &str) -> anyhow::Result<(String, String)> {
    let mut last = Err(anyhow!("the host has no address"));
    for address in (host, port).to_socket_addrs()? {
        let response = request(address, path);
        if response.as_ref().is_ok_and(|(status, _)| status == "200") {
            return response;
        }
        // A response says more than the error of another address.
        if response.is_ok() || last.is_err() {
            last = response;
        }
    }
    last
}

fn request(address: SocketAddr, path: &str) -> anyhow::Result<(String, String)> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(MAX_BYTES).read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the response is not HTTP")?;
    let status = head.split_whitespace().nth(1).context("the response is not HTTP")?;
    Ok((status.to_owned(), body.to_owned()))
}
