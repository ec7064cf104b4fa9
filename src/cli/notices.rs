//! Notices about what an operator does to an account.

use std::path::Path;

use anyhow::Context as _;

use crate::{
    config::{Config, KEY_FILE, SecretKey},
    mail::{Mailer, TokenKeys},
};

/// Returns the mailer that adds notices to the outbox, from which the server sends them; `None` if e-mail is off.
pub(super) fn mailer(config: &Config) -> anyhow::Result<Option<Mailer>> {
    if !config.mail.is_on() {
        return Ok(None);
    }
    let secret = match &config.cookie.secret_key {
        Some(secret) => secret.clone(),
        None => SecretKey::read(Path::new(KEY_FILE))
            .with_context(|| format!("SECRET_KEY is needed for the link in the notice: {KEY_FILE}"))?,
    };
    let keys = TokenKeys::new(&secret, config.cookie.old_secret_key.as_ref());
    Ok(Some(Mailer::new(keys, &config.mail.from, config.password.throttle)))
}
