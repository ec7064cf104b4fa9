//! Checks the settings for anonymous readers.

use super::{Finding, site, warning};
use crate::config::Config;

pub(super) fn review(config: &Config) -> Vec<Finding> {
    let meter = config.meter;
    let mut findings = Vec::new();
    if meter.anonymous_limit == 0 {
        if meter.merges_anonymous {
            findings.push(warning("READS_ANONYMOUS_MERGE", "has no effect while READS_ANONYMOUS is 0"));
        }
        return findings;
    }
    if site::proxies(&config.server).is_some() {
        let text = format!(
            "is {}, but TRUSTED_PROXIES is empty: behind a proxy, all readers who have no cookie yet share one budget of \
             {} reads",
            meter.anonymous_limit,
            meter.network_limit()
        );
        findings.push(warning("READS_ANONYMOUS", text));
    }
    if meter.anonymous_limit > meter.limit {
        let text = format!("is more than READS_LIMIT ({}): readers lose reads by registering", meter.limit);
        findings.push(warning("READS_ANONYMOUS", text));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tests::{config, settings};

    fn of(values: &[(&str, &str)]) -> Vec<(String, bool)> {
        settings(review(&config(values)))
    }

    #[test]
    fn what_readers_without_a_session_may_not_expect_is_reported() {
        let found = |name: &str| vec![(name.to_owned(), false)];
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[("READS_ANONYMOUS", "5"), ("READS_ANONYMOUS_MERGE", "true")]), []);
        assert_eq!(of(&[("READS_ANONYMOUS_MERGE", "true")]), found("READS_ANONYMOUS_MERGE"));
        assert_eq!(of(&[("READS_ANONYMOUS", "6")]), found("READS_ANONYMOUS"));
        let public = [("READS_ANONYMOUS", "1"), ("PUBLIC_URL", "https://blog.example")];
        assert_eq!(of(&public), found("READS_ANONYMOUS"));
        assert_eq!(of(&[public[0], public[1], ("TRUSTED_PROXIES", "127.0.0.1")]), []);
    }
}
