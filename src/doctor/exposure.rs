//! Checks for what strangers could exploit.

use tokio::task::spawn_blocking;

use super::{Finding, unsafe_setting, warning};
use crate::{
    config::{Config, ServerConfig},
    edge::local_http::get,
};

const UNTRUSTED: &str = "tollgate_http_untrusted_forwarding_total ";

pub(super) fn testing(config: &Config) -> Option<Finding> {
    let text = match config.server.exposed_by() {
        Some(reason) => format!(
            "is true, and {reason}: THROTTLE=off, a BCRYPT_COST below 10, any TRUSTED_PROXIES and a short \
             STRIPE_WEBHOOK_SECRET are accepted, which let strangers guess passwords and secrets. Remove it unless \
             this is a test environment"
        ),
        None => "is true, but no setting requires it: remove it, so that a later mistake is rejected".to_owned(),
    };
    config.server.allow_insecure_testing.then(|| unsafe_setting("ALLOW_INSECURE_TESTING", text))
}

/// Only the running server knows who forwards requests, so this reads its metrics.
pub(super) async fn forwarding(server: &ServerConfig) -> Option<Finding> {
    let address = server.metrics_address.filter(|address| address.port() != 0)?;
    // A server that is not running, or has its metrics elsewhere, is not a mistake in the settings.
    let ask = move || get(&address.ip().to_string(), address.port(), "/metrics").ok();
    let (_, page) = spawn_blocking(ask).await.ok()??;
    ignored(&page)
}

fn ignored(page: &str) -> Option<Finding> {
    let count = page.lines().find_map(|line| line.strip_prefix(UNTRUSTED))?;
    let text = format!(
        "does not list an address that sends X-Forwarded-For: the server has ignored the header in {count} requests \
         since it started. If this is your proxy, all visitors behind it count as one network; the log names it \
         (\"X-Forwarded-For ignored\")"
    );
    (count.trim() != "0").then(|| warning("TRUSTED_PROXIES", text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tests::{config, settings};

    #[test]
    fn settings_for_tests_are_reported() {
        let of = |values: &[(&str, &str)]| testing(&config(values));
        assert_eq!(of(&[]), None);
        let testing = ("ALLOW_INSECURE_TESTING", "true");
        for values in [&[testing][..], &[testing, ("TRUSTED_PROXIES", "127.0.0.1"), ("THROTTLE", "off")]] {
            assert_eq!(settings(of(values)), [("ALLOW_INSECURE_TESTING".to_owned(), false)]);
        }
    }

    #[test]
    fn an_ignored_proxy_is_reported() {
        let page = |count| format!("# EOF is elsewhere\n{UNTRUSTED}{count}\n");
        assert_eq!(settings(ignored(&page(7))), [("TRUSTED_PROXIES".to_owned(), false)]);
        assert_eq!(ignored(&page(0)), None);
        assert_eq!(ignored("another program's page"), None);
    }
}
