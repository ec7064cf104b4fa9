//! Commands that change a user.

use anyhow::bail;
use serde_json::json;

use super::{add::hasher, find, row::Row};
use crate::{
    accounts::{self, Username, administration, credentials::Requester},
    cli::{Context, ask, operator},
    db::Tx,
    users::{Role, User},
};

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
    let Some(unlocked) = context.db.write(unlock).await? else { bail!("user not found: {who}") };
    let (forgotten, still) = (unlocked.forgotten, &unlocked.lock_outs);
    context.show(&json!({ "username": username, "forgotten": forgotten, "lock_outs": still }), || {
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

fn report(context: &Context, who: &str, user: Option<User>, sentence: &str) -> anyhow::Result<()> {
    let Some(user) = user else { bail!("user not found: {who}") };
    let username = user.username.clone();
    let row = Row::from(user);
    context.show(&row, || format!("{username}: {sentence}\n{}", row.line()))
}
