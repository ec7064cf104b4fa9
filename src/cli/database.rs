//! `tollgate migrate` and `tollgate backup`

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::bail;
use clap::Args;

use crate::{
    app::open_database,
    clock::Clock,
    config::{Config, DatabaseUrl},
    db,
};

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// Where to; it must not be there yet
    file: PathBuf,
}

pub(super) async fn migrate(config: &Config) -> anyhow::Result<()> {
    open_database(config, Clock::system()).await?;
    Ok(writeln!(io::stdout(), "the schema is up to date")?)
}

pub(super) fn backup(config: &Config, Backup { file }: &Backup) -> anyhow::Result<()> {
    let DatabaseUrl::Sqlite(path) = &config.database else {
        bail!("a PostgreSQL database is backed up with pg_dump");
    };
    db::backup(path, file)?;
    Ok(writeln!(io::stdout(), "{} is a copy of {}", file.display(), path.display())?)
}
