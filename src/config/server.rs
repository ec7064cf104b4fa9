//! Server settings.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use super::{
    duration::duration_or_zero,
    exposure::{is_loopback, is_too_wide},
    origins::{AllowedOrigins, public_origin},
    settings::{Settings, number},
};
use ipnet::IpNet;

/// The default for a server that other machines can reach: two or three health checks of a proxy that checks every one
/// or two seconds.
const SHUTDOWN_DELAY: Duration = Duration::from_secs(5);

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
        // Accepts `[::1]` too, the form of an IPv6 address in front of a port.
        let host = settings.get("HOST", "127.0.0.1".to_owned(), |text| {
            Ok::<_, String>(text.trim_start_matches('[').trim_end_matches(']').to_owned())
        });
        let config = Self {
            port: settings.get("PORT", 8080, |text| number(text, 0, u16::MAX)),
            metrics_address: settings.find("METRICS_ADDR", |text| {
                text.parse().map_err(|_| "must be an address with a port, such as 127.0.0.1:9464")
            }),
            public_origin: settings.find("PUBLIC_URL", public_origin),
            cors_origins: AllowedOrigins::read(settings, is_loopback(&host)),
            trusted_proxies: settings.get("TRUSTED_PROXIES", Vec::new(), networks),
            contract: settings.get("CONTRACT", Contract::Classic, |text| match text {
                "classic" => Ok(Contract::Classic),
                "modern" => Ok(Contract::Modern),
                _ => Err("must be classic or modern"),
            }),
            registration: settings.get("REGISTRATION", Registration::Open, |text| match text {
                "open" => Ok(Registration::Open),
                "closed" => Ok(Registration::Closed),
                _ => Err("must be open or closed"),
            }),
            static_dir: settings.find("STATIC_DIR", static_dir),
            seed_demo: settings.find_flag("SEED_DEMO").unwrap_or_else(|| is_loopback(&host)),
            shutdown_delay: settings.get("SHUTDOWN_DELAY", default_shutdown_delay(&host), duration_or_zero),
            allow_insecure_testing: settings.flag("ALLOW_INSECURE_TESTING", false),
            host,
        };
        if !config.allow_insecure_testing && config.trusted_proxies.iter().any(is_too_wide) {
            let text = "must not list networks wider than /8 (IPv6: /7): every client could claim any address, and \
                        guess passwords without limit (ALLOW_INSECURE_TESTING=true allows it for tests)";
            settings.error("TRUSTED_PROXIES", text);
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

/// No delay on a developer's own machine.
pub(super) fn default_shutdown_delay(host: &str) -> Duration {
    if is_loopback(host) { Duration::ZERO } else { SHUTDOWN_DELAY }
}

/// Parses networks; a single address is a network of one.
fn networks(text: &str) -> Result<Vec<IpNet>, &'static str> {
    let network = |part: &str| part.parse().or_else(|_| part.parse().map(|address: IpAddr| address.into()));
    let networks = text.split(',').map(|part| network(part.trim())).collect::<Result<_, _>>();
    networks.map_err(|_| "must be a comma-separated list of addresses or networks such as 10.0.0.0/8")
}

fn static_dir(text: &str) -> Result<PathBuf, &'static str> {
    let folder = PathBuf::from(text);
    let index = folder.join("index.html").canonicalize().ok().filter(|index| index.is_file());
    match (index, folder.canonicalize()) {
        (Some(index), Ok(real)) if index.starts_with(&real) => Ok(folder),
        (Some(_), _) => Err("must be a folder whose index.html is not a link to a file outside the folder"),
        (None, _) => Err("must be a folder with an index.html"),
    }
}
