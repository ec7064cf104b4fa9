//! Records each completed request in the access log, the metrics and its span.

use std::{
    fmt::{self, Display},
    net::IpAddr,
    time::Duration,
};

use actix_web::{dev::ServiceResponse, http::StatusCode};
use tracing::{Level, Span};

use super::trace_context::trace_id;
use crate::http::{context::RequestContext, credential::Credential, document::Document, method, state::AppState};

/// The target of these events. Not the module's path: log filters and collectors match on it, and must survive a
/// refactoring.
pub const ACCESS_LOG: &str = "tollgate::access_log";

/// Logged at debug level, because they arrive every few seconds and would fill the log of a quiet server.
const HEALTH_CHECKS: [&str; 2] = ["/healthz", "/readyz"];

/// The code of the error that a request was answered with, as in the body.
#[derive(Clone, Copy)]
pub(super) struct ErrorCode(pub(super) &'static str);

/// Logs and measures a request, with the names of <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>.
/// Queries, headers and bodies are left out because they may contain secrets; paths do not. `user_agent.original` is
/// left out because it says little here, and the audit log has it for security events.
pub(in crate::http) fn log_request(
    response: &ServiceResponse,
    state: &AppState,
    context: &RequestContext,
    request_id: &str,
    took: Duration,
    span: &Span,
) {
    let request = response.request();
    // A page with the code of an error is no file.
    let extensions = response.response().extensions();
    let is_file = extensions.contains::<Document>() && !extensions.contains::<ErrorCode>();
    drop(extensions);
    let route = request.match_pattern().or_else(|| is_file.then(|| "static".to_owned()));
    let credential = context.credential();
    let user_id = credential.map(|credential| credential.user().user_id);
    if let Some(metrics) = &state.requests {
        metrics.count(response, route.as_deref(), took);
    }
    complete(span, response.status(), user_id);
    if tracing::enabled!(Level::INFO) {
        let level = if HEALTH_CHECKS.contains(&request.path()) { Level::DEBUG } else { Level::INFO };
        let (scheme, ip) = (state.config.public_scheme(), context.ip(request));
        // The id, as in the list of the user's tokens.
        let token_id = credential.and_then(|credential| match credential {
            Credential::Session(_) => None,
            Credential::Token(principal) => Some(principal.token.id),
        });
        log(response, Line { level, request_id, scheme, route, ip, user_id, token_id, took });
    }
}

/// An IP address in its usual notation. For IPv4, the formatter of the standard library is several times slower.
struct Address(IpAddr);

impl Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let IpAddr::V4(ip) = self.0 else { return self.0.fmt(f) };
        let mut text = String::with_capacity("255.255.255.255".len());
        for octet in ip.octets() {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(itoa::Buffer::new().format(octet));
        }
        f.write_str(&text)
    }
}

struct Line<'a> {
    level: Level,
    request_id: &'a str,
    scheme: &'static str,
    route: Option<String>,
    ip: IpAddr,
    user_id: Option<i64>,
    token_id: Option<i64>,
    took: Duration,
}

fn log(response: &ServiceResponse, line: Line<'_>) {
    let Line { level, request_id, scheme, route, ip, user_id, token_id, took } = line;
    // A macro, because tracing needs a constant level at each call site.
    macro_rules! log_at {
        ($level:expr) => {{
            let request = response.request();
            let (method, original) = method::names(request.method());
            tracing::event!(
                target: ACCESS_LOG,
                $level,
                request_id,
                http.request.method = method,
                http.request.method_original = original,
                url.scheme = scheme,
                url.path = request.path(),
                http.route = route,
                http.response.status_code = response.status().as_u16(),
                error.type = error_type(&response.status()),
                code = response.response().extensions().get::<ErrorCode>().map(|code| code.0),
                // OpenTelemetry defines no duration for log records; this is its metric's name and unit (seconds).
                http.server.request.duration = took.as_secs_f64(),
                client.address = %Address(ip),
                user.id = user_id,
                api_token.id = token_id,
                trace_id = trace_id(request.headers()),
                "request"
            );
        }};
    }
    if level == Level::DEBUG { log_at!(Level::DEBUG) } else { log_at!(Level::INFO) }
}

fn complete(span: &Span, status: StatusCode, user_id: Option<i64>) {
    span.record("http.response.status_code", status.as_u16());
    span.record("error.type", error_type(&status));
    span.record("user.id", user_id);
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// For a server, only the status codes from 500 on are errors.
fn error_type(status: &StatusCode) -> Option<&str> {
    status.is_server_error().then(|| status.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_by_the_standard_library() {
        for text in ["0.0.0.0", "127.0.0.1", "203.0.113.254", "255.255.255.255", "::1", "2001:db8::ff:0:1"] {
            let address: IpAddr = text.parse().expect("an address");
            assert_eq!(Address(address).to_string(), text);
        }
    }
}
