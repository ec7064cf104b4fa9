//! `tollgate token`

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Context, NotFound, operator, user, waiting::Waiting};
use crate::{
    accounts::{api_tokens as use_cases, by_admin},
    credentials::api_tokens::{self, ApiToken},
    db::{DbConnection, DbError, Tx},
};

/// The maximum number of tokens per transaction, so that the server's writes do not wait long.
const BATCH: i64 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the API tokens of a user that have not expired
    List {
        /// Username, email address or id
        user: String,
    },
    /// Delete one or all API tokens of a user, or those of all users
    Revoke {
        #[command(flatten)]
        whose: Whose,
        /// The id of the token [default: all of the user's tokens]
        #[arg(conflicts_with = "all")]
        id: Option<i64>,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Whose {
    /// Username, email address or id
    user: Option<String>,
    /// The tokens of all users
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(context: Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List { user } => list(&context, &user).await,
        Command::Revoke { whose: Whose { user: Some(user), .. }, id } => revoke(&context, &user, id).await,
        Command::Revoke { whose: Whose { user: None, .. }, .. } => revoke_all(&context).await,
    }
}

async fn list(context: &Context, who: &str) -> anyhow::Result<()> {
    let (user_id, now) = (user::find(context, who).await?.id, context.clock.now());
    let list = move |connection: &mut DbConnection| api_tokens::list_live(connection, user_id, now);
    context.list(&context.db.read::<_, DbError, _>(list).await?, columns)
}

async fn revoke(context: &Context, who: &str, id: Option<i64>) -> anyhow::Result<()> {
    let user = user::find(context, who).await?;
    let (user_id, operator, now) = (user.id, operator::client("token revoke"), context.clock.now());
    let delete = move |tx: &mut Tx<'_>| by_admin::delete_tokens(tx, user_id, id, &operator, now);
    if !context.db.write(delete).await? {
        bail!(NotFound(format!("{} has no API token with this id", user.username)));
    }
    let outcome = json!({ "username": user.username, "id": id, "deleted": true });
    context.show(&outcome, || match id {
        Some(id) => format!("{}: the API token {id} is deleted", user.username),
        None => format!("{}: all API tokens are deleted", user.username),
    })
}

async fn revoke_all(context: &Context) -> anyhow::Result<()> {
    let (mut deleted, operator, now) = (0, operator::client("token revoke --all"), context.clock.now());
    let last = context.db.read(api_tokens::last_id).await?.unwrap_or_default();
    let waiting = Waiting::start(context.json);
    loop {
        let operator = operator.clone();
        let delete = move |tx: &mut Tx<'_>| use_cases::delete_up_to(tx, last, None, BATCH, &operator, now);
        let batch = context.db.write(delete).await?;
        deleted += batch;
        if batch == 0 {
            drop(waiting);
            return context.show(&json!({ "deleted": deleted }), || format!("API tokens deleted: {deleted}"));
        }
    }
}

fn columns(token: &ApiToken) -> Vec<String> {
    let scopes = token.scopes.names().collect::<Vec<_>>().join(" ");
    let used = token.last_used_at.map_or("never used".to_owned(), |at| format!("last used {at}"));
    let expires = token.expires_at.map(|at| format!("expires {at}")).unwrap_or_default();
    vec![token.id.to_string(), token.name.clone(), scopes, token.created_at.to_string(), used, expires]
}
