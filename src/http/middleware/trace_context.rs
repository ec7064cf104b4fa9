//! Reads the trace of a request from the `traceparent` header, <https://www.w3.org/TR/trace-context/>.

use actix_web::http::header::{HeaderMap, HeaderName};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The caller's trace id. Unlike a client's request id, which is never accepted, it has a fixed format, so it cannot be
/// used to write anything else to the log.
pub(in crate::http) fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let [version, trace, parent, flags] = parts(headers.get(TRACEPARENT)?.to_str().ok()?)?;
    let is_valid = version != "ff" && is_hex(version, 2) && is_hex(flags, 2);
    (is_valid && is_id(trace, 32) && is_id(parent, 16)).then_some(trace)
}

/// Splits the header. Later versions may add parts, which are ignored.
fn parts(text: &str) -> Option<[&str; 4]> {
    let mut parts = text.split('-');
    let first = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let [version, ..] = first;
    (version != "00" || parts.next().is_none()).then_some(first)
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_id(text: &str, length: usize) -> bool {
    is_hex(text, length) && text.bytes().any(|byte| byte != b'0')
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn found(text: &str) -> Option<String> {
        let headers = [(TRACEPARENT, HeaderValue::from_str(text).expect("a header"))];
        trace_id(&headers.into_iter().collect()).map(str::to_owned)
    }

    #[test]
    fn only_a_well_formed_header_has_a_trace_id() {
        let trace = Some("0af7651916cd43dd8448eb211c80319c".to_owned());
        assert_eq!(found("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), trace);
        assert_eq!(found("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes"), trace);
        for wrong in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
        ] {
            assert_eq!(found(wrong), None, "{wrong}");
        }
    }
}
