//! Metrics of the connection pools and the caches.

use std::time::Instant;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

/// Clones share the values.
#[derive(Clone, Debug)]
pub(super) struct DbMetrics {
    connections: Family<Pool, Gauge>,
    busy: Family<Pool, Gauge>,
    waiting: Family<Pool, Gauge>,
    waiting_limit: Family<Pool, Gauge>,
    seconds: Family<Pool, Histogram>,
    batches: Histogram,
    lookups: Family<Lookup, Counter>,
}

/// The label of connections that share a queue.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Pool {
    pool: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Lookup {
    cache: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug)]
pub(super) struct PoolMetrics {
    busy: Gauge,
    waiting: Gauge,
    seconds: Histogram,
    batches: Histogram,
}

#[derive(Clone, Debug, Default)]
pub(super) struct CacheMetrics {
    pub(super) hits: Counter,
    pub(super) misses: Counter,
}

impl DbMetrics {
    pub(super) fn new() -> Self {
        Self {
            connections: Family::default(),
            busy: Family::default(),
            waiting: Family::default(),
            waiting_limit: Family::default(),
            // From 0.1 ms to 3 s.
            seconds: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.0001, 2.0, 16))),
            batches: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            lookups: Family::default(),
        }
    }

    /// Adds a pool and sets its limits.
    pub(super) fn pool(&self, pool: &'static str, connections: usize, queue: usize) -> PoolMetrics {
        let labels = Pool { pool };
        self.waiting_limit.get_or_create(&labels).set(i64::try_from(queue).unwrap_or(i64::MAX));
        PoolMetrics { waiting: self.waiting.get_or_create_owned(&labels), ..self.pool_without_queue(pool, connections) }
    }

    /// Adds a pool without metrics of its queue, for a user that runs one query at a time.
    pub(super) fn pool_without_queue(&self, pool: &'static str, connections: usize) -> PoolMetrics {
        let labels = Pool { pool };
        self.connections.get_or_create(&labels).set(i64::try_from(connections).unwrap_or(i64::MAX));
        PoolMetrics {
            busy: self.busy.get_or_create_owned(&labels),
            waiting: Gauge::default(),
            seconds: self.seconds.get_or_create_owned(&labels),
            batches: self.batches.clone(),
        }
    }

    pub(super) fn cache(&self, cache: &'static str) -> CacheMetrics {
        let count = |result| self.lookups.get_or_create_owned(&Lookup { cache, result });
        CacheMetrics { hits: count("hit"), misses: count("miss") }
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        let mut gauge = |name, help, metric: &Family<Pool, Gauge>| registry.register(name, help, metric.clone());
        gauge("database_connections", "Maximum number of connections to the database", &self.connections);
        gauge("database_connections_busy", "Connections that are running a query", &self.busy);
        gauge("database_queries_waiting", "Queries waiting for a connection", &self.waiting);
        gauge(
            "database_queries_waiting_limit",
            "Maximum number of queries waiting for a connection",
            &self.waiting_limit,
        );
        let help = "Time a connection spent on a query; for SQLite's writer, on all writes of one commit";
        registry.register("database_query_duration_seconds", help, self.seconds.clone());
        registry.register("database_commit_writes", "Writes per commit of SQLite's writer", self.batches.clone());
        let help = "Cache lookups, by whether they found a valid entry";
        registry.register("cache_lookups", help, self.lookups.clone());
    }
}

impl PoolMetrics {
    pub(super) fn set_waiting(&self, queries: usize) {
        self.waiting.set(i64::try_from(queries).unwrap_or(i64::MAX));
    }

    /// Measures `work`, which keeps a connection busy.
    pub(super) fn time<T>(&self, work: impl FnOnce() -> T) -> T {
        self.busy.inc();
        let started = Instant::now();
        let done = work();
        self.seconds.observe(started.elapsed().as_secs_f64());
        self.busy.dec();
        done
    }

    pub(super) fn observe_batch(&self, writes: usize) {
        if writes > 0 {
            self.batches.observe(u32::try_from(writes).unwrap_or(u32::MAX).into());
        }
    }
}
