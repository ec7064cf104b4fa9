//! The tracing span of a request, for an OpenTelemetry collector. Without a collector the span is disabled and costs
//! next to nothing.

use actix_web::{dev::ServiceRequest, web::Data};
use tracing::{Span, field::Empty, info_span};

use crate::http::{method, state::AppState};

/// The target of request spans, by which the log and other outputs exclude them.
pub const SPANS: &str = "request_span";

/// Creates a span with the names of <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>.
pub(in crate::http) fn span(request: &ServiceRequest) -> Span {
    let (method, original) = method::names(request.method());
    let span = info_span!(
        target: SPANS,
        "request",
        "otel.kind" = "server",
        "otel.name" = name(request),
        "otel.status_code" = Empty,
        "http.request.method" = method,
        "http.request.method_original" = original,
        "http.route" = request.match_pattern(),
        "http.response.status_code" = Empty,
        "error.type" = Empty,
        "url.scheme" = request.app_data::<Data<AppState>>().map(|state| state.config.public_scheme()),
        "url.path" = request.path(),
        "user.id" = Empty,
    );
    #[cfg(feature = "opentelemetry")]
    continue_trace(&span, request.headers());
    span
}

/// The name is set when the span is created, because it cannot be changed later.
fn name(request: &ServiceRequest) -> String {
    let method = method::registered(request.method()).unwrap_or("HTTP");
    request.match_pattern().map_or_else(|| method.to_owned(), |route| format!("{method} {route}"))
}

/// Makes the span part of the trace in the request's `traceparent` header.
#[cfg(feature = "opentelemetry")]
fn continue_trace(span: &Span, headers: &actix_web::http::header::HeaderMap) {
    use opentelemetry::propagation::{Extractor, TextMapPropagator};
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    use tracing_opentelemetry::OpenTelemetrySpanExt;

    struct Headers<'a>(&'a actix_web::http::header::HeaderMap);

    impl Extractor for Headers<'_> {
        fn get(&self, key: &str) -> Option<&str> {
            self.0.get(key)?.to_str().ok()
        }

        fn keys(&self) -> Vec<&str> {
            self.0.keys().map(|name| name.as_str()).collect()
        }
    }

    if !span.is_disabled() {
        // The span has not started yet, so a parent can still be set.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&Headers(headers)));
    }
}
