//! The settings: the file of a topic defines them with their types and defaults, and has a struct with the values, which
//! are parsed once at start. All errors are reported, not only the first.

mod billing;
mod cookie;
mod database;
mod duration;
mod effective;
mod environment;
mod limits;
mod log;
mod mail;
mod meter;
mod names;
mod oidc;
mod password;
mod private_files;
mod reference;
mod retention;
mod sections;
mod server;
mod session;
mod setting;
mod site;
pub(crate) mod temporary_file;
mod values;

use std::collections::HashMap;

pub(crate) use self::environment::cores;
pub use self::{
    billing::{BillingConfig, PaymentLink, WebhookSecret},
    cookie::CookieConfig,
    database::{DatabaseLimits, DatabaseUrl},
    effective::{Effective, Explanation, InEffect, effective, explain},
    environment::ConfigError,
    limits::LimitsConfig,
    log::{LogConfig, LogFormat},
    mail::MailConfig,
    meter::{MeterConfig, ReadsCount},
    names::{closest_setting, file_has_secrets, misspelt_in_environment, quoted, unknown},
    oidc::{ClientSecret, OidcProvider},
    password::{AdminSettings, PasswordConfig, SecondFactorPolicy},
    reference::{env_file, settings_page},
    retention::RetentionConfig,
    server::{Contract, RegistrationPolicy, ServerConfig},
    session::{Lifetime, Protection, SessionConfig},
    setting::Source,
    site::SiteConfig,
    values::{
        Accent, AllowedOrigins, Colour, CrawlerRanges, KEY_FILE, MailUrl, SecretKey, Shades, SiteFile, SiteLink,
        SmtpServer, SmtpTls, is_local_origin,
    },
};
use self::{environment::Settings, private_files::private_in};

#[derive(Clone, Debug)]
pub struct Config {
    pub server: ServerConfig,
    pub site: SiteConfig,
    pub limits: LimitsConfig,
    pub database: DatabaseUrl,
    pub cookie: CookieConfig,
    pub session: SessionConfig,
    pub password: PasswordConfig,
    pub meter: MeterConfig,
    pub crawler_ranges: Vec<CrawlerRanges>,
    pub billing: BillingConfig,
    pub mail: MailConfig,
    /// The providers of OpenID Connect, in the order of their buttons.
    pub oidc: Vec<OidcProvider>,
    pub retention: RetentionConfig,
    pub log: LogConfig,
    pub in_effect: InEffect,
}

impl Config {
    /// Reads the environment and, for settings not set there, the file `.env` in this folder or one above.
    pub fn load() -> Result<Self, ConfigError> {
        Self::from_values(environment::environment()?)
    }

    /// Reads the settings from a map of names to values. An empty value counts as not set.
    pub fn from_values(values: HashMap<String, String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(values);
        let config = Self::read(&mut settings);
        settings.finish(config)
    }

