//! Who may reach the server.

use url::{Host, Url};

pub(super) fn exposed_by(is_loopback: bool, has_proxies: bool, public_origin: Option<&str>) -> Option<&'static str> {
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
