//! What the database tells when Prometheus asks.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use prometheus_client::{metrics::gauge::Gauge, registry::Registry};

use crate::{
    clock::Timestamp,
    config::{Config, DatabaseUrl},
    db::{Db, DbSize},
    models::sessions,
};

/// For its size PostgreSQL looks at each file of the database: not at every scrape.
const SIZE_EVERY: i64 = 60 * 1000;

/// `NaN` stands for what the database did not answer.
#[derive(Debug)]
pub(super) struct DatabaseMetrics {
    live_sessions: Gauge<f64, AtomicU64>,
    is_up: Gauge,
    size: Gauge<f64, AtomicU64>,
    wal_size: Gauge<f64, AtomicU64>,
    /// In milliseconds, as of a [`Timestamp`].
    size_sampled_at: AtomicI64,
}

impl DatabaseMetrics {
    pub(super) fn of(config: &Config, registry: &mut Registry) -> Self {
        let (live_sessions, size, wal_size) = (Gauge::default(), Gauge::default(), Gauge::default());
        let is_up = Gauge::default();
        let help = "Sessions that have not ended; NaN where the database does not answer";
        registry.register("sessions_live", help, live_sessions.clone());
        registry.register("database_up", "Whether the database answers", is_up.clone());
        registry.register("database_size_bytes", "Size of the database, measured once a minute", size.clone());
        if let DatabaseUrl::Sqlite(_) = config.database {
            registry.register("database_wal_size_bytes", "Size of SQLite's write-ahead log", wal_size.clone());
        }
        Self { live_sessions, is_up, size, wal_size, size_sampled_at: AtomicI64::new(i64::MIN) }
    }

    pub(super) async fn sample(&self, db: &Db, now: Timestamp) {
        let live = db.read(move |connection| sessions::count_live(connection, now)).await;
        if let Err(error) = &live {
            tracing::warn!(%error, "the live sessions cannot be counted");
        }
        self.is_up.set(live.is_ok().into());
        let is_up = live.is_ok();
        self.live_sessions.set(live.map_or(f64::NAN, |count| u32::try_from(count).unwrap_or(u32::MAX).into()));
        if !is_up {
            // It would have the scrape wait a second time.
            return self.set_size(None);
        }
        let sampled_at = self.size_sampled_at.load(Ordering::Relaxed);
        // Also if the clock was set back.
        if !(0..SIZE_EVERY).contains(&now.millis().saturating_sub(sampled_at)) {
            self.sample_size(db, now).await;
        }
    }

    async fn sample_size(&self, db: &Db, now: Timestamp) {
        match db.size().await {
            Ok(size) => {
                self.set_size(Some(size));
                self.size_sampled_at.store(now.millis(), Ordering::Relaxed);
            }
            Err(error) => {
                tracing::warn!(%error, "the size of the database is not known");
                self.set_size(None);
            }
        }
    }

    fn set_size(&self, size: Option<DbSize>) {
        if size.is_none() {
            self.size_sampled_at.store(i64::MIN, Ordering::Relaxed);
        }
        self.size.set(size.map_or(f64::NAN, |size| bytes(size.database)));
        self.wal_size.set(size.and_then(|size| size.wal).map_or(f64::NAN, bytes));
    }
}

/// Exact up to 2 to the power of 53, which is 8192 TiB.
#[expect(clippy::as_conversions, reason = "there is no other conversion")]
fn bytes(count: i64) -> f64 {
    count as f64
}
