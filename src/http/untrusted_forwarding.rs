//! Notices requests that a proxy seems to forward which `TRUSTED_PROXIES` does not list. Its `X-Forwarded-For` is
//! ignored, so that all visitors behind it count as one network, and 30 wrong passwords by one of them stop the logins
//! of all.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use actix_web::{
    dev::ServiceRequest,
    http::header::{self, HeaderMap},
};

use super::{extract::client, state::AppState};

/// Addresses that are named in the log: anybody can send the header, and must not be able to fill the log.
const MAX_WARNINGS: usize = 8;

static WARNED: Mutex<Vec<IpAddr>> = Mutex::new(Vec::new());

/// Counts such a request, and logs a warning with the first one of each address.
pub(super) fn observe(request: &ServiceRequest, state: &AppState) {
    if !is_forwarded(request.headers()) {
        return;
    }
    let peer = client::peer(request.request());
    if client::is_trusted(&peer, &state.config.server.trusted_proxies) {
        return;
    }
    if let Some(metrics) = &state.requests {
        metrics.untrusted_forwarding.inc();
    }
    if is_new(&mut WARNED.lock().unwrap_or_else(PoisonError::into_inner), peer) {
        tracing::warn!(
            %peer,
            setting = "TRUSTED_PROXIES",
            "X-Forwarded-For ignored: TRUSTED_PROXIES does not list the address it comes from, and if that is a proxy, all \
             visitors behind it count as one network"
        );
    }
}

/// `Forwarded` (RFC 7239) is not read in any case, but shows as well that there is a proxy.
fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(client::X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED)
}

fn is_new(warned: &mut Vec<IpAddr>, peer: IpAddr) -> bool {
    let is_new = warned.len() < MAX_WARNINGS && !warned.contains(&peer);
    if is_new {
        warned.push(peer);
    }
    is_new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_is_named_once_and_no_more_than_eight_are() {
        let mut warned = Vec::new();
        let mut named = |last: u8| is_new(&mut warned, IpAddr::from([203, 0, 113, last]));
        assert!(named(1) && !named(1) && named(2));
        assert_eq!((3..=255).filter(|last| named(*last)).count(), 6);
    }
}
