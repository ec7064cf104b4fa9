//! Server settings.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;

use super::{
    definitions::{
        ALLOW_INSECURE_TESTING, CONTRACT, CORS_ORIGINS, HOST, METRICS_ADDR, PORT, PUBLIC_URL, REGISTRATION, SEED_DEMO,
        SHUTDOWN_DELAY, STATIC_DIR, TRUSTED_PROXIES,
    },
    environment::Settings,
    exposure::exposed_by,
    values::{AllowedOrigins, Contract, RegistrationPolicy, is_loopback, is_too_wide},
};

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
    /// Proxies whose `X-Forwarded-*` headers are trusted.
    pub trusted_proxies: Vec<IpNet>,
    pub contract: Contract,
    pub registration: RegistrationPolicy,
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

    /// The name of this site in authenticator apps and for passkeys.
    #[must_use]
    pub fn site_name(&self) -> &str {
        let host = self.public_origin.as_deref().and_then(|origin| origin.split("://").nth(1));
        host.unwrap_or("tollgate")
    }

    /// Whether the server listens on loopback only.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

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