    /// The scheme of the addresses that browsers use. The server itself speaks plain HTTP, and a proxy may terminate
    /// TLS.
    #[must_use]
    pub fn public_scheme(&self) -> &'static str {
        let is_https = match &self.server.public_origin {
            Some(origin) => origin.starts_with("https:"),
            None => self.cookie.secure,
        };
        if is_https { "https" } else { "http" }
    }

    fn read(settings: &mut Settings) -> Self {
        let server = ServerConfig::read(settings);
        let meter = MeterConfig::read(settings);
        let database = database::DATABASE_URL.read(settings);
        for (name, folder, what) in [
            (server::STATIC_DIR.name, &server.static_dir, "the app"),
            (server::MEDIA_DIR.name, &server.media_dir, "the files of posts"),
        ] {
            if let Some(private) = folder.as_deref().and_then(|folder| private_in(folder, &database)) {
                let text = format!("because everyone can read its files: put {what} into a folder of its own");
                settings.error(name, format!("must not contain {private}, {text}"));
            }
        }
        Self {
            site: SiteConfig::read(settings),
            limits: LimitsConfig::read(settings),
            database,
            cookie: CookieConfig::read(settings, &server),
            session: SessionConfig::read(settings),
            password: PasswordConfig::read(settings, &server),
            retention: RetentionConfig::read(settings, meter.period),
            meter,
            crawler_ranges: meter::CRAWLER_RANGES.read(settings).unwrap_or_default(),
            billing: BillingConfig::read(settings, &server),
            mail: MailConfig::read(settings, &server),
            oidc: oidc::read(settings, &server),
            log: LogConfig::read(settings),
            in_effect: InEffect::of(settings),
            server,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(values: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_values(values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    fn errors(values: &[(&str, &str)]) -> Vec<String> {
        parse(values).expect_err("these settings are invalid").0
    }

    #[test]
    fn an_empty_environment_is_valid() {
        let config = parse(&[]).expect("every setting has a default");
        assert_eq!(config.server.port, 8080);
        assert_eq!(config.password.cost, 12);
        assert_eq!(config.meter.limit, 5);
    }

    #[test]
    fn all_invalid_settings_are_reported_at_once() {
        let errors = errors(&[
            ("PORT", "70000"),
            ("DATABASE_URL", "mysql://localhost/x"),
            ("BCRYPT_COST", "3"),
            ("READS_PERIOD", "soon"),
            ("CONTRACT", "futuristic"),
            ("LOG_FORMAT", "xml"),
        ]);
        assert_eq!(
            errors,
            [
                "PORT must be a whole number from 0 to 65535",
                "CONTRACT must be classic or modern",
                "READS_PERIOD must be a duration such as 90s, 15m, 24h or 30d, at most 36500d",
                "DATABASE_URL must be sqlite://<file> or postgres://<user>@<host>/<database>",
                "BCRYPT_COST must be a whole number from 4 to 31",
                "LOG_FORMAT must be text or json",
            ]
        );
    }

    #[test]
    fn an_error_says_what_is_valid() {
        for (name, value, error) in [
            ("METRICS_ADDR", "9464", "must be an address with a port, such as 127.0.0.1:9464"),
            ("PUBLIC_URL", "blog", "must be a URL such as https://blog.example"),
            ("TRUSTED_PROXIES", "x", "must be a comma-separated list of addresses or networks such as 10.0.0.0/8"),
            ("CORS_ORIGINS", "*", "must be a comma-separated list of origins such as https://app.example"),
            ("STATIC_DIR", "/nowhere", "must be a folder with an index.html"),
            ("MEDIA_DIR", "/nowhere", "must be a folder that exists"),
            ("SEED_DEMO", "yes", "must be true or false"),
            ("THROTTLE", "true", "must be on or off"),
            ("SECRET_KEY", "short", "must have at least 64 characters"),
            ("SESSION_PROTECTION", "weak", "must be basic, strong or off"),
            ("CHECKOUT_URL", "x", "must be a URL such as https://buy.stripe.com/…"),
            ("STRIPE_WEBHOOK_SECRET", ",", "must be a comma-separated list of secrets such as whsec_…"),
            ("LOG_LEVEL", "loud", "must be error, warn, info, debug or trace"),
        ] {
            assert_eq!(errors(&[(name, value)]), [format!("{name} {error}")]);
        }
        assert!(parse(&[("LOG_LEVEL", "DEBUG")]).is_ok(), "upper case is accepted");
    }

    #[test]
    fn an_empty_value_counts_as_not_set() {
        assert_eq!(parse(&[("PORT", "")]).expect("absent").server.port, 8080);
    }

    #[test]
    fn reads_are_retained_for_at_least_a_period() {
        let kept = |values: &[(&str, &str)]| parse(values).expect("fine").retention.reads.as_secs() / 86_400;
        assert_eq!(kept(&[]), 60);
        assert_eq!(kept(&[("READS_PERIOD", "90d")]), 120);
        assert_eq!(kept(&[("READS_PERIOD", "7d"), ("READS_KEEP", "7d")]), 7);
        assert_eq!(errors(&[("READS_KEEP", "29d")]), ["READS_KEEP must not be shorter than READS_PERIOD"]);
    }

    #[test]
    fn inactive_accounts_are_retained_forever_by_default() {
        let kept = |value| parse(&[("INACTIVE_ACCOUNTS_KEEP", value)]).expect("fine").retention.inactive_accounts;
        assert_eq!((kept(""), kept("off")), (None, None));
        assert_eq!(kept("2d").map(|kept| kept.as_secs()), Some(2 * 86_400));
        assert_eq!(errors(&[("INACTIVE_ACCOUNTS_KEEP", "never")]).len(), 1);
    }

    /// Settings that suggest that others may reach the server, and the reason given.
    const EXPOSED: [(&str, &str, &str); 5] = [
        ("HOST", "0.0.0.0", "HOST is not loopback"),
        ("TRUSTED_PROXIES", "127.0.0.1", "TRUSTED_PROXIES is set"),
        ("PUBLIC_URL", "https://blog.example", "PUBLIC_URL is not loopback"),
        ("PUBLIC_URL", "http://192.0.2.7:8080", "PUBLIC_URL is not loopback"),
        ("PUBLIC_URL", "http://localhost.example", "PUBLIC_URL is not loopback"),
    ];

    #[test]
    fn an_insecure_cookie_is_rejected_on_a_public_address() {
        assert_eq!(errors(&[("HOST", "0.0.0.0")]).len(), 1);
        assert!(parse(&[("HOST", "0.0.0.0"), ("COOKIE_SECURE", "true")]).is_ok());
        assert!(parse(&[("HOST", "0.0.0.0"), ("ALLOW_INSECURE_COOKIES", "true")]).is_ok());
    }

    #[test]
    fn insecure_test_settings_are_rejected_if_others_may_reach_the_server() {
        let insecure = [
            ("BCRYPT_COST=4", "BCRYPT_COST must be at least 10"),
            ("THROTTLE=off", "THROTTLE must be on"),
            ("STRIPE_WEBHOOK_SECRET=x", "STRIPE_WEBHOOK_SECRET must list secrets of at least 16 characters"),
            (
                "STRIPE_WEBHOOK_SECRET=whsec_0123456789abcdef0123456789abcdef,whsec_x",
                "STRIPE_WEBHOOK_SECRET must list secrets of at least 16 characters",
            ),
        ];
        for (name, value, reason) in EXPOSED {
            for (setting, rule) in insecure {
                let values = [(name, value), ("COOKIE_SECURE", "true"), setting.split_once('=').expect("a pair")];
                let text = format!(
                    "{rule} because {reason}, so that others may reach the server (ALLOW_INSECURE_TESTING=true allows it \
                     for tests)"
                );
                assert_eq!(errors(&values), [text], "{name}={value}");
                assert!(parse(&[&values[..], &[("ALLOW_INSECURE_TESTING", "true")]].concat()).is_ok());
            }
        }
    }

    #[test]
    fn insecure_test_settings_are_accepted_on_this_machine() {
        for url in ["http://localhost:5173", "http://app.localhost", "http://127.0.0.2", "http://[::1]:8080", ""] {
            let insecure = [("BCRYPT_COST", "4"), ("THROTTLE", "off"), ("PUBLIC_URL", url)];
            assert!(parse(&insecure).is_ok(), "{url}");
            assert!(parse(&[("STRIPE_WEBHOOK_SECRET", "whsec_local"), ("PUBLIC_URL", url)]).is_ok(), "{url}");
        }
    }

    #[test]
    fn too_wide_networks_of_trusted_proxies_are_rejected() {
        for wide in ["0.0.0.0/0", "::/0", "127.0.0.1,0.0.0.0/1", "128.0.0.0/7", "8000::/6"] {
            assert_eq!(errors(&[("TRUSTED_PROXIES", wide)]).len(), 1, "{wide}");
            assert!(parse(&[("TRUSTED_PROXIES", wide), ("ALLOW_INSECURE_TESTING", "true")]).is_ok());
        }
        assert!(parse(&[("TRUSTED_PROXIES", "10.0.0.0/8,fc00::/7")]).is_ok());
    }

    #[test]
    fn the_public_scheme_is_that_of_the_public_url_or_of_the_cookie() {
        let scheme = |values: &[(&str, &str)]| parse(values).expect("fine").public_scheme();
        let secure = ("COOKIE_SECURE", "true");
        assert_eq!((scheme(&[]), scheme(&[secure])), ("http", "https"));
        assert_eq!(scheme(&[secure, ("PUBLIC_URL", "http://localhost:8080")]), "http");
        assert_eq!(scheme(&[("PUBLIC_URL", "https://localhost:8080")]), "https");
    }

    #[test]
    fn proxies_are_addresses_or_networks() {
        let proxies = parse(&[("TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8,2001:db8::/32")]);
        assert_eq!(proxies.expect("fine").server.trusted_proxies.len(), 3);
        for wrong in ["localhost", "10.0.0.0/33", "10.0.0.1,", "*"] {
            assert_eq!(errors(&[("TRUSTED_PROXIES", wrong)]).len(), 1, "{wrong}");
        }
    }

    #[test]
    fn a_webhook_may_have_several_secrets_but_no_empty_one() {
        let several = parse(&[("STRIPE_WEBHOOK_SECRET", "whsec_a, whsec_b")]);
        assert_eq!(several.expect("fine").billing.webhook_secrets.len(), 2);
        assert_eq!(errors(&[("STRIPE_WEBHOOK_SECRET", "whsec_a,")]).len(), 1);
        assert_eq!(errors(&[("CHECKOUT_URL", "buy.stripe.com/x")]).len(), 1);
    }

    #[test]
    fn an_origin_is_accepted_only_as_browsers_send_it() {
        for wrong in ["*", "https://app.example/", "app.example", "https://app.example/path", "null"] {
            assert_eq!(errors(&[("CORS_ORIGINS", wrong)]).len(), 1, "{wrong}");
        }
        assert!(parse(&[("CORS_ORIGINS", "https://app.example, http://localhost:3000")]).is_ok());
    }

    #[test]
    fn loopback_origins_are_allowed_by_default_only_if_host_is_loopback() {
        let origins = |values: &[(&str, &str)]| parse(values).expect("fine").server.cors_origins;
        for host in ["127.0.0.1", "localhost", "::1"] {
            assert_eq!(origins(&[("HOST", host)]), AllowedOrigins::Loopback, "{host}");
        }
        let none = AllowedOrigins::Listed(Vec::new());
        assert_eq!(origins(&[("HOST", "0.0.0.0"), ("COOKIE_SECURE", "true")]), none);
        assert_eq!(origins(&[("CORS_ORIGINS", "none")]), none);
    }

    #[test]
    fn the_first_admin_has_a_name_and_a_password() {
        let missing = |name: &str, other: &str| vec![format!("{name} must be set because {other} is")];
        assert_eq!(errors(&[("ADMIN_USERNAME", "ada")]), missing("ADMIN_PASSWORD", "ADMIN_USERNAME"));
        assert_eq!(errors(&[("ADMIN_PASSWORD", "x")]), missing("ADMIN_USERNAME", "ADMIN_PASSWORD"));
        let both = parse(&[("ADMIN_USERNAME", "ada"), ("ADMIN_PASSWORD", "x")]).expect("fine").password.first_admin;
        assert_eq!(both.map(|admin| admin.username), Some("ada".to_owned()));
    }

    #[test]
    fn secrets_do_not_show_in_debug() {
        let key = "k".repeat(64);
        let secrets = [
            ("SECRET_KEY", key.as_str()),
            ("SECRET_KEY_OLD", &key),
            ("DATABASE_URL", "postgres://u:hunter22@db/x"),
            ("STRIPE_WEBHOOK_SECRET", "whsec_hunter22"),
            ("ADMIN_USERNAME", "ada"),
            ("ADMIN_PASSWORD", "hunter22"),
        ];
        let shown = format!("{:?}", parse(&secrets).expect("fine"));
        assert!(!shown.contains("hunter22") && !shown.contains(&key), "{shown}");
    }
}
