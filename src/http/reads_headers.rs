//! Response headers with the state of the meter.

use actix_web::{HttpResponseBuilder, http::header::HeaderName};

use crate::metering::MeterState;

pub(super) const LIMIT: HeaderName = HeaderName::from_static("x-reads-limit");
pub(super) const REMAINING: HeaderName = HeaderName::from_static("x-reads-remaining");
/// Seconds until the meter resets, rounded up, so that the meter has reset after this time.
pub(super) const RESET: HeaderName = HeaderName::from_static("x-reads-reset");

pub(super) fn insert(response: &mut HttpResponseBuilder, meter: &MeterState) {
    response.insert_header((LIMIT, meter.limit));
    response.insert_header((REMAINING, meter.remaining()));
    response.insert_header((RESET, meter.resets_in.as_millis().div_ceil(1000).to_string()));
}
