//! Detects requests that seem to be forwarded by a proxy that `TRUSTED_PROXIES` does not list. The proxy's
//! `X-Forwarded-For` is ignored, so all visitors behind it count as one network, and 30 wrong passwords by one of them
//! block the logins of all.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use actix_web::{
    dev::ServiceRequest,
    http::header::{self, HeaderMap},
};

use super::{extract::client, state::AppState};

/// The maximum number of addresses that are logged: anyone can send the header, and must not be able to fill the log.
const MAX_WARNINGS: usize = 8;

static WARNED: Mutex<Vec<IpAddr>> = Mutex::new(Vec::new());

/// Counts such a request, and logs a warning for the first one from each address.
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
            "X-Forwarded-For ignored: the peer is not listed in TRUSTED_PROXIES; if it is a proxy, all visitors behind \
            it count as one network"
        );
    }
}

/// `Forwarded` (RFC 7239) is never read, but it indicates a proxy too.
fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(header::X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED)
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
    fn each_address_is_logged_once_and_at_most_eight_are() {
        let mut warned = Vec::new();
        let mut named = |last: u8| is_new(&mut warned, IpAddr::from([203, 0, 113, last]));
        assert!(named(1) && !named(1) && named(2));
        assert_eq!((3..=255).filter(|last| named(*last)).count(), 6);
    }
}
