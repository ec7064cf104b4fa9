//! Determines from the settings who may reach the server, and which insecure settings to reject.

use url::{Host, Url};

use super::server::ServerConfig;

impl ServerConfig {
    /// The setting that suggests that other machines can reach the server, if any.
    ///
    /// `HOST` alone is not enough: behind a proxy on the same machine it is loopback, too.
    #[must_use]
    pub fn exposed_by(&self) -> Option<&'static str> {
        exposed_by(self.is_loopback(), !self.trusted_proxies.is_empty(), self.public_origin.as_deref())
    }

    /// The end of an error message about an insecure setting; `None` if insecure settings are allowed.
    pub(super) fn insecure_settings_reason(&self) -> Option<String> {
        let reason = self.exposed_by().filter(|_| !self.allow_insecure_testing)?;
        Some(format!(
            "because {reason}, so that others may reach the server (ALLOW_INSECURE_TESTING=true allows it for tests)"
        ))
    }
}

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
