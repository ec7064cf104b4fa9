//! `tollgate audit`

use anyhow::anyhow;
use clap::Args;

use super::Context;
use crate::{
    accounts::events::{self, EventSearch},
    base::clock::Timestamp,
    users::{audit::Event, audit_search::Found},
};

#[derive(Debug, Args)]
pub(super) struct Audit {
    /// Only events since this day or time, such as 2026-11-01 or 2026-11-01T12:30:00Z
    #[arg(long)]
    since: Option<String>,
    /// Only events up to this day or time
    #[arg(long)]
    until: Option<String>,
    /// Only what this admin or user of the operating system did to accounts: a name, or the id of an admin
    #[arg(long)]
    by: Option<String>,
    /// Only events of this kind, such as deleted
    #[arg(long)]
    event: Option<String>,
    /// The maximum number of events
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
}

pub(super) async fn run(context: Context, audit: Audit) -> anyhow::Result<()> {
    let Audit { since, until, by, event, limit } = audit;
    let time = |name: &'static str, text: Option<String>| {
        let parsed = text.map(|text| Timestamp::from_time_or_day(&text)).transpose();
        parsed.map_err(|error| anyhow!("{name} {error}"))
    };
    let event = event.as_deref().map(Event::parse).transpose().map_err(|error| anyhow!("--event {error}"))?;
    let search = EventSearch { since: time("--since", since)?, until: time("--until", until)?, by, event };
    let found = context.db.read(move |connection| events::page(connection, &search, None, limit)).await?;
    context.list(&found, columns)
}

fn columns(found: &Found) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let user = match (&found.username, found.user_id()) {
        (Some(name), _) => name.clone(),
        (None, Some(id)) => format!("user {id}"),
        (None, None) => "-".to_owned(),
    };
    vec![found.at.to_string(), found.event.into_str().to_owned(), user, text(&found.by), text(&found.user_agent)]
}
