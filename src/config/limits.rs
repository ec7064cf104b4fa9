//! Limits on concurrency, and timeouts for slow clients.

use std::time::Duration;

use super::{
    database::DatabaseLimits,
    duration::Span,
    environment::Settings,
    setting::{DefaultValue::Fixed, Definition, Optional, Range, Setting},
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

pub(super) const ALL: &[&dyn Definition] =
    &[&MAX_CONNECTIONS, &MAX_CONNECTIONS_PER_NETWORK, &HEAD_TIMEOUT, &BODY_TIMEOUT, &IDLE_TIMEOUT];

pub(crate) const MAX_CONNECTIONS: Setting<usize> = Setting {
    name: "MAX_CONNECTIONS",
    about: "Maximum number of open connections. When nearly all are open, each new connection closes an idle one; if none \
            is idle, new connections wait. Lower it if the system allows fewer open files (`ulimit -n`).",
    values: &Range { min: 1, max: 1_000_000 },
    default: Fixed(|| 10_000),
};

pub(crate) const MAX_CONNECTIONS_PER_NETWORK: Optional<usize> = Optional {
    name: "MAX_CONNECTIONS_PER_NETWORK",
    about: "Maximum number of open connections from one network (an IPv4 address or an IPv6 /64); further ones are closed \
            at once. `TRUSTED_PROXIES` are exempt, and so is the machine itself unless this is set.",
    values: &Range { min: 1, max: 1_000_000 },
    unset: "a quarter of `MAX_CONNECTIONS`",
};

pub(crate) const HEAD_TIMEOUT: Setting<Duration> = Setting {
    name: "HEAD_TIMEOUT",
    about: "How long a client may take to send the head of a request before the response is 408.",
    values: &Span::Positive,
    default: Fixed(|| Duration::from_secs(15)),
};

pub(crate) const BODY_TIMEOUT: Setting<Duration> = Setting {
    name: "BODY_TIMEOUT",
    about: "How long a client may take to send the body of a request before the response is 408.",
    values: &Span::Positive,
    default: Fixed(|| Duration::from_secs(15)),
};

pub(crate) const IDLE_TIMEOUT: Setting<Duration> = Setting {
    name: "IDLE_TIMEOUT",
    about: "How long an idle connection stays open for the next request. Behind a proxy, set it to more than the proxy's \
            own idle timeout; otherwise the proxy may send requests on connections that are being closed.",
    values: &Span::Positive,
    default: Fixed(|| Duration::from_secs(150)),
};
