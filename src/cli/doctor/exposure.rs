//! What strangers could make use of.

use super::{Finding, warning};
use crate::config::Config;

pub(super) fn testing(config: &Config) -> Option<Finding> {
    let text = match config.server.exposed_by() {
        Some(reason) => format!(
            "is true, and {reason}: THROTTLE=off, a BCRYPT_COST below 10 and any TRUSTED_PROXIES are accepted, with which \
             strangers guess passwords. Remove it, unless this is a test"
        ),
        None => "is true, which nothing needs here: remove it, so that a later mistake is refused".to_owned(),
    };
    config.server.allow_insecure_testing.then(|| warning("ALLOW_INSECURE_TESTING", text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::tests::{config, settings};

    #[test]
    fn settings_for_tests_are_pointed_out() {
        let of = |values: &[(&str, &str)]| testing(&config(values));
        assert_eq!(of(&[]), None);
        let testing = ("ALLOW_INSECURE_TESTING", "true");
        for values in [&[testing][..], &[testing, ("TRUSTED_PROXIES", "127.0.0.1"), ("THROTTLE", "off")]] {
            assert_eq!(settings(of(values)), [("ALLOW_INSECURE_TESTING".to_owned(), false)]);
        }
    }
}
