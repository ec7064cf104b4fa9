//! Server settings.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;

use super::{
    duration::Span,
    environment::Settings,
    setting::{
        Checked, Choice,
        DefaultValue::{Computed, Fixed},
        Definition, Form, Optional, Range, Setting, Written,
    },
    values::{AllowedOrigins, exposed_by, host, is_loopback, is_too_wide, networks, web_origin},
};

/// Which statuses and error bodies are sent; see the head of `openapi.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// The status codes that the tutorials' frontends rely on.
    Classic,
    /// The same response for every failed login, 402 at the paywall, RFC 9457 problem details.
    Modern,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationPolicy {
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
    /// Proxies whose `X-Forwarded-*` headers are trusted.
    pub trusted_proxies: Vec<IpNet>,
    pub contract: Contract,
    pub registration: RegistrationPolicy,
    /// The built single-page app to serve.
    pub static_dir: Option<PathBuf>,
    /// The folder of the files at `/media/`.
    pub media_dir: Option<PathBuf>,
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
            media_dir: MEDIA_DIR.read(settings),
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

    /// Where links to this server lead.
    #[must_use]
    pub fn origin(&self) -> String {
        self.public_origin.clone().unwrap_or_else(|| format!("http://localhost:{}", self.port))
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

pub(super) const ALL: &[&dyn Definition] = &[
    &HOST,
    &PORT,
    &METRICS_ADDR,
    &PUBLIC_URL,
    &TRUSTED_PROXIES,
    &CORS_ORIGINS,
    &STATIC_DIR,
    &MEDIA_DIR,
    &CONTRACT,
    &REGISTRATION,
    &SEED_DEMO,
    &SHUTDOWN_DELAY,
    &ALLOW_INSECURE_TESTING,
];

pub(crate) const HOST: Setting<String> = Setting {
    name: "HOST",
    about: "The address to listen on. To let other machines connect, use one that is not loopback, such as `0.0.0.0`, and set \
            `COOKIE_SECURE=true`.",
    values: &Written(Form { description: "an IP address or a host name", parse: host }, String::clone),
    default: Fixed(|| "127.0.0.1".to_owned()),
};

pub(crate) const PORT: Setting<u16> = Setting {
    name: "PORT",
    about: "The port to listen on. With `0` the system chooses a free port, which is written to the log.",
    values: &Range { min: 0, max: u16::MAX },
    default: Fixed(|| 8080),
};

pub(crate) const METRICS_ADDR: Optional<SocketAddr> = Optional {
    name: "METRICS_ADDR",
    about: "The address and port where Prometheus scrapes `/metrics`. The metrics contain no personal data, but \
            should not be public.",
    values: &Form { description: "an address with a port, such as 127.0.0.1:9464", parse: |text| text.parse().ok() },
    unset: "none; metrics are not served",
};

pub(crate) const PUBLIC_URL: Optional<String> = Optional {
    name: "PUBLIC_URL",
    about: "The URL at which browsers reach the site. Set it on every public server, because links in email lead there. \
            It also replaces a `Host` header that a proxy changes.",
    values: &Form { description: "a URL such as https://blog.example", parse: web_origin },
    unset: "none; the `Host` header is used",
};

pub(crate) const TRUSTED_PROXIES: Optional<Vec<IpNet>> = Optional {
    name: "TRUSTED_PROXIES",
    about: "Proxies whose `X-Forwarded-For` and `X-Forwarded-User-Agent` headers are trusted, and for forward auth \
            `X-Forwarded-Uri` and `X-Forwarded-Method`. Set it if the server is behind a proxy; otherwise rate limits \
            treat all visitors as one network. Networks wider than /8 (IPv6: /7) are rejected.",
    values: &Form {
        description: "a comma-separated list of addresses or networks such as 10.0.0.0/8",
        parse: networks,
    },
    unset: "none",
};

pub(crate) const CORS_ORIGINS: Setting<AllowedOrigins> = Setting {
    name: "CORS_ORIGINS",
    about: "Origins whose pages may call the API with credentials. Set it to the origin of your frontend, or to `none`. \
            The list replaces the default.",
    values: &Written(
        Checked {
            description: "a comma-separated list of origins such as https://app.example, or none",
            parse: AllowedOrigins::parse,
        },
        AllowedOrigins::write,
    ),
    default: Computed(
        "every port of `http://localhost` and `http://127.0.0.1` if `HOST` is loopback, otherwise `none`",
        |settings| {
            if is_loopback(&HOST.peek(settings)) {
                AllowedOrigins::Loopback
            } else {
                AllowedOrigins::Listed(Vec::new())
            }
        },
    ),
};

pub(crate) const STATIC_DIR: Optional<PathBuf> = Optional {
    name: "STATIC_DIR",
    about: "The folder of a built single-page app, which is served instead of the server's own pages. Everyone can read its \
            files, except hidden ones, so the current folder and the database must not be in it.",
    values: &Checked { description: "a folder with an index.html", parse: static_dir },
    unset: "none; the server's own pages are served",
};

pub(crate) const MEDIA_DIR: Optional<PathBuf> = Optional {
    name: "MEDIA_DIR",
    about: "The folder of the pictures and other files of posts, at `/media/`. Everyone can read its images, audio, video and \
            PDF files, except hidden ones, so the current folder and the database must not be in it. Editors add files by \
            `POST /media`; for this, the server must be allowed to write. Nodes must share the folder.",
    values: &Checked { description: "a folder", parse: media_dir },
    unset: "none; there are no such files",
};

pub(crate) const CONTRACT: Setting<Contract> = Setting {
    name: "CONTRACT",
    about: "The status codes and the form of error responses. `classic` is what the tutorials' frontends rely on. Choose \
            `modern` for new frontends: the same 401 for every failed login, 402 when the meter is used up, and RFC 9457 \
            problem details.",
    values: &Choice(&[("classic", Contract::Classic), ("modern", Contract::Modern)]),
    default: Fixed(|| Contract::Classic),
};

pub(crate) const REGISTRATION: Setting<RegistrationPolicy> = Setting {
    name: "REGISTRATION",
    about: "Whether new users can register. If it is `closed`, `tollgate user add` still creates accounts.",
    values: &Choice(&[("open", RegistrationPolicy::Open), ("closed", RegistrationPolicy::Closed)]),
    default: Fixed(|| RegistrationPolicy::Open),
};

pub(crate) const SEED_DEMO: Setting<bool> = Setting {
    name: "SEED_DEMO",
    about: "Whether a new database gets three sample posts.",
    values: &Choice::TRUE_OR_FALSE,
    default: Computed("`true` if `HOST` is loopback, otherwise `false`", |settings| is_loopback(&HOST.peek(settings))),
};

pub(crate) const SHUTDOWN_DELAY: Setting<Duration> = Setting {
    name: "SHUTDOWN_DELAY",
    about: "How long requests are still served after SIGTERM, while `/readyz` already returns 503, so that a proxy can \
            switch to other nodes.",
    values: &Span::PositiveOrZero,
    // Two or three health checks of a proxy that checks every one or two seconds; no delay on a developer's own
    // machine.
    default: Computed("`0s` if `HOST` is loopback, otherwise `5s`", |settings| {
        if is_loopback(&HOST.peek(settings)) { Duration::ZERO } else { Duration::from_secs(5) }
    }),
};

pub(crate) const ALLOW_INSECURE_TESTING: Setting<bool> = Setting {
    name: "ALLOW_INSECURE_TESTING",
    about: "Allows `THROTTLE=off`, a `BCRYPT_COST` below 10, any `TRUSTED_PROXIES` and a short \
            `STRIPE_WEBHOOK_SECRET` on a server that others may reach. Use it only for tests; every start logs a warning, \
            whatever `LOG_LEVEL` is.",
    values: &Choice::TRUE_OR_FALSE,
    default: Fixed(|| false),
};

fn media_dir(text: &str) -> Result<PathBuf, String> {
    let folder = PathBuf::from(text);
    if folder.is_dir() { Ok(folder) } else { Err("must be a folder that exists".to_owned()) }
}

fn static_dir(text: &str) -> Result<PathBuf, String> {
    let folder = PathBuf::from(text);
    let index = folder.join("index.html").canonicalize().ok().filter(|index| index.is_file());
    match (index, folder.canonicalize()) {
        (Some(index), Ok(real)) if index.starts_with(&real) => Ok(folder),
        (Some(_), _) => Err("must be a folder whose index.html is not a link to a file outside the folder".to_owned()),
        (None, _) => Err("must be a folder with an index.html".to_owned()),
    }
}
