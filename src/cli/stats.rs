//! `tollgate stats`

use anyhow::anyhow;
use clap::Args;

use super::{Context, table};
use crate::{
    metering::statistics::{self, Day, Days, parse_day},
    models::days::DayCounts,
};

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
    let header = ["day", "reads", "refusals", "readers", "conversions"].map(str::to_owned).to_vec();
    table([header].into_iter().chain(days.iter().map(columns)))
}

fn columns(Day { day, counts }: &Day) -> Vec<String> {
    let DayCounts { reads, refusals, readers, conversions } = counts;
    let counts = [reads, refusals, readers, conversions].map(ToString::to_string);
    [day.clone()].into_iter().chain(counts).collect()
}
