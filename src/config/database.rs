//! Database settings. The scheme of `DATABASE_URL` selects the database.

use std::{collections::HashMap, fmt, path::PathBuf};

use super::{
    environment::{Settings, cores},
    setting::{
        DefaultValue::{Computed, Fixed},
        Definition, HIDDEN, Range, Setting, Values, Writable,
    },
};

#[derive(Clone, Copy, Debug)]
pub struct DatabaseLimits {
    /// Maximum number of connections to PostgreSQL. Each is opened when it is first needed.
    pub connections: usize,
    /// Maximum number of queries waiting for a connection.
    pub queue: usize,
}

impl DatabaseLimits {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self { connections: DATABASE_CONNECTIONS.read(settings), queue: DATABASE_QUEUE.read(settings) }
    }
}

impl Default for DatabaseLimits {
    fn default() -> Self {
        Self::read(&mut Settings::new(HashMap::new()))
    }
}

pub(super) const ALL: &[&dyn Definition] = &[&DATABASE_URL, &DATABASE_CONNECTIONS, &DATABASE_QUEUE];

pub(crate) const DATABASE_URL: Setting<DatabaseUrl> = Setting {
    name: "DATABASE_URL",
    about: "The database: a SQLite file, which is created if it does not exist, or PostgreSQL, which several nodes can \
            share. A password is written `postgres://<user>:<password>@<host>/<database>`.",
    values: &Address,
    default: Fixed(|| DatabaseUrl::Sqlite("tollgate.db".into())),
};

pub(crate) const DATABASE_CONNECTIONS: Setting<usize> = Setting {
    name: "DATABASE_CONNECTIONS",
    about: "Maximum number of connections to PostgreSQL. Lower it if many nodes share the database server's \
            `max_connections`.",
    values: &Range { min: 1, max: 1000 },
    // Connections mostly wait for the server, so it takes more of them than cores to keep it busy.
    default: Computed("four per core, at least 8", |_| (4 * cores()).max(8)),
};

pub(crate) const DATABASE_QUEUE: Setting<usize> = Setting {
    name: "DATABASE_QUEUE",
    about: "Maximum number of queries waiting for a database connection. Beyond that, the response is 503.",
    values: &Range { min: 1, max: 1_000_000 },
    default: Fixed(|| 4096),
};

#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, created if it does not exist.
    Sqlite(PathBuf),
    /// A libpq connection string, which may contain a password.
    Postgres(String),
}

impl DatabaseUrl {
    /// # Errors
    /// The message describes valid addresses and never repeats `text`, which may contain a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite://") {
            // Each connection would have an in-memory database of its own. SQLite parses names that start with `file:`
            // as URIs, which may name an in-memory database as well.
            Some(path) if path == ":memory:" || path.starts_with("file:") => {
                Err("must name a file: in-memory databases are not supported".to_owned())
            }
            Some(path) if !path.is_empty() && !path.contains(['?', '\0']) => Ok(Self::Sqlite(path.into())),
            _ => Err(format!("must be {}", Address.describe())),
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

/// Addresses, displayed without passwords.
pub(super) struct Address;

impl Values<DatabaseUrl> for Address {
    fn describe(&self) -> String {
        "sqlite://<file> or postgres://<user>@<host>/<database>".to_owned()
    }

    fn parse(&self, text: &str) -> Result<DatabaseUrl, String> {
        DatabaseUrl::parse(text)
    }

    fn display(&self, text: &str) -> String {
        match text.split_once("://") {
            Some(("sqlite", _)) => text.to_owned(),
            Some((scheme, rest)) => format!("{scheme}://{}", without_password(rest)),
            // Mistyped, so that nobody knows where the password is.
            None => HIDDEN.to_owned(),
        }
    }
}

impl Writable<DatabaseUrl> for Address {
    fn write(&self, value: &DatabaseUrl) -> String {
        match value {
            DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
            DatabaseUrl::Postgres(address) => self.display(address),
        }
    }
}

/// Removes what may be a password from an address: before the host, or among the parameters. If these parts cannot be
/// told apart, because an unencoded password contains a separator, the complete address is hidden.
fn without_password(address: &str) -> String {
    let (credentials, rest) = match address.split_once('@') {
        Some((credentials, rest)) => (Some(credentials), rest),
        None => (None, address),
    };
    let is_plain = !rest.contains('@') && !credentials.is_some_and(|before| before.contains(['?', '/']));
    let place = rest.split('?').next().filter(|place| is_plain && has_port_only(place));
    match (credentials, place) {
        (_, None) => HIDDEN.to_owned(),
        (Some(_), Some(place)) => format!("{HIDDEN}@{place}"),
        (None, Some(place)) => place.to_owned(),
    }
}

/// Whether a colon in the host is followed by a port: without an `@`, a password may take its place.
pub(super) fn has_port_only(place: &str) -> bool {
    let hosts = place.split(['/', '?']).next().unwrap_or_default().split(',');
    let ports = hosts.filter_map(|host| host.rsplit(']').next().unwrap_or(host).split_once(':'));
    ports.map(|(_, port)| port).all(|port| port.len() <= 5 && port.bytes().all(|digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_hidden_wherever_it_is_in_an_address() {
        for secret in [
            "ada:hunter22@db/x?password=hunter22",
            "ada:a@hunter22@db/x",
            "ada:a/hunter22@db/x",
            "ada:1?hunter22@db/x",
            "db/x?user=ada@db&password=hunter22",
            "db/x?password=hunter22",
            "ada:hunter22",
            "ada:hunter22/x",
            "ada:hunter22?sslmode=require",
        ] {
            let shown = Address.display(&format!("postgres://{secret}"));
            assert!(shown.starts_with("postgres://") && !shown.contains("hunter22"), "{secret}: {shown}");
        }
        assert_eq!(Address.display("postgres://db/x?sslmode=require"), "postgres://db/x");
        assert_eq!(Address.display("postgres://a:5432,[::1]:5432/x"), "postgres://a:5432,[::1]:5432/x");
        assert_eq!(Address.display("sqlite:///srv/a@b/x.db"), "sqlite:///srv/a@b/x.db");
        assert_eq!(Address.display("postgres:/ada:hunter22@db/x"), HIDDEN, "mistyped");
    }
}
