//! `tollgate user list`

use anyhow::bail;
use clap::{Args, ValueEnum};

use super::row::Row;
use crate::{
    accounts::user_search::{self, Search},
    cli::{Context, NotFound, table},
    users::Role,
};

/// The maximum number of users in memory, unless they are written as one JSON array.
const PAGE: i64 = 1000;

#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    /// Only users whose username or email address starts with this, in the order of their names
    #[arg(long)]
    query: Option<String>,
    /// Only users with this role
    #[arg(long)]
    role: Option<RoleName>,
    /// Only users who may sign in, or only those who may not
    #[arg(long)]
    status: Option<Status>,
    /// The maximum number of users
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    limit: Option<i64>,
    /// Continue after the user with this id, which was the last one of the previous page
    #[arg(long)]
    after: Option<i64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    User,
    Editor,
    Admin,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Status {
    Active,
    Disabled,
}

pub(super) async fn run(context: &Context, list: List) -> anyhow::Result<()> {
    let List { query, role, status, limit, mut after } = list;
    let role = role.map(|role| match role {
        RoleName::User => Role::User,
        RoleName::Editor => Role::Editor,
        RoleName::Admin => Role::Admin,
    });
    let search = Search { prefix: query, role, is_active: status.map(|status| matches!(status, Status::Active)) };
    let (mut left, mut all) = (limit.unwrap_or(i64::MAX), Vec::new());
    while left > 0 {
        let (search, last, max) = (search.clone(), after, left.min(PAGE));
        let page = context.db.read(move |connection| user_search::page(connection, &search, last, max)).await?;
        let Some(page) = page else { bail!(NotFound("--after: user not found".to_owned())) };
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        left -= i64::try_from(page.len()).unwrap_or(i64::MAX);
        let rows: Vec<_> = page.into_iter().map(Row::from).collect();
        if context.json {
            all.extend(rows);
        } else {
            table(rows.iter().map(Row::columns))?;
        }
    }
    if context.json { context.show(&all, String::new) } else { Ok(()) }
}
