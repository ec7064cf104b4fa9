//! Limits on concurrency, and timeouts for slow clients.

use std::{thread, time::Duration};

use super::{
    duration::duration,
    settings::{Settings, number},
};

#[derive(Clone, Copy, Debug)]
pub struct LimitsConfig {
    /// Maximum number of concurrent connections.
    pub connections: usize,
    pub connections_per_network: Option<usize>,
    /// How long a client may take to send a request's head.
    pub head: Duration,
    /// How long a client may take to send a request's body.
    pub body: Duration,
    /// How long a connection may be idle between two requests.
    pub idle: Duration,
    pub database: DatabaseLimits,
}

#[derive(Clone, Copy, Debug)]
pub struct DatabaseLimits {
    /// Maximum number of connections to PostgreSQL. Each is opened when it is first needed.
    pub connections: usize,
    /// Maximum number of queries waiting for a connection.
    pub queue: usize,
}

impl Default for DatabaseLimits {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        // Connections mostly wait for the server, so it takes more of them than cores to keep it busy.
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
