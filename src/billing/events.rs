//! Applies Stripe events to the users they concern.

use std::{collections::BTreeSet, time::Duration};

use super::{
    customers::{self, Customer},
    payments::{self, Outcome, table},
    stripe::{EventKind, EventPayload, StripeEvent},
    stripe_events,
    subscribers::{owner, owner_of_customer, update_subscribed_until},
    subscription,
    subscriptions::{self, Subscription},
};
use crate::{
    base::clock::Timestamp,
    daily_counts::last_refusals,
    db::{DbError, Tx},
    users,
};

/// How long processed Stripe events are remembered. Stripe retries an event for days, and allows resending it manually
/// for a month. An event repeated even later would change nothing, because it would be older than what is stored.
const EVENTS_KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Processes an event once. Intended for [`crate::db::Db::write`], so that recording the event and its effects are one
/// transaction.
///
/// # Errors
/// The database is unavailable; Stripe sends the event again then.
pub fn process_event(
    tx: &mut Tx<'_>,
    event: &StripeEvent,
    grace: Duration,
    now: Timestamp,
) -> Result<Outcome, DbError> {
    stripe_events::lock(tx)?;
    if !stripe_events::insert(tx, &event.id, now)? {
        return Ok(Outcome::Applied);
    }
    if let Some(payload) = &event.payload {
        apply(tx, event, payload, grace, now)?;
    }
    payments::keep_unmatched(tx, event, now)
}

fn apply(
    tx: &mut Tx<'_>,
    event: &StripeEvent,
    payload: &EventPayload,
    grace: Duration,
    now: Timestamp,
) -> Result<(), DbError> {
    let payload = with_existing_user(tx, event, payload)?;
    let id = &payload.subscription;
    let found = subscriptions::find(tx, id)?;
    let mut subscription = found.unwrap_or_else(|| Subscription { id: id.clone(), ..Subscription::default() });

    let mut affected = BTreeSet::from_iter(payload.user_id);
    let owner_before = owner(tx, &subscription)?;
    affected.extend(owner_before);
    affected.extend(owner_of_customer(tx, payload.customer.as_deref())?);
    // Before the rows that refer to them, which lock the users in another way: a change of name or address that waits
    // for those while this waits for the users would be a deadlock.
    for user_id in &affected {
        users::lock_by_id(tx, *user_id)?;
    }
    let was_started = owner_before.is_some() && subscription.started_at.is_some();
    subscription::apply(&mut subscription, event, &payload);
    subscriptions::save(tx, &subscription)?;
    affected.extend(link_customer(tx, event, &payload)?);
    if let Some(user_id) = owner(tx, &subscription)? {
        affected.insert(user_id);
        table::assign_of_subscription(tx, &subscription.id, user_id, now)?;
        if let Some(started_at) = subscription.started_at.filter(|_| !was_started) {
            last_refusals::subscribe(tx, user_id, started_at)?;
        }
    }
    affected.into_iter().try_for_each(|user_id| update_subscribed_until(tx, user_id, grace))
}

/// An event may name a user who has been deleted, or never existed, or none. No user is deleted meanwhile, because
/// deletions also acquire the lock on Stripe events.
fn with_existing_user(tx: &mut Tx<'_>, event: &StripeEvent, payload: &EventPayload) -> Result<EventPayload, DbError> {
    let user = match payload.user_id {
        Some(user_id) => users::find(tx, user_id)?,
        None => None,
    };
    let user_id = match user {
        Some(user) => Some(user.id),
        None => payments::user_of_payer(tx, event, payload)?,
    };
    Ok(EventPayload { user_id, ..payload.clone() })
}

/// Records which user a customer is, as reported by a checkout. Returns the affected users.
fn link_customer(tx: &mut Tx<'_>, event: &StripeEvent, payload: &EventPayload) -> Result<Vec<i64>, DbError> {
    let (EventKind::CheckedOut { .. }, Some(id), Some(user_id)) = (&payload.kind, &payload.customer, payload.user_id)
    else {
        return Ok(Vec::new());
    };
    let customer = customers::find(tx, id)?;
    let user_event = subscription::user_event(event, payload);
    if customer.as_ref().is_some_and(|customer| customer.user_event >= user_event) {
        return Ok(Vec::new());
    }
    customers::save(tx, &Customer { id: id.clone(), user_id, user_event })?;
    Ok(customer.map(|customer| customer.user_id).into_iter().chain([user_id]).collect())
}

/// Deletes up to `max` Stripe events that will not be repeated, and returns their number.
pub fn cleanup(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    stripe_events::delete_before(tx, now.before(EVENTS_KEPT), max)
}
