//! `tollgate migrate-to`

use std::{collections::BTreeMap, fmt};

use actix_web::rt::task::spawn_blocking;
use anyhow::{anyhow, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::{ask, show, table};
use crate::{
    config::{Config, DatabaseUrl, KEY_FILE},
    db::{self, Copied, Progress},
};

#[derive(Args)]
pub(super) struct MigrateTo {
    /// postgres://<user>@<host>/<database>, or - to type it or read it from standard input, as it may contain a
    /// password and other users of the machine can see arguments
    url: String,
}

impl fmt::Debug for MigrateTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MigrateTo(…)")
    }
}

pub(super) async fn run(config: &Config, json: bool, MigrateTo { url }: &MigrateTo) -> anyhow::Result<()> {
    let DatabaseUrl::Sqlite(path) = &config.database else {
        bail!("DATABASE_URL must be the SQLite database to copy");
    };
    let url = if url == "-" { ask::address()? } else { url.clone() };
    let Ok(DatabaseUrl::Postgres(url)) = DatabaseUrl::parse(&url) else {
        bail!("URL must be postgres://<user>@<host>/<database>");
    };
    let bar = bar(json)?;
    let (file, progress_bar) = (path.clone(), bar.clone());
    let copied =
        spawn_blocking(move || db::transfer(&file, &url, |progress| show_progress(&progress_bar, progress))).await;
    bar.finish_and_clear();
    let copied = copied.map_err(|error| anyhow!("nothing was copied: {error}"))??;

    if json {
        let tables: BTreeMap<_, _> = copied.iter().map(|Copied { table, rows }| (table, rows)).collect();
        return show(true, &json!({ "tables": tables }), String::new);
    }
    table(copied.iter().map(|Copied { table, rows }| vec![table.clone(), rows.to_string()]))?;
    show(false, &(), || next_steps(config))
}

/// Nothing is drawn if standard error is not a terminal.
fn bar(json: bool) -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} rows, {eta} left")?;
    Ok(if json { ProgressBar::hidden() } else { ProgressBar::new(0) }.with_style(style))
}

fn show_progress(bar: &ProgressBar, Progress { done, total }: Progress) {
    bar.set_length(u64::try_from(total).unwrap_or_default());
    bar.set_position(u64::try_from(done).unwrap_or_default());
}

fn next_steps(config: &Config) -> String {
    let key = match config.cookie.secret_key {
        Some(_) => "the SECRET_KEY that is configured here".to_owned(),
        None => format!("the content of {KEY_FILE} as SECRET_KEY"),
    };
    format!(
        "all data has been copied, including sessions. Now set DATABASE_URL to the new URL, and give every node {key}. \
         If the server was running meanwhile, its latest writes are missing: stop it, empty the PostgreSQL database and \
         run the command again"
    )
}
