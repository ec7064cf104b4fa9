//! How much is taken on at once, and how long is waited for who is slow.

use std::{thread, time::Duration};

use super::{
    duration::duration,
    settings::{Settings, number},
};

/// How much is taken on at once, and how long is waited for who is slow.
#[derive(Clone, Copy, Debug)]
pub struct LimitsConfig {
    /// Connections that are served at once.
    pub connections: usize,
    /// Connections from one network, where that is set.
    pub connections_per_network: Option<usize>,
    /// How long the head of a request may take.
    pub head: Duration,
    /// How long its body may take.
    pub body: Duration,
    /// How long a connection may be idle between two requests.
    pub idle: Duration,
    /// What waits for the database.
    pub database: DatabaseLimits,
}

/// How much is asked of the database at once.
#[derive(Clone, Copy, Debug)]
pub struct DatabaseLimits {
    /// Connections to PostgreSQL; each is opened when it is first needed.
    pub connections: usize,
    /// Queries that may wait for a connection.
    pub queue: usize,
}

impl Default for DatabaseLimits {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        // They mostly wait for the server: more of them than cores keep it busy.
        Self { connections: (4 * cores).max(8), queue: 4096 }
    }
}

impl LimitsConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        let DatabaseLimits { connections, queue } = DatabaseLimits::default();
        Self {
            connections: settings.get("MAX_CONNECTIONS", 10_000, |text| number(text, 1, 1_000_000)),
            connections_per_network: settings.find("MAX_CONNECTIONS_PER_NETWORK", |text| number(text, 1, 1_000_000)),
            head: settings.get("HEAD_TIMEOUT", Duration::from_secs(15), duration),
            body: settings.get("BODY_TIMEOUT", Duration::from_secs(15), duration),
            idle: settings.get("IDLE_TIMEOUT", Duration::from_secs(150), duration),
            database: DatabaseLimits {
                connections: settings.get("DATABASE_CONNECTIONS", connections, |text| number(text, 1, 1000)),
                queue: settings.get("DATABASE_QUEUE", queue, |text| number(text, 1, 1_000_000)),
            },
        }
    }
}
