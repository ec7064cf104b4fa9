//! `tollgate stats`

use anyhow::anyhow;
use clap::Args;

use super::{Context, table};
use crate::paywall::statistics::{self, Day, Days, parse_day};

#[derive(Debug, Args)]
pub(super) struct Stats {
    /// The first day, such as 2026-11-01 [default: 29 days before the last day]
    #[arg(long)]
    from: Option<String>,
    /// The last day, in UTC [default: today]
    #[arg(long)]
    to: Option<String>,
}

pub(super) async fn run(context: Context, Stats { from, to }: Stats) -> anyhow::Result<()> {
    let from = from.as_deref().map(parse_day).transpose().map_err(|error| anyhow!("--from {error}"))?;
    let to = to.as_deref().map(parse_day).transpose().map_err(|error| anyhow!("--to {error}"))?;
    let days = Days::new(from, to, context.clock.now()).map_err(|error| anyhow!("--from {error}"))?;
    let days = context.db.read(move |connection| statistics::days(connection, days)).await?;
    if context.json {
        return context.show(&days, String::new);
    }
    table([header()].into_iter().chain(days.iter().map(columns)))
}

fn header() -> Vec<String> {
    let names = [
        "day",
        "reads",
        "refusals",
        "readers",
        "conversions",
        "anonymous-reads",
        "anonymous-refusals",
        "anonymous-readers",
        "anonymous-conversions",
        "subscribed-reads",
        "subscribed-readers",
    ];
    names.map(str::to_owned).to_vec()
}

fn columns(Day { day, total, anonymous, subscribed, .. }: &Day) -> Vec<String> {
    let counts = [
        total.reads,
        total.refusals,
        total.readers,
        total.conversions,
        anonymous.reads,
        anonymous.refusals,
        anonymous.readers,
        anonymous.conversions,
        subscribed.reads,
        subscribed.readers,
    ];
    [day.clone()].into_iter().chain(counts.map(|count| count.to_string())).collect()
}
