//! The database's address. The scheme of `DATABASE_URL` selects the database.

use std::{fmt, path::PathBuf};

use super::settings::Settings;

#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, created if it does not exist.
    Sqlite(PathBuf),
    /// A libpq connection string, which may contain a password.
    Postgres(String),
}

impl DatabaseUrl {
    pub(super) fn read(settings: &mut Settings) -> Self {
        settings.get("DATABASE_URL", Self::Sqlite("tollgate.db".into()), Self::parse)
    }

    /// # Errors
    /// The message describes valid addresses and never repeats `text`, which may contain a password.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite://") {
            // Each connection would have an in-memory database of its own. SQLite parses names that start with `file:`
            // as URIs, which may name an in-memory database as well.
            Some(path) if path == ":memory:" || path.starts_with("file:") => {
                Err("must name a file: in-memory databases are not supported")
            }
            Some(path) if !path.is_empty() && !path.contains(['?', '\0']) => Ok(Self::Sqlite(path.into())),
            _ => Err("must be sqlite://<file> or postgres://<user>@<host>/<database>"),
        }
    }
}

impl DatabaseUrl {
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres(…)"),
        }
    }
}
