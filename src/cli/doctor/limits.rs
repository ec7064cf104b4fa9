//! Settings that do not fit each other, or the machine.

use std::time::Duration;

use super::{Finding, warning};
use crate::{app, config::Config};

const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(address) = config.server.metrics_address.filter(|address| !address.ip().is_loopback()) {
        let text = format!("is {address}, where other machines may ask without a password: keep strangers off");
        findings.push(warning("METRICS_ADDR", text));
    }
    for (lifetime, idle, max) in [
        (config.session.browser, "SESSION_IDLE", "SESSION_MAX"),
        (config.session.remembered, "REMEMBER_IDLE", "REMEMBER_MAX"),
    ] {
        if lifetime.idle > lifetime.max {
            findings.push(warning(idle, format!("is longer than {max}, which ends the session before")));
        }
    }
    if config.retention.inactive_accounts.is_some_and(|keep| keep < MONTH) {
        let text = "is less than 30 days: accounts are deleted for good that soon after their last use (m is minutes)";
        findings.push(warning("INACTIVE_ACCOUNTS_KEEP", text));
    }
    if let Some((needed, most)) = app::lack_of_open_files(config.limits.connections) {
        let text = format!("needs {needed} open files, and the system lets this process have {most} (ulimit -Hn)");
        findings.push(warning("MAX_CONNECTIONS", text));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::tests::{config, settings};

    fn of(values: &[(&str, &str)]) -> Vec<(String, bool)> {
        settings(examine(&config(&[&[("MAX_CONNECTIONS", "1")], values].concat())))
    }

    #[test]
    fn metrics_are_for_who_is_meant_to_have_them() {
        assert_eq!(of(&[("METRICS_ADDR", "127.0.0.1:9464")]), []);
        assert_eq!(of(&[("METRICS_ADDR", "0.0.0.0:9464")]), [("METRICS_ADDR".to_owned(), false)]);
    }

    #[test]
    fn accounts_are_not_deleted_soon_after_their_last_use() {
        assert_eq!(of(&[("INACTIVE_ACCOUNTS_KEEP", "365d")]), []);
        assert_eq!(of(&[("INACTIVE_ACCOUNTS_KEEP", "12m")]), [("INACTIVE_ACCOUNTS_KEEP".to_owned(), false)]);
    }

    #[test]
    fn a_session_lasts_as_long_unused_as_is_said() {
        assert_eq!(of(&[("SESSION_IDLE", "7d")]), []);
        assert_eq!(of(&[("SESSION_IDLE", "8d")]), [("SESSION_IDLE".to_owned(), false)]);
        assert_eq!(of(&[("REMEMBER_MAX", "1d")]), [("REMEMBER_IDLE".to_owned(), false)]);
    }
}
