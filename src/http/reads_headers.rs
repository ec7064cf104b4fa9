//! Response headers with the state of the meter.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{HeaderName, HeaderValue},
};

use crate::paywall::MeterState;

pub(super) const LIMIT: HeaderName = HeaderName::from_static("x-reads-limit");
pub(super) const REMAINING: HeaderName = HeaderName::from_static("x-reads-remaining");
/// Seconds until the meter resets, rounded up, so that the meter has reset after this time.
pub(super) const RESET: HeaderName = HeaderName::from_static("x-reads-reset");

pub(super) fn insert(response: &mut HttpResponseBuilder, meter: &MeterState) {
    for header in headers(meter) {
        response.insert_header(header);
    }
}

pub(super) fn add_to(response: &mut HttpResponse, meter: &MeterState) {
    for (name, value) in headers(meter) {
        response.headers_mut().insert(name, value);
    }
}

fn headers(meter: &MeterState) -> [(HeaderName, HeaderValue); 3] {
    let seconds = u64::try_from(meter.resets_in.as_millis().div_ceil(1000)).unwrap_or(u64::MAX);
    [(LIMIT, meter.limit.into()), (REMAINING, meter.remaining().into()), (RESET, seconds.into())]
}
