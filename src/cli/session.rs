//! `tollgate session`

use anyhow::bail;
use clap::Subcommand;
use serde::Serialize;
use serde_json::json;

use super::{Context, user};
use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError},
    models::{
        audit::{self, Event},
        sessions::{self, Session},
    },
};

/// Sessions in one transaction: few enough that the server's writes need not wait for long.
const BATCH: i64 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the live sessions of a user
    List { username: String },
    /// End one session of a user, or all
    Revoke {
        username: String,
        /// Which one; without it, all
        id: Option<i64>,
    },
    /// Delete the sessions that are over, which the server does every ten minutes
    Purge,
}

/// A session as an operator sees one.
#[derive(Serialize)]
struct Row {
    id: i64,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    idle_expires_at: Timestamp,
    expires_at: Timestamp,
    ip: Option<String>,
    user_agent: Option<String>,
    stay_signed_in: bool,
}

pub(super) async fn run(context: Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List { username } => {
            let (user_id, now) = (user::find(&context, &username).await?.id, context.clock.now());
            let found = context.db.read(move |connection| sessions::list_live(connection, user_id, now)).await?;
            let rows: Vec<_> = found.into_iter().map(Row::from).collect();
            context.list(&rows, Row::columns)
        }
        Command::Revoke { username, id } => {
            let (user_id, now) = (user::find(&context, &username).await?.id, context.clock.now());
            let end = move |connection: &mut DbConnection| {
                let ended = match id {
                    Some(id) => usize::from(sessions::delete_own(connection, user_id, id)?),
                    None => sessions::delete_all(connection, user_id)?,
                };
                if ended > 0 {
                    audit::insert(connection, user_id, Event::Revoked, &user::operator(), now)?;
                }
                Ok::<_, DbError>(ended)
            };
            let ended = context.db.write(end).await?;
            if ended == 0 && id.is_some() {
                bail!("{username} has no such session");
            }
            context.show(&json!({ "ended": ended }), || format!("{ended} ended"))
        }
        Command::Purge => purge(context).await,
    }
}

async fn purge(context: Context) -> anyhow::Result<()> {
    let (mut purged, now) = (0, context.clock.now());
    loop {
        let batch = context.db.write(move |connection| sessions::delete_expired(connection, now, BATCH)).await?;
        purged += batch;
        if batch == 0 {
            return context.show(&json!({ "deleted": purged }), || format!("{purged} deleted"));
        }
    }
}

impl From<Session> for Row {
    fn from(session: Session) -> Self {
        let Session {
            id, created_at, last_seen_at, idle_expires_at, expires_at, ip, user_agent, stay_signed_in, ..
        } = session;
        Self { id, created_at, last_seen_at, idle_expires_at, expires_at, ip, user_agent, stay_signed_in }
    }
}

impl Row {
    fn columns(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        vec![self.id.to_string(), self.last_seen_at.to_string(), text(&self.ip), text(&self.user_agent)]
    }
}
