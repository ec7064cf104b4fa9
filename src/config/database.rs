//! Database settings.

use std::collections::HashMap;

use super::{
    cores::cores,
    environment::Settings,
    setting::{
        DefaultValue::{Computed, Fixed},
        Definition, Range, Setting,
    },
    values::{Address, DatabaseUrl},
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
