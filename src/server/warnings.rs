//! Settings that the server starts with, but that nobody should serve people with.

use crate::config::Config;

/// Logs a warning for each.
pub(super) fn log(config: &Config) {
    if config.server.allow_insecure_testing {
        tracing::warn!(
            throttle = config.password.throttle,
            bcrypt_cost = config.password.cost,
            "ALLOW_INSECURE_TESTING is true: settings that let strangers guess passwords are accepted. It is for tests only"
        );
    }
    if config.cookie.secret_key.as_ref().is_some_and(|key| key.is_monotonous()) {
        tracing::warn!(
            "SECRET_KEY can be guessed: it consists of a few characters; make one with openssl rand -hex 32"
        );
    }
}
