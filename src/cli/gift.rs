//! `tollgate gift`

use anyhow::bail;
use clap::Subcommand;
use serde_json::json;

use super::{Context, NotFound, operator, user};
use crate::{
    accounts::administration,
    db::{DbConnection, DbError, Tx},
    paywall::gifts::table::{self as gifts, Gift},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the gift links of a user that work
    List {
        /// Username, email address or id
        user: String,
    },
    /// Revoke one or all gift links of a user
    Revoke {
        /// Username, email address or id
        user: String,
        /// The id of the gift [default: all of the user's gifts]
        id: Option<i64>,
    },
}

pub(super) async fn run(context: Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List { user } => list(&context, &user).await,
        Command::Revoke { user, id } => revoke(&context, &user, id).await,
    }
}

async fn list(context: &Context, who: &str) -> anyhow::Result<()> {
    let (user_id, now) = (user::find(context, who).await?.id, context.clock.now());
    let list = move |connection: &mut DbConnection| gifts::list_live(connection, user_id, now);
    let gifts: Vec<Gift> = context.db.read::<_, DbError, _>(list).await?.into_iter().map(|(gift, _)| gift).collect();
    context.list(&gifts, columns)
}

async fn revoke(context: &Context, who: &str, id: Option<i64>) -> anyhow::Result<()> {
    let user = user::find(context, who).await?;
    let (user_id, operator, now) = (user.id, operator::client("gift revoke"), context.clock.now());
    let revoke = move |tx: &mut Tx<'_>| administration::revoke_gifts(tx, user_id, id, &operator, now);
    let revoked = context.db.write(revoke).await?;
    if revoked == 0 && id.is_some() {
        bail!(NotFound(format!("{} has no gift with this id that works", user.username)));
    }
    context.show(&json!({ "revoked": revoked }), || format!("gifts revoked: {revoked}"))
}

fn columns(gift: &Gift) -> Vec<String> {
    let opened = format!("{} of {} opened", gift.opened, gift.opens);
    let expires = gift.expires_at.map(|at| format!("expires {at}")).unwrap_or_default();
    vec![gift.id.to_string(), format!("post {}", gift.post_id), opened, expires]
}
