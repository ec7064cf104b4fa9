//! Addresses of this machine and of proxies.

use std::net::IpAddr;

use ipnet::IpNet;

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
