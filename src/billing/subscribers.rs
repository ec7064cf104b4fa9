//! Who has which subscription, and grants by admins.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use super::{
    customers::{self, Customer},
    stripe_events,
    subscription::{self, Entitlement, entitlement},
    subscriptions::{self, GRANTED, Subscription},
};
use crate::{
    base::{client::Client, clock::Timestamp},
    db::{DbConnection, DbError, Tx},
    users::{self, User, audit, listing::Filter, newest},
};

pub(super) fn owner(connection: &mut DbConnection, subscription: &Subscription) -> Result<Option<i64>, DbError> {
    match (subscription.user_id, &subscription.customer) {
        (Some(user_id), _) => Ok(Some(user_id)),
        (None, customer) => owner_of_customer(connection, customer.as_deref()),
    }
}

pub(super) fn owner_of_customer(connection: &mut DbConnection, customer: Option<&str>) -> Result<Option<i64>, DbError> {
    let customer = customer.map(|id| customers::find(connection, id)).transpose()?.flatten();
    Ok(customer.map(|customer| customer.user_id))
}

/// Stores in the user's row until when the best subscription lasts.
pub(super) fn update_subscribed_until(tx: &mut Tx<'_>, user_id: i64, grace: Duration) -> Result<(), DbError> {
    // Lock the user before reading the subscriptions: of two simultaneous changes, the second then sees the result of
    // the first.
    if users::lock_by_id(tx, user_id)?.is_none() {
        return Ok(());
    }
    let until = best(&subscriptions::of_user(tx, user_id)?, grace).until;
    users::set_subscribed_until(tx, user_id, until)
}

/// Returns the entitlement of the subscription that lasts longest.
fn best(subscriptions: &[Subscription], grace: Duration) -> Entitlement {
    let entitlements = subscriptions.iter().map(|subscription| entitlement(subscription, grace));
    entitlements
        .max_by_key(|entitlement| (entitlement.until, entitlement.current_period_end))
        .unwrap_or_else(|| Entitlement::none(None))
}

/// Returns the entitlement of a user's subscription, or `None` if the user never had one that was paid for or granted.
pub fn find(connection: &mut DbConnection, user_id: i64, grace: Duration) -> Result<Option<Entitlement>, DbError> {
    let mut subscriptions = subscriptions::of_user(connection, user_id)?;
    subscriptions.retain(subscription::has_started);
    // The meter follows the value in the user's row, regardless of the current grace setting.
    let until = users::find(connection, user_id)?.and_then(|user| user.subscribed_until);
    Ok((!subscriptions.is_empty()).then(|| Entitlement { until, ..best(&subscriptions, grace) }))
}

/// A subscription, whose it is, and what it entitles the user to.
#[derive(Clone, Debug)]
pub struct Subscriber {
    pub user: User,
    pub subscription: Subscription,
    pub entitlement: Entitlement,
}

/// Subscriptions that were paid for or granted, the latest first: the first `limit`, or those after `before`.
pub fn page(
    connection: &mut DbConnection,
    before: Option<&str>,
    grace: Duration,
    limit: i64,
) -> Result<Vec<Subscriber>, DbError> {
    let after = match before {
        None => None,
        Some(id) => match subscriptions::find(connection, id)? {
            Some(subscription) => Some(subscription),
            // It was deleted meanwhile, and with it the position in the list.
            None => return Ok(Vec::new()),
        },
    };
    let mut found = Vec::new();
    for subscription in subscriptions::page(connection, after.as_ref(), limit)? {
        if let Some(user_id) = owner(connection, &subscription)? {
            found.push((user_id, subscription));
        }
    }
    let ids: Vec<_> = found.iter().map(|(user_id, _)| *user_id).collect();
    let users = newest::of_ids(connection, &ids, Filter::default(), i64::MAX, limit)?;
    let users: HashMap<_, _> = users.into_iter().map(|user| (user.id, user)).collect();
    let subscribers = found.into_iter().filter_map(|(user_id, subscription)| {
        let entitlement = entitlement(&subscription, grace);
        Some(Subscriber { user: users.get(&user_id)?.clone(), subscription, entitlement })
    });
    Ok(subscribers.collect())
}

/// Returns the user linked to a Stripe customer, or owning a subscription of that customer.
pub fn user_of_customer(connection: &mut DbConnection, customer: &str) -> Result<Option<User>, DbError> {
    let linked = customers::find(connection, customer)?.map(|customer| customer.user_id);
    let user_id = match linked {
        Some(user_id) => Some(user_id),
        // A subscription whose metadata names the user may come without a checkout, which would link the customer.
        None => subscriptions::user_of_customer(connection, customer)?,
    };
    user_id.map_or(Ok(None), |user_id| users::find(connection, user_id))
}

/// Returns the ids of a user's Stripe customers.
pub fn customers(connection: &mut DbConnection, user_id: i64) -> Result<BTreeSet<String>, DbError> {
    let of_subscriptions =
        subscriptions::of_user(connection, user_id)?.into_iter().filter_map(|subscription| subscription.customer);
    Ok(customers::ids_of_user(connection, user_id)?.into_iter().chain(of_subscriptions).collect())
}

/// Grants a user a subscription, until a given time or permanently, and records who did in the user's audit. Returns
/// `None` if no such user exists.
pub fn grant(
    tx: &mut Tx<'_>,
    user_id: i64,
    until: Option<Timestamp>,
    grace: Duration,
    actor: &Client,
    now: Timestamp,
) -> Result<Option<Entitlement>, DbError> {
    stripe_events::lock(tx)?;
    if users::lock_by_id(tx, user_id)?.is_none() {
        return Ok(None);
    }
    let id = format!("by-hand-{user_id}");
    // It has no start, so that granted subscriptions are not counted as conversions.
    let granted = Subscription {
        id,
        user_id: Some(user_id),
        status: Some(GRANTED.to_owned()),
        status_at: Some(now),
        current_period_end: until,
        ..Subscription::default()
    };
    subscriptions::save(tx, &granted)?;
    update_subscribed_until(tx, user_id, grace)?;
    audit::insert(tx, user_id, audit::Event::AccountChanged, actor, now)?;
    find(tx, user_id, grace)
}

/// Links a Stripe customer to a user, unless an event has linked it already, and stores until when the customer's
/// subscriptions last that events have told of.
pub fn link_customer(tx: &mut Tx<'_>, user_id: i64, customer: &str, grace: Duration) -> Result<(), DbError> {
    customers::add(tx, &Customer { id: customer.to_owned(), user_id, user_event: String::new() })?;
    update_subscribed_until(tx, user_id, grace)
}

/// Ends a user's subscriptions until the next event from Stripe, and records who did in the user's audit. Returns
/// whether the user exists.
pub fn end(tx: &mut Tx<'_>, user_id: i64, grace: Duration, actor: &Client, now: Timestamp) -> Result<bool, DbError> {
    stripe_events::lock(tx)?;
    if users::lock_by_id(tx, user_id)?.is_none() {
        return Ok(false);
    }
    for subscription in subscriptions::of_user(tx, user_id)? {
        // Not before what has entitled the user: the clock may have been set back since, or Stripe's may be ahead.
        let ended_at = subscription::last_event_at(&subscription).max(Some(now));
        subscriptions::save(tx, &Subscription { ended_at, ..subscription })?;
    }
    update_subscribed_until(tx, user_id, grace)?;
    audit::insert(tx, user_id, audit::Event::AccountChanged, actor, now)?;
    Ok(true)
}
