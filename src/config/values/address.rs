//! Addresses of this machine and of proxies, and who may reach the server.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

pub(in crate::config) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Accepts `[::1]` too, the form of an IPv6 address in front of a port.
pub(in crate::config) fn host(text: &str) -> Option<String> {
    Some(text.trim_start_matches('[').trim_end_matches(']').to_owned())
}

/// Parses networks; a single address is a network of one.
pub(in crate::config) fn networks(text: &str) -> Option<Vec<IpNet>> {
    let network = |part: &str| part.parse().or_else(|_| part.parse().map(|address: IpAddr| address.into()));
    text.split(',').map(|part| network(part.trim()).ok()).collect()
}

/// Whether a network is wider than any that proxies have: the widest private ones are 10.0.0.0/8 and fc00::/7. If
/// everyone is trusted, each client can choose its own address and guess passwords without limit.
pub(in crate::config) fn is_too_wide(network: &IpNet) -> bool {
    network.prefix_len() < if matches!(network, IpNet::V4(_)) { 8 } else { 7 }
}

/// Which setting suggests that others may reach the server, if one does.
pub(in crate::config) fn exposed_by(
    is_loopback: bool,
    has_proxies: bool,
    public_origin: Option<&str>,
) -> Option<&'static str> {
    if !is_loopback {
        return Some("HOST is not loopback");
    }
    if has_proxies {
        return Some("TRUSTED_PROXIES is set");
    }
    let is_public = public_origin.is_some_and(|origin| !is_local_origin(origin));
    is_public.then_some("PUBLIC_URL is not loopback")
}

/// Whether this is an address of this machine. `localhost` and the names below it always resolve to it (RFC 6761
/// section 6.3).
#[must_use]
pub fn is_local_origin(origin: &str) -> bool {
    match Url::parse(origin).as_ref().ok().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
