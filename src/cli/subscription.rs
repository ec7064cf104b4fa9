//! `tollgate grant` and `tollgate revoke`

use anyhow::{anyhow, bail};
use clap::Args;
use serde_json::json;

use super::{Context, user};
use crate::{clock::Timestamp, paywall::paying};

#[derive(Debug, Args)]
pub(super) struct Grant {
    username: String,
    /// Until when, such as 2027-01-01 or 2027-01-01T12:30:00Z; without it, for good
    #[arg(long)]
    until: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    username: String,
}

pub(super) async fn grant(context: Context, Grant { username, until }: Grant) -> anyhow::Result<()> {
    let until: Option<Timestamp> =
        until.map(|text| Timestamp::from_time_or_day(&text)).transpose().map_err(|fault| anyhow!("--until {fault}"))?;
    let (grace, now) = (context.config.paying.grace, context.clock.now());
    if until.is_some_and(|until| until <= now) {
        bail!("--until is past");
    }
    let user_id = user::find(&context, &username).await?.id;
    let given = context.db.write(move |connection| paying::grant(connection, user_id, until, grace, now)).await?;
    if given.is_none() {
        bail!("there is no user {username}");
    }
    let until = until.map(|until| until.to_string());
    context.show(&json!({ "username": username, "subscribed": true, "until": until }), || {
        format!(
            "{username} is subscribed {}",
            until.clone().map_or("for good".to_owned(), |until| format!("until {until}"))
        )
    })
}

pub(super) async fn revoke(context: Context, Revoke { username }: Revoke) -> anyhow::Result<()> {
    let user_id = user::find(&context, &username).await?.id;
    let (grace, now) = (context.config.paying.grace, context.clock.now());
    if !context.db.write(move |connection| paying::end(connection, user_id, grace, now)).await? {
        bail!("there is no user {username}");
    }
    context
        .show(&json!({ "username": username, "subscribed": false }), || format!("{username} is subscribed no longer"))
}
