//! What the handlers share.

use crate::{auth::Hasher, clock::Clock, config::Config, db::Db};

/// What the handlers share.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database has none")]
pub struct AppState {
    /// The database.
    pub db: Db,
    /// The threads that hash passwords.
    pub hasher: Hasher,
    /// The time.
    pub clock: Clock,
    /// The settings.
    pub config: Config,
}
