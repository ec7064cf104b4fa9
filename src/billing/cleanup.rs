//! Deletes the ids of old Stripe events.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    db::{DbError, Tx},
    models::stripe_events,
};

/// How long processed Stripe events are remembered. Stripe retries an event for days, and allows resending it manually
/// for a month. An event repeated even later would change nothing, because it would be older than the known facts.
const EVENTS_KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Deletes up to `max` Stripe events that will not be repeated, and returns their number.
pub fn cleanup(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    stripe_events::delete_before(tx, now.before(EVENTS_KEPT), max)
}
