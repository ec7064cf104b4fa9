//! `tollgate user`

mod count;
mod csv_lines;
mod export;
mod fields;
mod format;
mod import;
mod json_lines;
mod lines;
mod progress;
mod records;
mod refusals;

use anyhow::{anyhow, bail};
use clap::Subcommand;
use serde::Serialize;

use super::{Context, ask};
use crate::{
    auth::{
        Email, Hasher, Requester,
        accounts::{self, Registration},
    },
    client::Client,
    clock::Timestamp,
    db::{DbConnection, DbError},
    models::users::{self, Role, User},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a user; the password is asked for, or read from standard input
    Add {
        username: String,
        #[arg(long)]
        email: Option<String>,
        /// Let the user write posts and see the numbers
        #[arg(long)]
        admin: bool,
    },
    /// List all users
    List,
    /// Show a user
    Show { username: String },
    /// Keep a user out, and end all sessions of the user at once
    Disable { username: String },
    /// Let a user in again
    Enable { username: String },
    /// Set another password, and end all sessions of the user
    Password { username: String },
    /// Make a user an admin
    Promote { username: String },
    /// Make an admin a user
    Demote { username: String },
    /// Delete a user and all that is the user's
    Delete { username: String },
    /// Add many users with the hashes that another program made of their passwords; run again, it goes on where it was cut
    Import(import::Import),
    /// Write all users into a new file, without the hashes of their passwords: no export holds one
    Export(export::Export),
}

/// A user as an operator sees one.
#[derive(Serialize)]
struct Row {
    id: i64,
    username: String,
    email: Option<String>,
    role: Role,
    is_active: bool,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    subscribed_until: Option<Timestamp>,
}

pub(super) async fn run(context: Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Add { username, email, admin } => add(&context, &username, email.as_deref(), admin).await,
        Command::List => list(&context).await,
        Command::Show { username } => {
            let row = Row::from(find(&context, &username).await?);
            context.show(&row, || row.line())
        }
        Command::Password { username } => password(&context, &username).await,
        Command::Disable { username } => {
            change(&context, &username, |c, id| users::set_active(c, id, false), "is disabled, and has no session")
                .await
        }
        Command::Enable { username } => {
            change(&context, &username, |c, id| users::set_active(c, id, true), "may sign in").await
        }
        Command::Promote { username } => {
            change(&context, &username, |c, id| users::set_role(c, id, Role::Admin), "is an admin").await
        }
        Command::Demote { username } => {
            change(&context, &username, |c, id| users::set_role(c, id, Role::User), "is no admin").await
        }
        Command::Delete { username } => delete(&context, &username).await,
        Command::Import(import) => import::run(&context, import).await,
        Command::Export(export) => export::run(&context, export).await,
    }
}

async fn add(context: &Context, username: &str, email: Option<&str>, is_admin: bool) -> anyhow::Result<()> {
    let username = ask::username(username)?;
    let email = email.map(Email::parse).transpose().map_err(|fault| anyhow!("the e-mail address {fault}"))?;
    let password = ask::password(context.config.password.min_length, &username)?;
    let role = if is_admin { Role::Admin } else { Role::User };
    let registration = Registration { username, password, email, role };
    let now = context.clock.now();
    let user = accounts::register(&context.db, &hasher(context)?, registration, operator(), now).await?;
    shown(context, &user.username, "added").await
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let rows: Vec<Row> = context.db.read(users::list).await?.into_iter().map(Row::from).collect();
    context.list(&rows, Row::columns)
}

async fn password(context: &Context, username: &str) -> anyhow::Result<()> {
    let id = find(context, username).await?.id;
    let password = ask::password(context.config.password.min_length, &ask::username(username)?)?;
    let requester = Requester::new(&operator(), username);
    let (hash, now) = (hasher(context)?.hash(password, requester).await?, context.clock.now());
    let reset = move |connection: &mut DbConnection| accounts::reset_password(connection, id, &hash, &operator(), now);
    if !context.db.write(reset).await? {
        bail!("there is no user {username}");
    }
    shown(context, username, "has a new password, and no session any more").await
}

async fn change(
    context: &Context,
    username: &str,
    change: fn(&mut DbConnection, i64) -> Result<(), DbError>,
    done: &str,
) -> anyhow::Result<()> {
    let id = find(context, username).await?.id;
    context.db.write(move |connection| change(connection, id)).await?;
    shown(context, username, done).await
}

async fn delete(context: &Context, username: &str) -> anyhow::Result<()> {
    let user = find(context, username).await?;
    let (id, now) = (user.id, context.clock.now());
    context.db.write(move |connection| accounts::erase(connection, id, now)).await?;
    context.show(&Row::from(user), || format!("{username} is deleted"))
}

async fn shown(context: &Context, username: &str, done: &str) -> anyhow::Result<()> {
    let row = Row::from(find(context, username).await?);
    context.show(&row, || format!("{username}: {done}\n{}", row.line()))
}

/// The user of this name.
pub(super) async fn find(context: &Context, username: &str) -> anyhow::Result<User> {
    let key = ask::username(username)?.key;
    let found = context.db.read(move |connection| users::find_credentials(connection, &key)).await?;
    found.map(|found| found.user).ok_or_else(|| anyhow!("there is no user {username}"))
}

fn hasher(context: &Context) -> anyhow::Result<Hasher> {
    Ok(Hasher::start(context.config.password.cost, 1, 1)?)
}

/// Whom the audit names.
pub(super) fn operator() -> Client {
    Client::new(std::net::Ipv4Addr::LOCALHOST.into(), Some("tollgate, the command line"))
}

impl From<User> for Row {
    fn from(user: User) -> Self {
        let User { id, username, email, role, is_active, created_at, updated_at, subscribed_until } = user;
        Self { id, username, email, role, is_active, created_at, updated_at, subscribed_until }
    }
}

impl Row {
    fn line(&self) -> String {
        self.columns().join("  ").trim_end().to_owned()
    }

    fn columns(&self) -> Vec<String> {
        let role = if self.role == Role::Admin { "admin" } else { "user" };
        let state = if self.is_active { "active" } else { "disabled" };
        let email = self.email.clone().unwrap_or_else(|| "-".to_owned());
        let subscribed = match self.subscribed_until {
            None => String::new(),
            Some(until) if until >= Timestamp::WRITABLE.end => "subscribed for good".to_owned(),
            Some(until) => format!("subscribed until {until}"),
        };
        let created_at = self.created_at.to_string();
        vec![self.id.to_string(), self.username.clone(), email, role.into(), state.into(), created_at, subscribed]
    }
}
