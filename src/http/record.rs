//! What is kept of a request that was answered: one line of the log, its place in the metrics, and its span.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpMessage, dev::ServiceResponse, http::StatusCode, web::Data};
use tracing::{Level, Span};

use super::{document::Document, state::AppState, trace_context::trace_id};
use crate::session::Principal;

/// Writes it down. Queries, headers and bodies are left out: they may hold secrets, and the path does not.
pub(super) fn record(response: &ServiceResponse, request_id: &str, took: Duration, span: &Span) {
    let request = response.request();
    let metrics = request.app_data::<Data<AppState>>().and_then(|state| state.requests.as_ref());
    let is_logged = tracing::enabled!(Level::INFO);
    if !is_logged && metrics.is_none() && span.is_disabled() {
        return;
    }
    // The framework matches the path once more for it.
    let is_file = response.response().extensions().contains::<Document>();
    let route = request.match_pattern().or_else(|| is_file.then(|| "static".to_owned()));
    let status = response.status().as_u16();
    let user_id = request.extensions().get::<Arc<Principal>>().map(|principal| principal.user_id);
    if let Some(metrics) = metrics {
        metrics.count(response, route.as_deref(), took);
    }
    complete(span, response.status(), user_id);
    tracing::info!(
        request_id,
        method = %request.method(),
        path = request.path(),
        route,
        status,
        // JSON has no number of 128 bits.
        micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        user_id,
        trace_id = trace_id(request.headers()),
        "request"
    );
}

fn complete(span: &Span, status: StatusCode, user_id: Option<i64>) {
    span.record("http.response.status_code", status.as_u16());
    span.record("user.id", user_id);
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}
