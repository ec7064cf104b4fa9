//! `tollgate migrate` and `tollgate backup`

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::show;
use crate::{
    base::clock::Clock,
    config::{Config, DatabaseUrl},
    db,
    server::open_database,
};

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to create; it must not exist yet
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
        bail!("`tollgate backup` only supports SQLite; use pg_dump to back up a PostgreSQL database");
    };
    db::backup(path, file)?;
    show(json, &json!({ "backup": file }), || format!("backed up {1} to {0}", file.display(), path.display()))
}
