//! Sends spans to a collector over OTLP. Configured by the environment variables of the specification:
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>.

use std::env;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use crate::http::SPANS;

/// Spans are sent only if one of these is set. The specification's default, localhost, would make every program without
/// a local collector log errors.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

const NAME: &str = "OTEL_SERVICE_NAME";

/// Sends spans on its own thread; flushes when it is dropped.
#[derive(Debug)]
pub(super) struct Exporter(SdkTracerProvider);

impl Drop for Exporter {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "cannot flush spans");
        }
    }
}

/// The layer that exports spans, if enabled.
pub(super) fn layer<S>() -> Option<(impl Layer<S> + Send + Sync, Exporter)>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    ENDPOINTS.iter().find(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))?;
    let exporter = SpanExporter::builder().with_http().build();
    let exporter = exporter.inspect_err(|error| tracing::error!(%error, "cannot create the span exporter")).ok()?;
    let resource = Resource::builder();
    let resource = if env::var_os(NAME).is_some() { resource } else { resource.with_service_name("tollgate") };
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("tollgate"));
    // Source locations and threads are of no use in a trace.
    let layer = layer.with_location(false).with_threads(false).with_tracked_inactivity(false).with_target(false);
    let only_requests = Targets::new().with_target(SPANS, LevelFilter::INFO);
    Some((layer.with_filter(only_requests), Exporter(provider)))
}
