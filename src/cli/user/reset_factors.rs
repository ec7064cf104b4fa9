//! `tollgate user reset-factors`

use std::path::Path;

use anyhow::{Context as _, bail};

use super::{find, row::Row};
use crate::{
    accounts::administration,
    cli::{Context, operator},
    config::{Config, KEY_FILE, SecretKey},
    db::Tx,
    mail::{Mailer, TokenKeys},
};

pub(super) async fn run(context: &Context, who: &str) -> anyhow::Result<()> {
    let (id, mailer) = (find(context, who).await?.id, mailer(&context.config)?);
    let (operator, now) = (operator::client("user reset-factors"), context.clock.now());
    let reset = move |tx: &mut Tx<'_>| administration::reset_factors(tx, mailer.as_ref(), id, &operator, now);
    let Some(user) = context.db.write(reset).await? else { bail!("user not found: {who}") };
    let username = user.username.clone();
    let row = Row::from(user);
    context.show(&row, || format!("{username}: has no second factor any more\n{}", row.line()))
}

/// Adds the notice to the outbox, from which the server sends it; `None` if e-mail is off.
fn mailer(config: &Config) -> anyhow::Result<Option<Mailer>> {
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
