//! Which of two media types a client prefers.

use actix_web::http::header::{Accept, Quality, QualityItem};
use mime::Mime;

/// Whether the client prefers a media type to another one. Both are without parameters.
pub(super) fn prefers(Accept(accepted): &Accept, media_type: &str, other: &str) -> bool {
    quality(accepted, media_type) > quality(accepted, other)
}

/// The quality of a media type, which the most specific range determines (RFC 9110, section 12.5.1).
fn quality(accepted: &[QualityItem<Mime>], media_type: &str) -> Quality {
    let of = |range: &str| accepted.iter().find(|item| item.item.essence_str() == range);
    let of_group = |group: &str| accepted.iter().find(|item| item.item.type_() == group && item.item.subtype() == "*");
    let group = media_type.split_once('/').map(|(group, _)| group);
    let range = of(media_type).or_else(|| of_group(group?)).or_else(|| of("*/*"));
    range.map_or(Quality::ZERO, |range| range.quality)
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header::Header, test::TestRequest};

    use super::*;

    const TEXT: &str = "text/plain";
    const OPEN_METRICS: &str = "application/openmetrics-text";

    fn prefers_text(accept: &str) -> bool {
        let request = TestRequest::get().insert_header(("Accept", accept)).to_http_request();
        prefers(&Accept::parse(&request).expect("valid"), TEXT, OPEN_METRICS)
    }

    #[test]
    fn the_most_specific_range_determines_the_quality_and_the_parameters_do_not_matter() {
        for accept in
            ["text/plain", "text/*", "text/plain;version=0.0.4;q=0.5, */*;q=0.1", "*/*;q=0.9, application/*;q=0.1"]
        {
            assert!(prefers_text(accept), "{accept}");
        }
        let of_prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        for accept in [of_prometheus, "*/*", "text/plain, application/openmetrics-text", "text/plain;q=0, */*"] {
            assert!(!prefers_text(accept), "{accept}");
        }
    }
}
