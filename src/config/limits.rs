//! Limits on concurrency, and timeouts for slow clients.

use std::{collections::HashMap, time::Duration};

use super::{
    definitions::{
        BODY_TIMEOUT, DATABASE_CONNECTIONS, DATABASE_QUEUE, HEAD_TIMEOUT, IDLE_TIMEOUT, MAX_CONNECTIONS,
        MAX_CONNECTIONS_PER_NETWORK,
    },
    environment::Settings,
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

impl DatabaseLimits {
    fn read(settings: &mut Settings) -> Self {
        Self { connections: DATABASE_CONNECTIONS.read(settings), queue: DATABASE_QUEUE.read(settings) }
    }
}

impl Default for DatabaseLimits {
    fn default() -> Self {
        Self::read(&mut Settings::new(HashMap::new()))
    }
}

impl LimitsConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self {
            connections: MAX_CONNECTIONS.read(settings),
            connections_per_network: MAX_CONNECTIONS_PER_NETWORK.read(settings),
            head: HEAD_TIMEOUT.read(settings),
            body: BODY_TIMEOUT.read(settings),
            idle: IDLE_TIMEOUT.read(settings),
            database: DatabaseLimits::read(settings),
        }
    }
}
