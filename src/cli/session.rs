//! `tollgate session`

use anyhow::bail;
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use super::{Context, NotFound, operator, table, user, waiting::Waiting};
use crate::{
    credentials::sessions::{self, Session, revoke, revoke_up_to},
    db::Tx,
};

/// The maximum number of sessions per transaction, so that the server's writes do not wait long.
const BATCH: i64 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the live sessions of a user, or of all users
    List(Whose),
    /// End one or all sessions of a user, or the sessions of all users
    Revoke {
        #[command(flatten)]
        whose: Whose,
        /// The id of the session [default: all of the user's sessions]
        #[arg(conflicts_with = "all")]
        id: Option<i64>,
    },
    /// Delete expired sessions, which the server also does every ten minutes
    Purge,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Whose {
    /// Username, email address or id
    user: Option<String>,
    /// The sessions of all users
    #[arg(long)]
    all: bool,
}

/// A session in a list of all users' sessions.
#[derive(Serialize)]
struct RowOfAll {
    user_id: i64,
    username: String,
    #[serde(flatten)]
    session: Session,
}

pub(super) async fn run(context: Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List(Whose { user: Some(user), .. }) => list(&context, &user).await,
        Command::List(Whose { user: None, .. }) => list_all(&context).await,
        Command::Revoke { whose: Whose { user: Some(user), .. }, id } => revoke_of_user(&context, &user, id).await,
        Command::Revoke { whose: Whose { user: None, .. }, .. } => revoke_all(&context).await,
        Command::Purge => purge(&context).await,
    }
}

async fn list(context: &Context, who: &str) -> anyhow::Result<()> {
    let (user_id, now) = (user::find(context, who).await?.id, context.clock.now());
    let found = context.db.read(move |connection| sessions::list_live(connection, user_id, now)).await?;
    context.list(&found, columns)
}

async fn list_all(context: &Context) -> anyhow::Result<()> {
    let (mut all, mut last, now) = (Vec::new(), i64::MIN, context.clock.now());
    loop {
        let page = context.db.read(move |connection| sessions::list_live_of_all(connection, last, now, BATCH)).await?;
        let Some((session, _)) = page.last() else { break };
        last = session.id;
        let rows: Vec<_> = page.into_iter().map(RowOfAll::from).collect();
        if context.json {
            all.extend(rows);
        } else {
            table(rows.iter().map(RowOfAll::columns))?;
        }
    }
    if context.json { context.show(&all, String::new) } else { Ok(()) }
}

async fn revoke_of_user(context: &Context, who: &str, id: Option<i64>) -> anyhow::Result<()> {
    let user = user::find(context, who).await?;
    let (user_id, operator, now) = (user.id, operator::client("session revoke"), context.clock.now());
    let end = move |tx: &mut Tx<'_>| revoke(tx, user_id, id, &operator, now);
    let ended = context.db.write(end).await?;
    if ended == 0 && id.is_some() {
        bail!(NotFound(format!("{} has no session with this id", user.username)));
    }
    context.show(&json!({ "ended": ended }), || format!("sessions ended: {ended}"))
}

async fn revoke_all(context: &Context) -> anyhow::Result<()> {
    let Some(last) = context.db.read(sessions::last_id).await? else {
        return context.show(&json!({ "ended": 0 }), || "sessions ended: 0".to_owned());
    };
    let (mut ended, operator, now) = (0, operator::client("session revoke --all"), context.clock.now());
    let waiting = Waiting::start(context.json);
    loop {
        let operator = operator.clone();
        let end = move |tx: &mut Tx<'_>| revoke_up_to(tx, last, None, BATCH, &operator, now);
        let batch = context.db.write(end).await?;
        ended += batch;
        if batch == 0 {
            drop(waiting);
            return context.show(&json!({ "ended": ended }), || format!("sessions ended: {ended}"));
        }
    }
}

async fn purge(context: &Context) -> anyhow::Result<()> {
    let (mut purged, now) = (0, context.clock.now());
    let waiting = Waiting::start(context.json);
    loop {
        let batch = context.db.write(move |tx| sessions::delete_expired(tx, now, BATCH)).await?;
        purged += batch;
        if batch == 0 {
            drop(waiting);
            return context.show(&json!({ "deleted": purged }), || format!("expired sessions deleted: {purged}"));
        }
    }
}

impl From<(Session, String)> for RowOfAll {
    fn from((session, username): (Session, String)) -> Self {
        Self { user_id: session.user_id, username, session }
    }
}

impl RowOfAll {
    fn columns(&self) -> Vec<String> {
        [self.username.clone()].into_iter().chain(columns(&self.session)).collect()
    }
}

fn columns(session: &Session) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    vec![session.id.to_string(), session.last_seen_at.to_string(), text(&session.ip), text(&session.user_agent)]
}
