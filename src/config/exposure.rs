//! Determines from the settings who may reach the server, and which insecure settings to reject.

use url::{Host, Url};

use super::server::ServerConfig;

impl ServerConfig {
    /// The setting that suggests that other machines can reach the server, if any.
    ///
    /// `HOST` alone is not enough: behind a proxy on the same machine it is loopback, too.
    #[must_use]
    pub fn exposed_by(&self) -> Option<&'static str> {
        if !self.is_loopback() {
            return Some("HOST is not loopback");
        }
        if !self.trusted_proxies.is_empty() {
            return Some("TRUSTED_PROXIES is set");
        }
        let is_public = self.public_origin.as_deref().is_some_and(|origin| !is_local_origin(origin));
        is_public.then_some("PUBLIC_URL is not loopback")
    }

    /// The end of an error message about an insecure setting; `None` if insecure settings are allowed.
    pub(super) fn insecure_because(&self) -> Option<String> {
        let reason = self.exposed_by().filter(|_| !self.allow_insecure_testing)?;
        Some(format!(
            "because {reason}, so that others may reach the server (ALLOW_INSECURE_TESTING=true allows it for tests)"
        ))
    }
}

/// `localhost` and the names below it always resolve to this machine (RFC 6761 section 6.3).
fn is_local_origin(origin: &str) -> bool {
    match Url::parse(origin).as_ref().ok().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
