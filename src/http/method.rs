//! Methods as logs, spans and metrics name them.

use actix_web::http::Method;

/// The method, unless a client has made it up: each would be a name of its own in a collector or in Prometheus.
pub(super) fn known(method: &Method) -> Option<&'static str> {
    Some(match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => return None,
    })
}

/// OpenTelemetry's `http.request.method`, and `http.request.method_original` where that is another.
pub(super) fn names(method: &Method) -> (&'static str, Option<&str>) {
    known(method).map_or(("_OTHER", Some(method.as_str())), |known| (known, None))
}
