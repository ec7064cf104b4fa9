//! Checks for settings that conflict with each other, or with the machine.

use std::{net::IpAddr, time::Duration};

use super::{Finding, error, warning};
use crate::{
    config::{Config, ServerConfig},
    edge::open_files,
};

/// The default time for which common proxies keep an idle connection to a server.
/// <https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive_timeout>
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#connection-idle-timeout>
/// <https://caddyserver.com/docs/caddyfile/directives/reverse_proxy#transports>
const PROXIES: [(&str, Duration); 3] = [
    ("nginx", Duration::from_secs(60)),
    ("AWS's load balancer", Duration::from_secs(60)),
    ("Caddy", Duration::from_secs(120)),
];

/// The highest cost of bcrypt whose check takes about a second.
const MAX_SENSIBLE_COST: u32 = 14;

const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

pub(super) fn review(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(address) = config.server.metrics_address.filter(|address| !address.ip().is_loopback()) {
        let text =
            format!("is {address}, which other machines can query without a password: restrict access with a firewall");
        findings.push(warning("METRICS_ADDR", text));
    }
    findings.extend(metrics_port(&config.server));
    findings.extend(idle_timeout(&config.server, config.limits.idle));
    findings.extend(hash_cost(config.password.cost));
    for (lifetime, idle, max) in [
        (config.session.browser, "SESSION_IDLE", "SESSION_MAX"),
        (config.session.remembered, "REMEMBER_IDLE", "REMEMBER_MAX"),
    ] {
        if lifetime.idle > lifetime.max {
            findings.push(warning(idle, format!("is longer than {max}, which ends the session first")));
        }
    }
    if config.retention.inactive_accounts.is_some_and(|keep| keep < MONTH) {
        let text =
            "is less than 30 days: accounts are permanently deleted that soon after their last use (m means minutes)";
        findings.push(warning("INACTIVE_ACCOUNTS_KEEP", text));
    }
    findings
}

pub(super) fn open_files(config: &Config) -> Option<Finding> {
    let (needed, max) = open_files::shortfall(config.limits.connections)?;
    let text = format!("needs {needed} open files, but the system limits this process to {max} (ulimit -Hn)");
    Some(warning("MAX_CONNECTIONS", text))
}

/// A cost of 12 takes about a quarter of a second of a core, and each step doubles it.
fn hash_cost(cost: u32) -> Option<Finding> {
    let seconds = 2_u64.saturating_pow(cost.saturating_sub(14));
    let text = format!(
        "is {cost}: checking one password takes about {seconds} seconds of a core, so signing in fails when few users do \
         it at the same time. Set it to 12, or to 14 at most"
    );
    (cost > MAX_SENSIBLE_COST).then(|| warning("BCRYPT_COST", text))
}

/// Port 0 means a different port at each start.
fn metrics_port(server: &ServerConfig) -> Option<Finding> {
    let address = server.metrics_address.filter(|address| address.port() == server.port && server.port != 0)?;
    let is_same = match server.host.parse::<IpAddr>() {
        Ok(host) => host == address.ip() || host.is_unspecified() || address.ip().is_unspecified(),
        Err(_) => !server.is_loopback() || address.ip().is_loopback() || address.ip().is_unspecified(),
    };
    let text = format!("is {address}, which has the same port as the site (PORT)");
    Some(if is_same {
        error("METRICS_ADDR", format!("{text}: only one of them can listen there. Choose another port, such as 9464"))
    } else {
        let why = "a proxy or firewall rule that names only the port exposes the metrics to strangers";
        warning("METRICS_ADDR", format!("{text}: {why}. Choose another port, such as 9464"))
    })
}

fn idle_timeout(server: &ServerConfig, idle: Duration) -> Option<Finding> {
    let has_proxy = !server.trusted_proxies.is_empty() || server.public_origin.is_some();
    let longer: Vec<_> = PROXIES.iter().filter(|(_, timeout)| has_proxy && idle <= *timeout).collect();
    let longest = longer.iter().map(|(_, timeout)| timeout.as_secs()).max()?;
    let names: Vec<_> = longer.iter().map(|(name, timeout)| format!("{name} {}s", timeout.as_secs())).collect();
    let text = format!(
        "is {}s, but proxies keep idle connections as long or longer ({}): they send requests on connections that are \
         being closed, and respond with 502. Set it above {longest}s, or set the proxy's timeout below it",
        idle.as_secs(),
        names.join(", ")
    );
    Some(warning("IDLE_TIMEOUT", text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tests::{config, settings};

    fn of(values: &[(&str, &str)]) -> Vec<(String, bool)> {
        settings(review(&config(values)))
    }

    #[test]
    fn public_metrics_are_reported() {
        assert_eq!(of(&[("METRICS_ADDR", "127.0.0.1:9464")]), []);
        assert_eq!(of(&[("METRICS_ADDR", "0.0.0.0:9464")]), [("METRICS_ADDR".to_owned(), false)]);
    }

    #[test]
    fn a_cost_that_takes_seconds_is_reported() {
        assert_eq!(of(&[("BCRYPT_COST", "14")]), []);
        assert_eq!(of(&[("BCRYPT_COST", "31")]), [("BCRYPT_COST".to_owned(), false)]);
    }

    #[test]
    fn a_short_account_retention_is_reported() {
        assert_eq!(of(&[("INACTIVE_ACCOUNTS_KEEP", "365d")]), []);
        assert_eq!(of(&[("INACTIVE_ACCOUNTS_KEEP", "12m")]), [("INACTIVE_ACCOUNTS_KEEP".to_owned(), false)]);
    }

    #[test]
    fn an_idle_time_beyond_the_maximum_is_reported() {
        assert_eq!(of(&[("SESSION_IDLE", "7d")]), []);
        assert_eq!(of(&[("SESSION_IDLE", "8d")]), [("SESSION_IDLE".to_owned(), false)]);
        assert_eq!(of(&[("REMEMBER_MAX", "1d")]), [("REMEMBER_IDLE".to_owned(), false)]);
    }

    #[test]
    fn a_shared_port_of_site_and_metrics_is_reported() {
        let port = ("PORT", "9464");
        let wrong = [("METRICS_ADDR".to_owned(), true)];
        assert_eq!(of(&[port, ("METRICS_ADDR", "127.0.0.1:9464")]), wrong);
        assert_eq!(of(&[port, ("HOST", "localhost"), ("METRICS_ADDR", "127.0.0.1:9464")]), wrong);
        assert_eq!(of(&[port, ("METRICS_ADDR", "127.0.0.2:9464")]), [("METRICS_ADDR".to_owned(), false)]);
        assert_eq!(of(&[("METRICS_ADDR", "127.0.0.1:9464")]), []);
    }

    #[test]
    fn an_idle_timeout_below_that_of_proxies_is_reported() {
        let look = [("IDLE_TIMEOUT".to_owned(), false)];
        let proxy = ("PUBLIC_URL", "https://blog.example");
        assert_eq!(of(&[proxy]), []);
        assert_eq!(of(&[proxy, ("IDLE_TIMEOUT", "121s")]), []);
        assert_eq!(of(&[proxy, ("IDLE_TIMEOUT", "2m")]), look);
        assert_eq!(of(&[("TRUSTED_PROXIES", "127.0.0.1"), ("IDLE_TIMEOUT", "10s")]), look);
        assert_eq!(of(&[("IDLE_TIMEOUT", "10s")]), [], "no setting indicates a proxy");
    }
}
