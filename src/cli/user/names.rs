//! `tollgate user rename` and `tollgate user email`

use anyhow::{anyhow, ensure};
use clap::Args;

use super::{change::report, find};
use crate::{
    accounts::{AccountChange, AccountError, by_admin},
    base::email::Email,
    cli::{Context, ask, operator},
    db::Tx,
    users,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Rename {
    /// Username, email address or id
    user: String,
    /// The new username
    username: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SetEmail {
    /// Username, email address or id
    user: String,
    /// The new address; if the server sends email, it is pending until its owner confirms it
    #[arg(required_unless_present = "remove", conflicts_with = "remove")]
    address: Option<String>,
    /// Remove the address
    #[arg(long)]
    remove: bool,
}

pub(super) async fn rename(context: &Context, Rename { user, username }: Rename) -> anyhow::Result<()> {
    let username = ask::username(&username)?;
    ensure!(!context.config.mail.is_on() || !username.key.contains('@'), "the username must not contain @");
    let change = AccountChange { username: Some(username), email: None };
    apply(context, &user, change, "user rename", "has a new name").await
}

pub(super) async fn email(context: &Context, SetEmail { user, address, .. }: SetEmail) -> anyhow::Result<()> {
    let email = address.as_deref().map(Email::parse).transpose().map_err(|error| anyhow!("the address {error}"))?;
    let sentence = match (&email, context.config.mail.is_on()) {
        (None, _) => "has no address any more",
        (Some(_), true) => "gets a message at the new address, which is pending until it is confirmed",
        (Some(_), false) => "has a new address",
    };
    apply(context, &user, AccountChange { username: None, email: Some(email) }, "user email", sentence).await
}

async fn apply(
    context: &Context,
    who: &str,
    change: AccountChange,
    command: &str,
    sentence: &str,
) -> anyhow::Result<()> {
    let (id, mailer) = (find(context, who).await?.id, operator::mailer_of_server(&context.config)?);
    let (operator, now) = (operator::client(command), context.clock.now());
    let apply = move |tx: &mut Tx<'_>| {
        let Some(user) = users::lock_by_id(tx, id)? else { return Ok(None) };
        by_admin::change_account(tx, mailer.as_ref(), user, change, &operator, now).map(Some)
    };
    report(context, who, context.db.write::<_, AccountError, _>(apply).await?, sentence)
}
