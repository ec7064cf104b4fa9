//! What the commands need: the settings, the database and the clock.

use std::path::Path;

use actix_web::rt::task::spawn_blocking;
use anyhow::Context as _;
use serde::Serialize;

use super::output::{show, table};
use crate::{
    base::clock::Clock,
    config::{Config, DatabaseUrl, KEY_FILE, SecretKey},
    db::{Closed, Db},
};

/// The dependencies of the commands.
pub(super) struct Context {
    pub(super) config: Config,
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) json: bool,
    /// After `db`, because fields are dropped in this order.
    _closing: Closing,
}

/// Keeps the process from ending before the connections are closed.
struct Closing(Closed);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.wait();
    }
}

impl Context {
    pub(super) async fn open(json: bool) -> anyhow::Result<Self> {
        let config = load()?;
        let url = config.database.clone();
        let db = spawn_blocking(move || Db::open_current(&url)).await??;
        let closing = Closing(db.closed());
        Ok(Self { config, db, clock: Clock::system(), json, _closing: closing })
    }

    /// Writes rows as a table, or as JSON.
    pub(super) fn list<T: Serialize>(&self, rows: &[T], columns: impl Fn(&T) -> Vec<String>) -> anyhow::Result<()> {
        if self.json { self.show(&rows, String::new) } else { table(rows.iter().map(columns)) }
    }

    /// Writes the outcome as a sentence, or as JSON.
    pub(super) fn show(&self, outcome: &impl Serialize, sentence: impl FnOnce() -> String) -> anyhow::Result<()> {
        show(self.json, outcome, sentence)
    }
}

/// Loads the settings and requires that the database exists: a command in the wrong directory must not create an empty
/// one.
pub(super) fn load() -> anyhow::Result<Config> {
    let config = Config::load()?;
    match &config.database {
        DatabaseUrl::Sqlite(path) if !path.exists() => {
            anyhow::bail!(
                "no database at {}: run the command in the server's folder, with its settings, or create a new database with \
                 `tollgate migrate`",
                path.display()
            )
        }
        _ => Ok(config),
    }
}

/// Reads the key. Unlike the server, a command never creates one.
pub(super) fn secret(config: &Config, purpose: &str) -> anyhow::Result<SecretKey> {
    match &config.cookie.secret_key {
        Some(secret) => Ok(secret.clone()),
        None => {
            SecretKey::read(Path::new(KEY_FILE)).with_context(|| format!("SECRET_KEY is needed {purpose}: {KEY_FILE}"))
        }
    }
}
