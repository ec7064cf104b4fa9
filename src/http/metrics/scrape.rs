//! The page that Prometheus asks for, on an address of its own: who may read the blog need not know how the server does.

use std::sync::atomic::AtomicU64;

use actix_web::{
    App, Error, HttpResponse,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    web::{Data, get, resource},
};
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, gauge::Gauge, info::Info},
    registry::Registry,
};

use crate::{http::state::AppState, models::sessions, output};

/// What Prometheus calls the format, which is OpenMetrics'.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All that is told, and what is asked for when it is.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    live_sessions: Gauge<f64, AtomicU64>,
    is_database_up: Gauge,
    dropped_log_lines: Counter,
}

impl Metrics {
    /// The metrics of an application.
    #[must_use]
    pub fn of(state: &AppState) -> Self {
        let mut registry = Registry::with_prefix("tollgate");
        let (live_sessions, is_database_up) = (Gauge::default(), Gauge::default());
        let dropped_log_lines = Counter::default();
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "What is running", version);
        if let Some(requests) = &state.requests {
            requests.register(&mut registry);
        }
        let help = "Sessions that have not ended; NaN where the database does not answer";
        registry.register("sessions_live", help, live_sessions.clone());
        registry.register("database_up", "Whether the database answers", is_database_up.clone());
        let help = "Log lines that were dropped because standard error did not take them in time";
        registry.register("log_lines_dropped", help, dropped_log_lines.clone());
        state.db.register_metrics(&mut registry);
        state.verifier.hasher.register_metrics(&mut registry);
        state.meter.register(&mut registry);
        Self { registry, live_sessions, is_database_up, dropped_log_lines }
    }
}

/// The application behind `METRICS_ADDR`.
pub fn scrape_app(
    state: Data<AppState>,
    metrics: Data<Metrics>,
) -> App<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>> {
    App::new().app_data(state).app_data(metrics).service(resource("/metrics").route(get().to(scrape)))
}

async fn scrape(state: Data<AppState>, metrics: Data<Metrics>) -> HttpResponse {
    state.db.observe_queues();
    state.verifier.hasher.observe_queue();
    let now = state.clock.now();
    let live = state.db.read(move |connection| sessions::count_live(connection, now)).await;
    if let Err(fault) = &live {
        tracing::warn!(%fault, "the live sessions cannot be counted");
    }
    metrics.is_database_up.set(live.is_ok().into());
    metrics.live_sessions.set(live.map_or(f64::NAN, |count| u32::try_from(count).unwrap_or(u32::MAX).into()));
    // Not counted where they are dropped, as the queue of the log keeps its own count.
    metrics.dropped_log_lines.inc_by(output::dropped_lines().saturating_sub(metrics.dropped_log_lines.get()));
    let mut page = String::new();
    match encode(&mut page, &metrics.registry) {
        Ok(()) => HttpResponse::Ok().content_type(CONTENT_TYPE).body(page),
        Err(fault) => {
            tracing::error!(%fault, "the metrics cannot be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
