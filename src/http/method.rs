//! Names of methods for logs, spans and metrics.

use actix_web::http::Method;

/// The name of a method; `None` if it is unknown, because clients could otherwise create any number of metric series
/// and span names.
pub(super) fn registered(method: &Method) -> Option<&'static str> {
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

/// OpenTelemetry's `http.request.method`, and `http.request.method_original` if it differs.
pub(super) fn names(method: &Method) -> (&'static str, Option<&str>) {
    registered(method).map_or(("_OTHER", Some(method.as_str())), |name| (name, None))
}
