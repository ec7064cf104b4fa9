//! `tollgate stats`

use anyhow::anyhow;
use clap::Args;

use super::{Context, table, waiting::Waiting};
use crate::paywall::statistics::{
    self, Day, Days,
    contents::{ContentStatistics, Contents},
    parse_day,
};

#[derive(Debug, Args)]
pub(super) struct Stats {
    /// The first day, such as 2026-11-01 [default: 29 days before the last day]
    #[arg(long)]
    from: Option<String>,
    /// The last day, in UTC [default: today]
    #[arg(long)]
    to: Option<String>,
    /// Count by post, and by page of another application, instead of by day
    #[arg(long)]
    posts: bool,
}

pub(super) async fn run(context: Context, Stats { from, to, posts }: Stats) -> anyhow::Result<()> {
    let from = from.as_deref().map(parse_day).transpose().map_err(|error| anyhow!("--from {error}"))?;
    let to = to.as_deref().map(parse_day).transpose().map_err(|error| anyhow!("--to {error}"))?;
    let days = Days::new(from, to, context.clock.now()).map_err(|error| anyhow!("--from {error}"))?;
    if posts {
        return by_post(context, days).await;
    }
    let days = context.db.read(move |connection| statistics::days(connection, days)).await?;
    if context.json {
        return context.show(&days, String::new);
    }
    table([header()].into_iter().chain(days.iter().map(columns)))
}

async fn by_post(context: Context, days: Days) -> anyhow::Result<()> {
    let waiting = Waiting::start(context.json);
    let contents = Contents::find(&context.db, days).await?;
    let posts = context.db.read(move |connection| contents.page(connection, None, usize::MAX)).await?;
    drop(waiting);
    if context.json {
        return context.show(&posts, String::new);
    }
    let names = ["post", "reads", "readers", "refusals", "sign-ups", "subscriptions", "title"];
    table([names.map(str::to_owned).to_vec()].into_iter().chain(posts.into_iter().map(post_columns)))
}

fn post_columns(post: ContentStatistics) -> Vec<String> {
    let name = post.post_id.map(|id| id.to_string()).or(post.path).unwrap_or_default();
    let counts = [post.reads, post.readers, post.refusals, post.sign_ups, post.subscriptions].map(|n| n.to_string());
    [name].into_iter().chain(counts).chain([post.title.unwrap_or_default()]).collect()
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
