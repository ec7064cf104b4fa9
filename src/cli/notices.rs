//! Notices about what an operator does to an account.

use std::path::Path;

use anyhow::Context as _;

use crate::{
    config::{Config, KEY_FILE, SecretKey},
    mail::{Mailer, TokenKeys},
    models::users::User,
};

/// Returns the mailer that adds notices to the outbox, from which the server sends them; `None` if e-mail is off or the
/// user has no verified address. Without either, the command needs no key.
pub(super) fn mailer(config: &Config, user: &User) -> anyhow::Result<Option<Mailer>> {
    if !config.mail.is_on() || !user.is_email_verified() {
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
