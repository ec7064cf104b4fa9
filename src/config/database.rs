//! Which database, chosen by the scheme of `DATABASE_URL` and never by trying.

use std::{fmt, path::PathBuf};

use super::settings::Settings;

/// Where the data lives.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, made where there is none.
    Sqlite(PathBuf),
    /// A connection string as libpq documents it; it may hold a password.
    Postgres(String),
}

impl DatabaseUrl {
    pub(super) fn read(settings: &mut Settings) -> Self {
        settings.get("DATABASE_URL", Self::Sqlite("tollgate.db".into()), Self::parse)
    }

    /// Reads an address.
    ///
    /// # Errors
    /// What it must be; nothing of what it is, as that may hold a password.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite://") {
            // Readers and the writer have connections of their own, which a database in memory would not share.
            // SQLite reads a name that begins with `file:` as an address, which may say so too.
            Some(path) if path == ":memory:" || path.starts_with("file:") => {
                Err("must name a file: a database in memory is not supported")
            }
            Some(path) if !path.is_empty() && !path.contains(['?', '\0']) => Ok(Self::Sqlite(path.into())),
            _ => Err("must be sqlite://<file> or postgres://<user>@<host>/<database>"),
        }
    }
}

impl DatabaseUrl {
    /// The name of the engine.
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
