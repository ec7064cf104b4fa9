//! What the log says at the start about settings that are valid, but not meant for production.

use crate::config::{self, Config, MailUrl};

/// The target of these warnings, which are logged whatever `LOG_LEVEL` is.
pub const UNSAFE_SETTINGS: &str = "tollgate::unsafe_settings";

/// Warns of names that are ignored because they are no settings.
pub fn warn_of_unknown_settings() {
    let in_file = config::unknown().unwrap_or_default().into_iter();
    let in_environment = config::misspelt_in_environment().into_iter().map(|(name, meant)| (name, Some(meant)));
    for (name, meant) in in_file.chain(in_environment) {
        tracing::warn!(name, did_you_mean = meant, "unknown setting ignored");
    }
}

pub(super) fn log(config: &Config) {
    if config.server.allow_insecure_testing {
        tracing::warn!(
            target: UNSAFE_SETTINGS,
            throttle = config.password.throttle,
            bcrypt_cost = config.password.cost,
            "ALLOW_INSECURE_TESTING is true: settings that make passwords easier to guess are accepted; use it only in tests"
        );
    }
    if config.billing.demo_checkout {
        tracing::info!(
            setting = "DEMO_CHECKOUT",
            "the demo checkout is on: users subscribe without paying, until CHECKOUT_URL is set"
        );
    }
    if let (MailUrl::File(folder), Some(reason)) = (&config.mail.url, config.server.exposed_by()) {
        let folder = folder.display();
        tracing::warn!(%folder, reason, "MAIL_URL names a folder: users do not receive messages that are written there");
    }
    if let Some(reason) = config.server.exposed_by().filter(|_| !config.cookie.secure) {
        tracing::warn!(
            target: UNSAFE_SETTINGS,
            reason,
            "COOKIE_SECURE is false, but others may reach the server: anyone on the network path can read passwords and \
             sessions"
        );
    }
    if config.cookie.secret_key.as_ref().is_some_and(|key| key.is_repetitive()) {
        tracing::warn!(
            target: UNSAFE_SETTINGS,
            "SECRET_KEY can be guessed: it has too few distinct characters; generate one with openssl rand -hex 32"
        );
    }
}
