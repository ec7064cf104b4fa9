//! `tollgate meter`

use anyhow::{bail, ensure};
use clap::Subcommand;
use serde::Serialize;

use super::{Context, NotFound, operator, user};
use crate::{
    base::clock::Timestamp,
    db::Tx,
    paywall,
    paywall::{MeterState, Reader},
    users::User,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show how many reads a user has left
    Show {
        /// Username, email address or id
        user: String,
    },
    /// Set how many reads of this period a user has used; a lower number grants extra reads
    Set {
        /// Username, email address or id
        user: String,
        /// From 0, which restores all reads, to READS_LIMIT, which leaves none
        used: i64,
    },
    /// Give a user extra reads in this period, also beyond READS_LIMIT
    Give {
        /// Username, email address or id
        user: String,
        /// How many
        #[arg(value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
        count: i64,
    },
}

#[derive(Serialize)]
struct Row {
    username: String,
    limit: i64,
    used: i64,
    remaining: i64,
    resets_at: Option<Timestamp>,
    subscribed: bool,
}

pub(super) async fn run(context: Context, command: Command) -> anyhow::Result<()> {
    let (policy, now) = (context.config.meter, context.clock.now());
    match command {
        Command::Show { user } => {
            let found = user::find(&context, &user).await?;
            let reader = Reader::user(found.id);
            let meter = context.db.read(move |connection| paywall::state(connection, &policy, reader, now)).await?;
            show(&context, found, meter, now)
        }
        Command::Set { user, used } => {
            let limit = policy.limit;
            ensure!(
                (0..=limit).contains(&used),
                "the number of reads used must be between 0 and {limit} (READS_LIMIT)"
            );
            let found = user::find(&context, &user).await?;
            let (id, operator) = (found.id, operator::client("meter set"));
            let set = move |tx: &mut Tx<'_>| paywall::set_used(tx, &policy, id, used, &operator, now);
            let Some(meter) = context.db.write(set).await? else { bail!(NotFound(format!("user not found: {user}"))) };
            show(&context, found, meter, now)
        }
        Command::Give { user, count } => {
            let found = user::find(&context, &user).await?;
            let (id, operator) = (found.id, operator::client("meter give"));
            let give = move |tx: &mut Tx<'_>| paywall::give_reads(tx, &policy, id, count, &operator, now);
            let Some(meter) = context.db.write(give).await? else { bail!(NotFound(format!("user not found: {user}"))) };
            show(&context, found, meter, now)
        }
    }
}

fn show(context: &Context, user: User, meter: MeterState, now: Timestamp) -> anyhow::Result<()> {
    let MeterState { limit, used, resets_at, .. } = meter;
    let subscribed = user.is_subscribed(now);
    let (username, remaining) = (user.username, meter.remaining());
    let row = Row { username, limit, used, remaining, resets_at, subscribed };
    context.show(&row, || {
        let resets = resets_at.map_or(String::new(), |at| format!(", resets at {at}"));
        let metered = if subscribed { "; the user is subscribed, so reads are not metered" } else { "" };
        format!("{}: {used} of {limit} reads used, {remaining} left{resets}{metered}", row.username)
    })
}
