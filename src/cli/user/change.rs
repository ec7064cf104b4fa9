//! Commands that add, change or delete a user.

use anyhow::{anyhow, bail};
use clap::Args;
use serde_json::json;

use super::{find, row::Row};
use crate::{
    accounts::{
        self, Accounts, Registration, Username, administration,
        passwords::{Hasher, Requester, Verifier},
    },
    base::email::Email,
    cli::{Context, NotFound, ask, operator},
    db::Tx,
    users::{Role, User},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Add {
    username: String,
    #[arg(long)]
    email: Option<String>,
    /// Let the user write posts, see the statistics, and grant subscriptions
    #[arg(long)]
    admin: bool,
    /// Let the user write posts and see the statistics
    #[arg(long, conflicts_with = "admin")]
    editor: bool,
}

pub(super) async fn add(context: &Context, Add { username, email, admin, editor }: Add) -> anyhow::Result<()> {
    let username = ask::username(&username)?;
    let email = email.as_deref().map(Email::parse).transpose().map_err(|error| anyhow!("--email {error}"))?;
    let password = ask::password(context.config.password.min_length, Some(&username))?;
    let role = match (admin, editor) {
        (true, _) => Role::Admin,
        (_, true) => Role::Editor,
        _ => Role::User,
    };
    let registration = Registration { username, password, email, role };
    let (operator, now) = (operator::client("user add"), context.clock.now());
    let user = accounts(context)?.register(registration, operator, now).await?;
    show_changed(context, user, "added")
}

fn hasher(context: &Context) -> anyhow::Result<Hasher> {
    Ok(Hasher::start(context.config.password.cost, 1, 1)?)
}

/// Without throttling: operators may add as many users as they like.
fn accounts(context: &Context) -> anyhow::Result<Accounts> {
    let verifier =
        Verifier { db: context.db.clone(), hasher: hasher(context)?, limits_attempts: false, accepts_email: false };
    let (session, meter) = (context.config.session, context.config.meter);
    Ok(Accounts { verifier, session, meter, mail: None, registration: context.config.server.registration })
}

/// The command that is recorded in the audit, and the sentence that is printed.
pub(super) struct Changed {
    pub(super) command: &'static str,
    pub(super) sentence: &'static str,
}

pub(super) async fn set_active(
    context: &Context,
    who: &str,
    is_active: bool,
    Changed { command, sentence }: Changed,
) -> anyhow::Result<()> {
    let (id, operator, now) = (find(context, who).await?.id, operator::client(command), context.clock.now());
    let set = move |tx: &mut Tx<'_>| administration::set_active(tx, id, is_active, &operator, now);
    report(context, who, context.db.write(set).await?, sentence)
}

pub(super) async fn set_role(
    context: &Context,
    who: &str,
    role: Role,
    Changed { command, sentence }: Changed,
) -> anyhow::Result<()> {
    let (id, operator, now) = (find(context, who).await?.id, operator::client(command), context.clock.now());
    let set = move |tx: &mut Tx<'_>| administration::set_role(tx, id, role, &operator, now);
    report(context, who, context.db.write(set).await?, sentence)
}

pub(super) async fn password(context: &Context, who: &str) -> anyhow::Result<()> {
    let user = find(context, who).await?;
    let id = user.id;
    // Before the password is asked for, because it fails without the key of the server.
    let mailer = operator::mailer(&context.config, &user)?;
    // An account keeps its name even if Unicode has changed since and the name would be rejected today.
    let username = Username::parse(&user.username).ok();
    let password = ask::password(context.config.password.min_length, username.as_ref())?;
    let (operator, now) = (operator::client("user password"), context.clock.now());
    let hash = hasher(context)?.hash(password, Requester::new(&operator, &user.username)).await?;
    let reset = move |tx: &mut Tx<'_>| administration::reset_password(tx, mailer.as_ref(), id, &hash, &operator, now);
    report(context, who, context.db.write(reset).await?, "has a new password, and all sessions have ended")
}

pub(super) async fn unlock(context: &Context, who: &str) -> anyhow::Result<()> {
    let User { id, username, .. } = find(context, who).await?;
    let (operator, now) = (operator::client("user unlock"), context.clock.now());
    let unlock = move |tx: &mut Tx<'_>| administration::unlock(tx, id, &operator, now);
    let Some(unlocked) = context.db.write(unlock).await? else { bail!(NotFound(format!("user not found: {who}"))) };
    let (forgotten, still) = (unlocked.forgotten, &unlocked.lockouts);
    context.show(&json!({ "username": username, "forgotten": forgotten, "lockouts": still }), || {
        let done = format!("{username}: {forgotten} wrong passwords and codes cleared");
        [done].into_iter().chain(still.iter().map(ToString::to_string)).collect::<Vec<_>>().join("\n")
    })
}

pub(super) async fn delete(context: &Context, who: &str) -> anyhow::Result<()> {
    let user = find(context, who).await?;
    let (id, username) = (user.id, user.username.clone());
    let (operator, now) = (operator::client("user delete"), context.clock.now());
    context.db.write(move |tx| accounts::erase(tx, id, &operator, now)).await?;
    context.show(&Row::from(user), || format!("deleted {username}"))
}

pub(super) async fn reset_factors(context: &Context, who: &str) -> anyhow::Result<()> {
    let user = find(context, who).await?;
    let had_factors = !user.second_factors().is_empty();
    let (id, mailer) = (user.id, operator::mailer(&context.config, &user)?);
    let (operator, now) = (operator::client("user reset-factors"), context.clock.now());
    let reset = move |tx: &mut Tx<'_>| administration::reset_factors(tx, mailer.as_ref(), id, &operator, now);
    let sentence = if had_factors { "no longer has a second factor" } else { "had no second factor" };
    report(context, who, context.db.write(reset).await?, sentence)
}

pub(super) fn report(context: &Context, who: &str, user: Option<User>, sentence: &str) -> anyhow::Result<()> {
    let Some(user) = user else { bail!(NotFound(format!("user not found: {who}"))) };
    show_changed(context, user, sentence)
}

fn show_changed(context: &Context, user: User, sentence: &str) -> anyhow::Result<()> {
    let username = user.username.clone();
    let row = Row::from(user);
    context.show(&row, || format!("{username}: {sentence}\n{}", row.line()))
}
