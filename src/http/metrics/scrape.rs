//! The metrics endpoint for Prometheus. It listens on a separate address, because readers of the blog must not see it.

use std::sync::atomic::Ordering;

use actix_web::{
    App, Error, HttpResponse,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::header::Accept,
    web::{Data, Header, get, resource},
};
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, info::Info},
    registry::Registry,
};

#[cfg(target_os = "linux")]
use super::{database::DatabaseMetrics, process::ProcessMetrics, text_format};
use crate::{
    base::output,
    db::DbError,
    http::{navigation::prefers, state::AppState},
    mail::outbox,
};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The registry of all metrics, and those that are sampled on each scrape.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    database: DatabaseMetrics,
    dropped_log_lines: Counter,
    #[cfg(target_os = "linux")]
    process: ProcessMetrics,
}

impl Metrics {
    /// Registers the metrics of an application.
    #[must_use]
    pub fn of(state: &AppState) -> Self {
        let mut root = Registry::default();
        #[cfg(target_os = "linux")]
        let process = ProcessMetrics::default();
        #[cfg(target_os = "linux")]
        process.register(&mut root);
        let registry = root.sub_registry_with_prefix("tollgate");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "Version of the running program", version);
        if let Some(requests) = &state.requests {
            requests.register(registry);
        }
        let database = DatabaseMetrics::of(&state.config, registry);
        state.db.register_metrics(registry);
        state.accounts.verifier.hasher.register_metrics(registry);
        state.meter.register(registry);
        state.jobs.register(registry);
        if state.config.mail.is_on() {
            state.mail.register(registry);
        }
        let dropped_log_lines = Counter::default();
        let help = "Log lines dropped because standard error was blocked for too long";
        registry.register("log_lines_dropped", help, dropped_log_lines.clone());
        Self {
            registry: root,
            database,
            dropped_log_lines,
            #[cfg(target_os = "linux")]
            process,
        }
    }
}

/// The application behind `METRICS_ADDR`.
pub fn scrape_app(
    state: Data<AppState>,
    metrics: Data<Metrics>,
) -> App<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>> {
    App::new().app_data(state).app_data(metrics).service(resource("/metrics").route(get().to(scrape)))
}

async fn scrape(state: Data<AppState>, metrics: Data<Metrics>, accept: Option<Header<Accept>>) -> HttpResponse {
    state.db.observe_queues();
    state.accounts.verifier.hasher.observe_queue();
    metrics.database.sample(&state.db, state.clock.now()).await;
    if state.config.mail.is_on() {
        match state.db.read::<_, DbError, _>(outbox::count).await {
            Ok(counts) => state.mail.sample(counts, state.clock.now()),
            Err(error) => tracing::warn!(%error, "cannot count messages"),
        }
    }
    #[cfg(target_os = "linux")]
    metrics.process.sample().await;
    // The log's queue has its own counter. Of two simultaneous scrapes, neither may add the difference twice, nor the
    // slower one set the counter back.
    metrics.dropped_log_lines.inner().fetch_max(output::dropped_lines(), Ordering::Relaxed);
    let mut page = String::new();
    let wants_text = accept.is_some_and(|accept| prefers(&accept, "text/plain", "application/openmetrics-text"));
    match encode(&mut page, &metrics.registry) {
        Ok(()) if wants_text => {
            HttpResponse::Ok().content_type(text_format::CONTENT_TYPE).body(text_format::from_open_metrics(&page))
        }
        Ok(()) => HttpResponse::Ok().content_type(OPEN_METRICS).body(page),
        Err(error) => {
            tracing::error!(%error, "cannot encode metrics");
            HttpResponse::InternalServerError().finish()
        }
    }
}
