//! `tollgate migrate` and `tollgate backup`

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::show;
use crate::{
    clock::Clock,
    config::{Config, DatabaseUrl},
    db,
    server::open_database,
};

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// Where to; it must not be there yet
    file: PathBuf,
}

pub(super) async fn migrate(config: &Config, json: bool) -> anyhow::Result<()> {
    let unknown = open_database(config, Clock::system()).await?.schema_status().await?.unknown;
    show(json, &json!({ "up_to_date": true, "unknown_migrations": unknown }), || match unknown.is_empty() {
        true => "the schema is up to date".to_owned(),
        false => format!("the schema is newer than this version, and compatible with it: {}", unknown.join(", ")),
    })
}

pub(super) fn backup(config: &Config, json: bool, Backup { file }: &Backup) -> anyhow::Result<()> {
    let DatabaseUrl::Sqlite(path) = &config.database else {
        bail!("a PostgreSQL database is backed up with pg_dump");
    };
    db::backup(path, file)?;
    show(json, &json!({ "backup": file }), || format!("{} is a copy of {}", file.display(), path.display()))
}
