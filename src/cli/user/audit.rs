//! `tollgate user audit`

use clap::Args;

use super::find;
use crate::{
    cli::Context,
    users::audit::{self, Entry},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Audit {
    /// Username, e-mail address or id
    user: String,
    /// The maximum number of events
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
}

pub(super) async fn run(context: &Context, Audit { user, limit }: Audit) -> anyhow::Result<()> {
    let user_id = find(context, &user).await?.id;
    let entries = context.db.read(move |connection| audit::list(connection, user_id, limit)).await?;
    context.list(&entries, columns)
}

fn columns(entry: &Entry) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    vec![entry.at.to_string(), entry.event.as_str().to_owned(), text(&entry.ip), text(&entry.user_agent)]
}
