//! Requests by method, route and status.

use std::time::Duration;

use actix_web::{dev::ServiceResponse, http::StatusCode};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use crate::{accounts::credentials::PasswordError, http::method::known};

/// Seconds: from what a cached session takes to what a client waits for.
const BUCKETS: [f64; 16] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What is counted and measured. Clones share it.
#[derive(Clone, Debug)]
pub struct RequestMetrics {
    requests: Family<Answered, Counter>,
    seconds: Family<Asked, Histogram>,
    throttled: Family<Refused, Counter>,
    /// Requests that a proxy forwarded which is not listed in `TRUSTED_PROXIES`.
    pub(in crate::http) untrusted_forwarding: Counter,
    /// Connections that clients have opened and nobody has closed.
    pub connections: Gauge,
    /// How many of them are served at once, at most.
    pub connections_limit: Gauge,
    logins: Family<Login, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Login {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Refused {
    /// Too many of what.
    of: &'static str,
}

impl Default for RequestMetrics {
    fn default() -> Self {
        let seconds: Family<_, _> = Family::new_with_constructor(|| Histogram::new(BUCKETS));
        let throttled = Family::<Refused, Counter>::default();
        // Alerts want a zero to begin from.
        for of in ["passwords", "registrations"] {
            drop(throttled.get_or_create(&Refused { of }));
        }
        let logins = Family::<Login, Counter>::default();
        for outcome in
            ["success", "unknown_user", "wrong_password", "disabled", "throttled", "overloaded", "unavailable"]
        {
            drop(logins.get_or_create(&Login { outcome }));
        }
        let (connections, connections_limit) = (Gauge::default(), Gauge::default());
        Self {
            requests: Family::default(),
            seconds,
            throttled,
            untrusted_forwarding: Counter::default(),
            connections,
            connections_limit,
            logins,
        }
    }
}

impl RequestMetrics {
    /// Counts a request that was answered. `route` is the pattern that it matches: a path would be a series of its own
    /// for each that a stranger makes up.
    pub(in crate::http) fn count(&self, response: &ServiceResponse, route: Option<&str>, took: Duration) {
        let (method, route) = (known(response.request().method()).unwrap_or("other"), route.unwrap_or("unmatched"));
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let of = if route == "/register" { "registrations" } else { "passwords" };
            self.throttled.get_or_create(&Refused { of }).inc();
        }
        self.seconds.get_or_create(&Asked { method, route: route.to_owned() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&Answered { method, route: route.to_owned(), status: status.as_u16() }).inc();
    }

    /// Counts a login that was tried.
    pub(in crate::http) fn count_login<T>(&self, tried: &Result<T, PasswordError>) {
        let outcome = match tried {
            Ok(_) => "success",
            Err(PasswordError::NoSuchUser) => "unknown_user",
            Err(PasswordError::Wrong) => "wrong_password",
            Err(PasswordError::Disabled) => "disabled",
            Err(PasswordError::Throttled(_)) => "throttled",
            Err(PasswordError::Overloaded(_)) => "overloaded",
            Err(PasswordError::Db(_)) => "unavailable",
        };
        self.logins.get_or_create(&Login { outcome }).inc();
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("http_requests", "Requests that were answered", self.requests.clone());
        let seconds = "How long they took, from their head to the head of the answer";
        registry.register("http_request_duration_seconds", seconds, self.seconds.clone());
        registry.register("http_connections", "Connections that are open", self.connections.clone());
        let limit = "Connections that are served at once, at most";
        registry.register("http_connections_limit", limit, self.connections_limit.clone());
        registry.register("logins", "Logins that were tried, by what came of them", self.logins.clone());
        let throttled = "Requests that were refused because there were too many wrong passwords or registrations";
        registry.register("throttle_refusals", throttled, self.throttled.clone());
        let untrusted = "Requests with X-Forwarded-For or Forwarded from an address that TRUSTED_PROXIES does not list";
        registry.register("http_untrusted_forwarding", untrusted, self.untrusted_forwarding.clone());
    }
}
