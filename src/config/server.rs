//! Where the server listens, for whom, and how it answers.

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

/// How long a server that other machines reach goes on serving after SIGTERM: two or three health checks of a proxy
/// that comes every second, or every two.
const SHUTDOWN_DELAY: Duration = Duration::from_secs(5);

/// Which statuses and error bodies are sent; see the head of `openapi.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// The codes that the tutorials' frontends match on.
    Classic,
    /// One answer for every failed login, 402 at the paywall, RFC 9457 problems.
    Modern,
}

/// Who may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Anybody.
    Open,
    /// Nobody.
    Closed,
}

/// Where the server listens, for whom, and how it answers.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// A name or an address to listen on.
    pub host: String,
    /// 0 lets the system choose.
    pub port: u16,
    /// Where Prometheus may ask.
    pub metrics_address: Option<SocketAddr>,
    /// The origin that people see, behind a proxy.
    pub public_origin: Option<String>,
    /// Origins whose pages may call with credentials.
    pub cors_origins: AllowedOrigins,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The shape of answers.
    pub contract: Contract,
    /// Who may register.
    pub registration: Registration,
    /// The built single-page app to serve.
    pub static_dir: Option<PathBuf>,
    /// Whether a new database gets sample posts.
    pub seed_demo: bool,
    /// How long everything is still answered after SIGTERM, so that a proxy finds other nodes meanwhile.
    pub shutdown_delay: Duration,
    /// Whether a server that others may reach starts with settings that are for tests only.
    pub allow_insecure_testing: bool,
}

impl ServerConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        // `[::1]` is how an address of IPv6 is written before a port.
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
            let text = "must not list networks wider than /8 (IPv6: /7): every client could claim any address, and guess \
                        passwords without limit (ALLOW_INSECURE_TESTING=true allows it for tests)";
            settings.error("TRUSTED_PROXIES", text);
        }
        config
    }

    /// Whether the server shows pages of its own: where no single-page app is served.
    #[must_use]
    pub fn has_pages(&self) -> bool {
        self.static_dir.is_none()
    }

    /// Whether it listens for this machine only.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

/// On one's own machine nobody waits for a server to stop.
pub(super) fn default_shutdown_delay(host: &str) -> Duration {
    if is_loopback(host) { Duration::ZERO } else { SHUTDOWN_DELAY }
}

/// An address alone is a network of one.
fn networks(text: &str) -> Result<Vec<IpNet>, &'static str> {
    let network = |part: &str| part.parse().or_else(|_| part.parse().map(|address: IpAddr| address.into()));
    let networks = text.split(',').map(|part| network(part.trim())).collect::<Result<_, _>>();
    networks.map_err(|_| "must list addresses or networks such as 10.0.0.0/8, by commas")
}

fn static_dir(text: &str) -> Result<PathBuf, &'static str> {
    let folder = PathBuf::from(text);
    let index = folder.join("index.html").canonicalize().ok().filter(|index| index.is_file());
    match (index, folder.canonicalize()) {
        (Some(index), Ok(real)) if index.starts_with(&real) => Ok(folder),
        (Some(_), _) => Err("must be a folder whose index.html is not a link to a file outside of it"),
        (None, _) => Err("must be a folder with an index.html"),
    }
}
