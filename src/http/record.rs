//! What is kept of a request that was answered: one line of the log, and its place in the metrics.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpMessage, dev::ServiceResponse, web::Data};

use super::{state::AppState, trace_context::trace_id};
use crate::session::Principal;

/// Writes it down. Queries, headers and bodies are left out: they may hold secrets, and the path does not.
pub(super) fn record(response: &ServiceResponse, request_id: &str, took: Duration) {
    let request = response.request();
    let metrics = request.app_data::<Data<AppState>>().and_then(|state| state.requests.as_ref());
    let is_logged = tracing::enabled!(tracing::Level::INFO);
    // The framework matches the path once more for it.
    let route = (is_logged || metrics.is_some()).then(|| request.match_pattern()).flatten();
    if let Some(metrics) = metrics {
        metrics.count(response, route.as_deref(), took);
    }
    if is_logged {
        let user_id = request.extensions().get::<Arc<Principal>>().map(|principal| principal.user_id);
        tracing::info!(
            request_id,
            method = %request.method(),
            path = request.path(),
            route,
            status = response.status().as_u16(),
            micros = took.as_micros(),
            user_id,
            trace_id = trace_id(request.headers()),
            "request"
        );
    }
}
