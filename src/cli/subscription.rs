//! `tollgate grant` and `tollgate revoke`

use anyhow::{anyhow, bail};
use clap::Args;
use serde_json::json;

use super::{Context, NotFound, operator, user};
use crate::{base::clock::Timestamp, billing::subscribers, db::Tx, users::User};

#[derive(Debug, Args)]
pub(super) struct Grant {
    /// Username, email address or id
    user: String,
    /// The end of the subscription, such as 2027-01-01 or 2027-01-01T12:30:00Z [default: never]
    #[arg(long)]
    until: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// Username, email address or id
    user: String,
}

pub(super) async fn grant(context: Context, Grant { user: who, until }: Grant) -> anyhow::Result<()> {
    let until: Option<Timestamp> =
        until.map(|text| Timestamp::from_time_or_day(&text)).transpose().map_err(|error| anyhow!("--until {error}"))?;
    let (grace, operator, now) = (context.config.billing.grace, operator::client("grant"), context.clock.now());
    if until.is_some_and(|until| until <= now) {
        bail!("--until must be in the future");
    }
    let User { id, username, .. } = user::find(&context, &who).await?;
    let give = move |tx: &mut Tx<'_>| subscribers::grant(tx, id, until, grace, &operator, now);
    if context.db.write(give).await?.is_none() {
        bail!(NotFound(format!("user not found: {who}")));
    }
    let until = until.map(|until| until.to_string());
    context.show(&json!({ "username": username, "subscribed": true, "until": until }), || {
        format!(
            "{username} is now subscribed {}",
            until.clone().map_or("permanently".to_owned(), |until| format!("until {until}"))
        )
    })
}

pub(super) async fn revoke(context: Context, Revoke { user: who }: Revoke) -> anyhow::Result<()> {
    let User { id, username, .. } = user::find(&context, &who).await?;
    let (grace, operator, now) = (context.config.billing.grace, operator::client("revoke"), context.clock.now());
    let end = move |tx: &mut Tx<'_>| subscribers::end(tx, id, grace, &operator, now);
    if !context.db.write(end).await? {
        bail!(NotFound(format!("user not found: {who}")));
    }
    context
        .show(&json!({ "username": username, "subscribed": false }), || format!("{username} is no longer subscribed"))
}
