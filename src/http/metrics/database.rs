//! Database metrics, sampled on each scrape.

use std::{
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::Duration,
};

use prometheus_client::{metrics::gauge::Gauge, registry::Registry};

use crate::{
    base::clock::Timestamp,
    billing::payments::table as payments,
    config::{Config, DatabaseUrl},
    credentials::sessions,
    db::{Db, DbError, DbSize},
};

/// How often the size is measured. Not on every scrape, because PostgreSQL looks at each file of the database.
const SIZE_INTERVAL: Duration = Duration::from_secs(60);

/// `NaN` stands for a value that the database did not return.
#[derive(Debug)]
pub(super) struct DatabaseMetrics {
    live_sessions: Gauge<f64, AtomicU64>,
    unmatched_payments: Gauge<f64, AtomicU64>,
    is_up: Gauge,
    size: Gauge<f64, AtomicU64>,
    wal_size: Gauge<f64, AtomicU64>,
    /// In milliseconds, like a [`Timestamp`].
    size_sampled_at: AtomicI64,
}

impl DatabaseMetrics {
    pub(super) fn of(config: &Config, registry: &mut Registry) -> Self {
        let (live_sessions, size, wal_size) = (Gauge::default(), Gauge::default(), Gauge::default());
        let is_up = Gauge::default();
        let help = "Sessions that have not ended; NaN if the database does not answer";
        registry.register("sessions_live", help, live_sessions.clone());
        let unmatched_payments = Gauge::default();
        let help = "Payments that belong to no account; NaN if the database does not answer";
        registry.register("payments_unmatched", help, unmatched_payments.clone());
        registry.register("database_up", "Whether the database answers", is_up.clone());
        registry.register("database_size_bytes", "Size of the database, measured once a minute", size.clone());
        if let DatabaseUrl::Sqlite(_) = config.database {
            registry.register("database_wal_size_bytes", "Size of SQLite's write-ahead log", wal_size.clone());
        }
        Self { live_sessions, unmatched_payments, is_up, size, wal_size, size_sampled_at: AtomicI64::new(i64::MIN) }
    }

    pub(super) async fn sample(&self, db: &Db, now: Timestamp) {
        let count = move |connection: &mut _| {
            Ok::<_, DbError>((sessions::count_live(connection, now)?, payments::count_unmatched(connection)?))
        };
        let counts = db.read(count).await;
        if let Err(error) = &counts {
            tracing::warn!(%error, "cannot count live sessions and unmatched payments");
        }
        let is_up = counts.is_ok();
        self.is_up.set(is_up.into());
        let (sessions, payments) =
            counts.map_or((f64::NAN, f64::NAN), |(sessions, payments)| (value(sessions), value(payments)));
        self.live_sessions.set(sessions);
        self.unmatched_payments.set(payments);
        if !is_up {
            // Measuring the size would make the scrape wait a second time.
            return self.set_size(None);
        }
        let sampled_at = Timestamp::from_millis(self.size_sampled_at.load(Ordering::Relaxed));
        if !sampled_at.is_recent(SIZE_INTERVAL, now) {
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
                tracing::warn!(%error, "cannot measure the size of the database");
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

fn value(count: i64) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}

/// Exact up to 2^53 bytes, which is 8192 TiB.
#[expect(clippy::as_conversions, reason = "there is no other conversion")]
fn bytes(count: i64) -> f64 {
    count as f64
}
