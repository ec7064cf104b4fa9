//! Notices about what an operator does to an account.

use super::secret::secret;
use crate::{
    config::Config,
    mail::{Mailer, TokenKeys},
    models::users::User,
};

/// Returns the mailer that adds notices to the outbox, from which the server sends them; `None` if e-mail is off or the
/// user has no verified address. Without either, the command needs no key.
pub(super) fn mailer(config: &Config, user: &User) -> anyhow::Result<Option<Mailer>> {
    if !config.mail.is_on() || !user.is_email_verified() {
        return Ok(None);
    }
    let secret = secret(config, "for the link in the notice")?;
    let keys = TokenKeys::new(&secret, config.cookie.old_secret_key.as_ref());
    Ok(Some(Mailer::new(keys, &config.mail.from, config.password.throttle)))
}
