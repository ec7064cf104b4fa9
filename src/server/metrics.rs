//! The server for Prometheus.

use std::{io, net::SocketAddr};

use actix_server::Server;
use actix_web::{HttpServer, web::Data};

use crate::http::{self, AppState, Metrics};

pub(super) struct MetricsServer {
    pub(super) server: Server,
    pub(super) address: Option<SocketAddr>,
}

/// Listens on `METRICS_ADDR`, if it is set.
///
/// # Errors
/// The address cannot be bound; returns it with the cause.
pub(super) fn serve(state: &Data<AppState>) -> Result<Option<MetricsServer>, (SocketAddr, io::Error)> {
    let Some(address) = state.config.server.metrics_address else { return Ok(None) };
    let (state, metrics) = (state.clone(), Data::new(Metrics::of(state)));
    let server = HttpServer::new(move || http::scrape_app(state.clone(), metrics.clone()))
        .workers(1)
        .disable_signals()
        .bind(address)
        .map_err(|cause| (address, cause))?;
    let address = server.addrs().first().copied();
    Ok(Some(MetricsServer { server: server.run(), address }))
}
