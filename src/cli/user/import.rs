//! `tollgate user import`

use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail, ensure};
use clap::Args;

use super::{
    count::Count,
    fields::{Defaults, Record},
    progress::Progress,
    records::{Format, Records},
    rejected_rows::{RejectedRow, RejectedRows},
};
use crate::{
    accounts::import::{self, ExistingUsers, Newcomer, Outcome},
    base::clock::Timestamp,
    cli::{Context, operator},
    db::DbError,
};

/// The maximum number of users per transaction: it takes some milliseconds, during which the server's writes wait.
const BATCH: usize = 500;

#[derive(Debug, Args)]
pub(in crate::cli) struct Import {
    /// A CSV file with a header, a file of JSON lines, or - for standard input. Required columns or keys: username and
    /// password_hash, or email: users without a name get one, and users without a password sign in by email. Optional: role
    /// (user, editor or admin), is_active and email_verified (true or false, or 1 or 0), created_at (such as 2026-11-21 or
    /// 2026-11-21T10:00:00Z) and stripe_customer. The CSV files of Ghost (members), WordPress (users) and Stripe (customers)
    /// are taken as they are
    file: PathBuf,
    /// The format [default: by the file extension .csv, .jsonl or .ndjson]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Add nobody, but report which users would be refused
    #[arg(long)]
    dry_run: bool,
    /// Give all imported users a subscription until this time, such as 2027-01-01 or 2027-01-01T12:30:00Z
    #[arg(long, value_name = "TIME")]
    subscribed_until: Option<String>,
    /// Write refused users as JSON lines to this new file, instead of to standard error
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
}

/// A record that is being imported.
struct Line {
    first: u64,
    last: u64,
    username: Option<String>,
    error: Option<String>,
}

/// The state that is carried from batch to batch.
struct Run<'a> {
    context: &'a Context,
    defaults: Defaults,
    /// For a dry run, the users seen in the file or found in the database so far.
    existing: Option<ExistingUsers>,
    rejected: RejectedRows,
    progress: Progress,
    count: Count,
}

pub(super) async fn run(context: &Context, import: Import) -> anyhow::Result<()> {
    let Import { file, format, dry_run, subscribed_until, refused } = import;
    let format = Format::of(&file, format)?;
    let now = context.clock.now();
    let subscribed_until = subscribed_until.map(|text| Timestamp::from_time_or_day(&text)).transpose();
    let subscribed_until = subscribed_until.map_err(|error| anyhow!("--subscribed-until {error}"))?;
    ensure!(subscribed_until.is_none_or(|until| until > now), "--subscribed-until must be in the future");
    let defaults = Defaults { cost: context.config.password.cost, now, subscribed_until };
    let progress = Progress::start(context.json);
    let mut records = Records::open(&file, format, &progress)?;
    let rejected = RejectedRows::open(refused.as_deref())?;
    let existing = dry_run.then(ExistingUsers::default);
    let mut run = Run { context, defaults, existing, rejected, progress, count: Count::default() };
    let mut last_line = 0;
    loop {
        let broken = || format!("stopped after line {last_line}; run the command again to continue");
        let batch = records.next_batch(BATCH).with_context(|| file.display().to_string()).with_context(broken)?;
        let Some(last) = batch.last() else { break };
        let reached = last.last_line;
        run.process(batch).await.with_context(broken)?;
        last_line = reached;
    }
    run.finish()
}

impl Run<'_> {
    async fn process(&mut self, batch: Vec<Record>) -> anyhow::Result<()> {
        let (mut lines, mut users) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        for Record { first_line: first, last_line: last, fields, error } in batch {
            let username = fields.original_name();
            let user = error.map_or_else(|| fields.user(&self.defaults), Err);
            lines.push(Line { first, last, username, error: user.map(|user| users.push(user)).err() });
        }
        let names: Vec<_> = users.iter().map(|user| self.count.name_of(&user.user)).collect();
        let mut outcomes = names.into_iter().zip(self.decide(users).await?);
        for Line { first, last, username, error } in lines {
            let error = error.or_else(|| outcomes.next().and_then(|(name, outcome)| self.count.add(name, outcome)));
            if let Some(error) = error {
                self.count.refused += 1;
                // An unclosed quotation mark can swallow other users, which are not reported individually.
                let reason = if last > first { format!("{error}, up to line {last}") } else { error };
                let row = RejectedRow { line: first, username: username.as_deref(), reason: &reason };
                self.rejected.add(&row, &self.progress)?;
            }
        }
        self.rejected.flush()
    }

    async fn decide(&mut self, mut users: Vec<Newcomer>) -> anyhow::Result<Vec<Outcome>> {
        let (db, operator, now) = (&self.context.db, operator::client("user import"), self.defaults.now);
        let grace = self.context.config.billing.grace;
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let Some(mut existing) = self.existing.take() else {
            return Ok(db.write(move |tx| import::import(tx, &mut users, grace, &operator, now)).await?);
        };
        let dry_run = move |connection: &mut _| {
            let outcomes = import::dry_run(connection, &users, &mut existing)?;
            Ok::<_, DbError>((existing, outcomes))
        };
        let (existing, outcomes) = db.read(dry_run).await?;
        self.existing = Some(existing);
        Ok(outcomes)
    }

    fn finish(self) -> anyhow::Result<()> {
        self.progress.end();
        let Count { imported, there_already, refused, .. } = self.count;
        let would = if self.existing.is_some() { "would be " } else { "" };
        self.context.show(&self.count, || {
            format!("{imported} {would}imported, {there_already} already exist, {refused} {would}refused")
        })?;
        match (refused, self.existing.is_some()) {
            (0, _) => Ok(()),
            (1, false) => bail!("1 line was refused"),
            (_, false) => bail!("{refused} lines were refused"),
            (1, true) => bail!("1 line would be refused"),
            (_, true) => bail!("{refused} lines would be refused"),
        }
    }
}
