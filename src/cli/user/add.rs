//! `tollgate user add`

use anyhow::anyhow;
use clap::Args;

use super::row::Row;
use crate::{
    accounts::{
        Accounts, Registration,
        credentials::{Hasher, Verifier},
    },
    base::email::Email,
    cli::{Context, ask, operator},
    users::Role,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Add {
    username: String,
    #[arg(long)]
    email: Option<String>,
    /// Let the user write posts and see the statistics
    #[arg(long)]
    admin: bool,
}

pub(super) async fn run(context: &Context, Add { username, email, admin }: Add) -> anyhow::Result<()> {
    let username = ask::username(&username)?;
    let email = email.as_deref().map(Email::parse).transpose().map_err(|error| anyhow!("--email {error}"))?;
    let password = ask::password(context.config.password.min_length, Some(&username))?;
    let role = if admin { Role::Admin } else { Role::User };
    let registration = Registration { username, password, email, role };
    let (operator, now) = (operator::client("user add"), context.clock.now());
    let user = accounts(context)?.register(registration, operator, now).await?;
    let username = user.username.clone();
    let row = Row::from(user);
    context.show(&row, || format!("{username}: added\n{}", row.line()))
}

pub(super) fn hasher(context: &Context) -> anyhow::Result<Hasher> {
    Ok(Hasher::start(context.config.password.cost, 1, 1)?)
}

/// Without throttling: operators may add as many users as they like.
fn accounts(context: &Context) -> anyhow::Result<Accounts> {
    let verifier =
        Verifier { db: context.db.clone(), hasher: hasher(context)?, limits_attempts: false, accepts_email: false };
    Ok(Accounts { verifier, session: context.config.session, meter: context.config.meter, mail: None })
}
