//! Server settings.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use super::{
    definitions::{
        ALLOW_INSECURE_TESTING, CONTRACT, CORS_ORIGINS, HOST, METRICS_ADDR, PORT, PUBLIC_URL, REGISTRATION, SEED_DEMO,
        SHUTDOWN_DELAY, STATIC_DIR, TRUSTED_PROXIES,
    },
    environment::Settings,
    exposure::{is_loopback, is_too_wide},
    origins::AllowedOrigins,
};
use ipnet::IpNet;

/// Which statuses and error bodies are sent; see the head of `openapi.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// The status codes that the tutorials' frontends rely on.
    Classic,
    /// The same response for every failed login, 402 at the paywall, RFC 9457 problem details.
    Modern,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    Open,
    Closed,
}

#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// A host name or an address to listen on.
    pub host: String,
    /// With 0 the system chooses a free port.
    pub port: u16,
    /// The address to serve metrics on.
    pub metrics_address: Option<SocketAddr>,
    /// The origin that browsers see, behind a proxy.
    pub public_origin: Option<String>,
    pub cors_origins: AllowedOrigins,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    pub contract: Contract,
    pub registration: Registration,
    /// The built single-page app to serve.
    pub static_dir: Option<PathBuf>,
    /// Whether a new database gets sample posts.
    pub seed_demo: bool,
    /// How long to continue serving requests after SIGTERM, so that a proxy can switch to other nodes.
    pub shutdown_delay: Duration,
    /// Whether the server starts with insecure test settings even if others may reach it.
    pub allow_insecure_testing: bool,
}

impl ServerConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        let host = HOST.read(settings);
        let config = Self {
            port: PORT.read(settings),
            metrics_address: METRICS_ADDR.read(settings),
            public_origin: PUBLIC_URL.read(settings),
            cors_origins: CORS_ORIGINS.read(settings),
            trusted_proxies: TRUSTED_PROXIES.read(settings).unwrap_or_default(),
            contract: CONTRACT.read(settings),
            registration: REGISTRATION.read(settings),
            static_dir: STATIC_DIR.read(settings),
            seed_demo: SEED_DEMO.read(settings),
            shutdown_delay: SHUTDOWN_DELAY.read(settings),
            allow_insecure_testing: ALLOW_INSECURE_TESTING.read(settings),
            host,
        };
        if !config.allow_insecure_testing && config.trusted_proxies.iter().any(is_too_wide) {
            let text = "must not list networks wider than /8 (IPv6: /7): every client could claim any address, and \
                        guess passwords without limit (ALLOW_INSECURE_TESTING=true allows it for tests)";
            settings.error(TRUSTED_PROXIES.name, text);
        }
        config
    }

    /// Whether the server serves its own pages, which it does unless it serves a single-page app.
    #[must_use]
    pub fn has_pages(&self) -> bool {
        self.static_dir.is_none()
    }

    /// Whether the server listens on loopback only.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

/// Accepts `[::1]` too, the form of an IPv6 address in front of a port.
pub(super) fn host(text: &str) -> Option<String> {
    Some(text.trim_start_matches('[').trim_end_matches(']').to_owned())
}

/// Parses networks; a single address is a network of one.
pub(super) fn networks(text: &str) -> Option<Vec<IpNet>> {
    let network = |part: &str| part.parse().or_else(|_| part.parse().map(|address: IpAddr| address.into()));
    text.split(',').map(|part| network(part.trim()).ok()).collect()
}

pub(super) fn static_dir(text: &str) -> Result<PathBuf, String> {
    let folder = PathBuf::from(text);
    let index = folder.join("index.html").canonicalize().ok().filter(|index| index.is_file());
    match (index, folder.canonicalize()) {
        (Some(index), Ok(real)) if index.starts_with(&real) => Ok(folder),
        (Some(_), _) => Err("must be a folder whose index.html is not a link to a file outside the folder".to_owned()),
        (None, _) => Err("must be a folder with an index.html".to_owned()),
    }
}
