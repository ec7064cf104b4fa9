//! Identifies the client: the peer of the connection, or the visitor behind trusted proxies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::{
    HttpRequest,
    http::{
        Version,
        header::{self, HeaderMap, HeaderName},
    },
    web::Data,
};
use ipnet::IpNet;

use crate::{
    base::client::{Client, LOOPBACK},
    http::state::AppState,
};

const X_FORWARDED_USER_AGENT: HeaderName = HeaderName::from_static("x-forwarded-user-agent");

pub(in crate::http) fn client(request: &HttpRequest) -> Client {
    let (peer, trusted) = (peer(request), trusted(request));
    forwarded_client(peer, request.headers(), trusted)
}

/// The client's address.
pub(in crate::http) fn ip(request: &HttpRequest) -> IpAddr {
    forwarded_ip(peer(request), request.headers(), trusted(request))
}

/// Whether the request comes from this machine, or proxies on this machine say that it does. A proxy that says nothing is
/// recognized by HTTP/1.0, which nginx sends by default and no browser does:
/// <https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_http_version>
pub(in crate::http) fn is_local(request: &HttpRequest) -> bool {
    if request.version() < Version::HTTP_11 {
        return false;
    }
    // These headers are ignored, but a proxy that sends one serves other machines.
    let unread = ["forwarded", "via", "x-real-ip", "x-forwarded-host", "x-forwarded-proto"];
    let has_unread = unread.iter().any(|name| request.headers().contains_key(*name));
    !has_unread && is_trusted(&forwarded_ip(peer(request), request.headers(), &LOOPBACK), &LOOPBACK)
}

fn trusted(request: &HttpRequest) -> &[IpNet] {
    let state = request.app_data::<Data<AppState>>();
    state.map_or_else(Default::default, |state| state.config.server.trusted_proxies.as_slice())
}

/// The client as trusted proxies forward it.
fn forwarded_client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Client {
    // The nearest proxy adds the last line.
    let forwarded = || headers.get_all(X_FORWARDED_USER_AGENT).next_back();
    let forwarded = if is_trusted(&peer, trusted) { forwarded() } else { None };
    // An empty value counts as absent: a proxy that always sets the header sends it empty for a visitor without a user
    // agent.
    let user_agent = forwarded.or_else(|| headers.get(header::USER_AGENT)).filter(|value| !value.is_empty());
    let user_agent = user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()));
    Client::new(forwarded_ip(peer, headers, trusted), user_agent.as_deref())
}

/// Whether this is the address of a trusted proxy.
pub(in crate::http) fn is_trusted(ip: &IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(ip))
}

/// Whether a trusted proxy has sent the request.
pub(in crate::http) fn is_from_trusted_proxy(request: &HttpRequest) -> bool {
    is_trusted(&peer(request), trusted(request))
}

/// Whether another server has sent the request on behalf of its visitor, whose headers it forwards.
pub(in crate::http) fn is_for_visitor(request: &HttpRequest) -> bool {
    is_from_trusted_proxy(request) && request.headers().contains_key(X_FORWARDED_USER_AGENT)
}

/// The address of the other end of the connection.
pub(in crate::http) fn peer(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical())
}

/// Reads `X-Forwarded-For` from the right for as long as the entries were written by trusted proxies. Entries further
/// left may have been forged by the client.
fn forwarded_ip(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut nearest = peer;
    if !is_trusted(&nearest, trusted) {
        return nearest;
    }
    let lines: Vec<&str> =
        headers.get_all(header::X_FORWARDED_FOR).map(|line| line.to_str().unwrap_or("unreadable")).collect();
    for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        // An unreadable entry ends the chain: the proxy that wrote it is the nearest address that is known.
        let Some(ip) = address(entry.trim()) else { break };
        nearest = ip;
        if !is_trusted(&nearest, trusted) {
            break;
        }
    }
    nearest
}

/// Parses an address, to which some proxies add a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let ip = bare.parse().ok().or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()));
    ip.map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn seen(peer: &str, forwarded: &[&'static str]) -> String {
        let request =
            forwarded.iter().fold(TestRequest::get(), |r, line| r.append_header((header::X_FORWARDED_FOR, *line)));
        let trusted = ["10.0.0.0/8".parse().expect("a network"), "2001:db8::/32".parse().expect("a network")];
        let request = request.to_http_request();
        forwarded_ip(peer.parse().expect("an address"), request.headers(), &trusted).to_string()
    }

    #[test]
    fn the_header_of_an_untrusted_peer_is_ignored() {
        assert_eq!(seen("203.0.113.7", &["198.51.100.1"]), "203.0.113.7");
    }

    #[test]
    fn a_trusted_proxy_forwards_the_visitors_user_agent() {
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        let seen = |peer: &str, forwarded: &[&'static str]| {
            let request = TestRequest::get().insert_header((header::USER_AGENT, "node"));
            let request =
                forwarded.iter().fold(request, |request, line| request.append_header((X_FORWARDED_USER_AGENT, *line)));
            let request = request.to_http_request();
            forwarded_client(peer.parse().expect("an address"), request.headers(), &trusted).user_agent
        };
        assert_eq!(seen("10.0.0.1", &["Firefox"]).as_deref(), Some("Firefox"));
        assert_eq!(seen("10.0.0.1", &["a visitor's", "Firefox"]).as_deref(), Some("Firefox"), "the nearest proxy's");
        assert_eq!(seen("10.0.0.1", &[""]), None, "a visitor without one");
        assert_eq!(seen("10.0.0.1", &[]).as_deref(), Some("node"));
        assert_eq!(seen("203.0.113.7", &["Firefox"]).as_deref(), Some("node"), "not a trusted proxy");
    }

    #[test]
    fn a_chain_of_proxies_is_read_from_the_right() {
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["1.1.1.1, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["1.1.1.1", "198.51.100.1,10.0.0.2"]), "198.51.100.1", "several lines are one");
        assert_eq!(seen("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3", "all are trusted: the leftmost counts");
    }

    #[test]
    fn a_request_is_local_unless_a_proxy_says_otherwise() {
        let is_local = |peer: &str, headers: &[(&'static str, &'static str)]| {
            let request = TestRequest::get().peer_addr(peer.parse().expect("an address"));
            let request = headers.iter().fold(request, |request, header| request.insert_header(*header));
            is_local(&request.to_http_request())
        };
        assert!(is_local("127.0.0.1:4711", &[]));
        assert!(is_local("[::1]:4711", &[("x-forwarded-for", "127.0.0.1, ::1")]));
        assert!(!is_local("127.0.0.1:4711", &[("x-forwarded-for", "203.0.113.7")]));
        assert!(!is_local("127.0.0.1:4711", &[("x-forwarded-for", "127.0.0.1, 203.0.113.7")]));
        assert!(!is_local("127.0.0.1:4711", &[("forwarded", "for=127.0.0.1")]));
        assert!(!is_local("203.0.113.7:4711", &[]));
        let of_nginx =
            TestRequest::get().version(Version::HTTP_10).peer_addr("127.0.0.1:4711".parse().expect("an address"));
        assert!(!super::is_local(&of_nginx.to_http_request()));
    }

    #[test]
    fn ports_and_brackets_are_stripped_and_an_unreadable_entry_ends_the_chain() {
        assert_eq!(seen("10.0.0.1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["[2001:db9::1]:4711"]), "2001:db9::1");
        assert_eq!(seen("2001:db8::1", &["[2001:db9::1]"]), "2001:db9::1");
        assert_eq!(seen("10.0.0.1", &["::ffff:198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, "]), "10.0.0.1");
    }
}
