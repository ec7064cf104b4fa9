//! `tollgate migrate`, `tollgate backup`, `tollgate db` and `tollgate rekey`

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Subcommand};
use indicatif::HumanBytes;
use serde_json::json;

use super::{
    context::{Context, secret},
    show,
    waiting::Waiting,
};
use crate::{
    accounts::second_factors::{self, Rekeyed, SeedKeys},
    base::clock::Clock,
    config::{Config, DatabaseUrl},
    db,
    server::open_database,
};

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to create; it must not exist yet
    file: PathBuf,
    /// Read the copy afterwards, and fail if it is damaged
    #[arg(long)]
    verify: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Give the space of deleted rows back to the file system; needs as much free space as the database has, and lets writes of a
    /// running server wait. PostgreSQL does this by itself
    Vacuum,
}

pub(super) async fn migrate(config: &Config, json: bool) -> anyhow::Result<()> {
    let unknown = open_database(config, Clock::system()).await?.schema_status().await?.unknown;
    show(json, &json!({ "up_to_date": true, "unknown_migrations": unknown }), || match unknown.is_empty() {
        true => "the schema is up to date".to_owned(),
        false => format!("the schema is newer than this version, and compatible with it: {}", unknown.join(", ")),
    })
}

pub(super) fn backup(config: &Config, json: bool, Backup { file, verify }: &Backup) -> anyhow::Result<()> {
    let DatabaseUrl::Sqlite(path) = &config.database else {
        bail!("`tollgate backup` only supports SQLite; use pg_dump to back up a PostgreSQL database");
    };
    let waiting = Waiting::start(json);
    db::backup(path, file)?;
    if *verify && let Some(damage) = db::verify(file)? {
        bail!("{} is damaged ({damage}): the database may be damaged as well, see tollgate doctor", file.display());
    }
    drop(waiting);
    show(json, &json!({ "backup": file, "verified": verify }), || {
        let checked = if *verify { ", and read the copy: it is sound" } else { "" };
        format!("backed up {1} to {0}{checked}", file.display(), path.display())
    })
}

pub(super) fn run(config: &Config, json: bool, command: &Command) -> anyhow::Result<()> {
    let Command::Vacuum = command;
    let DatabaseUrl::Sqlite(path) = &config.database else {
        bail!("`tollgate db vacuum` only supports SQLite; PostgreSQL does this by itself");
    };
    let waiting = Waiting::start(json);
    let (before, after) = db::vacuum(path)?;
    drop(waiting);
    show(json, &json!({ "bytes_before": before, "bytes_after": after }), || {
        format!("{}: {} before, {} now", path.display(), HumanBytes(before), HumanBytes(after))
    })
}

pub(super) async fn rekey(context: &Context) -> anyhow::Result<()> {
    let secret = secret(&context.config, "to encrypt the seeds of authenticator apps")?;
    let keys = SeedKeys::new(&secret, context.config.cookie.old_secret_key.as_ref());
    let rekeyed = second_factors::rekey(&context.db, &keys).await?;
    context.show(&rekeyed, || sentence(rekeyed))
}

fn sentence(Rekeyed { encrypted_again, unreadable }: Rekeyed) -> String {
    let done = format!("seeds encrypted again under SECRET_KEY: {encrypted_again}");
    match unreadable {
        0 => done,
        _ => format!("{done}\nseeds that neither SECRET_KEY nor SECRET_KEY_OLD decrypts: {unreadable}"),
    }
}
