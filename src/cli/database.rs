//! `tollgate migrate`, `tollgate backup` and `tollgate rekey`

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::{
    context::{Context, secret},
    show,
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
    db::backup(path, file)?;
    if *verify && let Some(damage) = db::verify(file)? {
        bail!("{} is damaged ({damage}): the database may be damaged as well, see tollgate doctor", file.display());
    }
    show(json, &json!({ "backup": file, "verified": verify }), || {
        let checked = if *verify { ", and read the copy: it is sound" } else { "" };
        format!("backed up {1} to {0}{checked}", file.display(), path.display())
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
