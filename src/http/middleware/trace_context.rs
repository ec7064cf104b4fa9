//! Which trace a request belongs to: the header `traceparent` of <https://www.w3.org/TR/trace-context/>.

use actix_web::http::header::{HeaderMap, HeaderName};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The trace that the caller says the request belongs to. Unlike a request id, which is never taken over, it has one form
/// only: nobody can write anything else into the log by it.
pub(in crate::http) fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let [version, trace, parent, flags] = parts(headers.get(TRACEPARENT)?.to_str().ok()?)?;
    let is_known = version != "ff" && is_hex(version, 2) && is_hex(flags, 2);
    (is_known && is_id(trace, 32) && is_id(parent, 16)).then_some(trace)
}

/// Later versions may add parts: those are not looked at.
fn parts(text: &str) -> Option<[&str; 4]> {
    let mut parts = text.split('-');
    let known = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let [version, ..] = known;
    (version != "00" || parts.next().is_none()).then_some(known)
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
    fn the_trace_is_taken_from_what_has_the_form_and_from_nothing_else() {
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
