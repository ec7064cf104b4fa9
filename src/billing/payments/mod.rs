//! Payments that belong to no account: nobody else tells the operator that money was taken and nothing unlocked.

pub mod table;

use std::time::Duration;

use self::table::Payment;
use super::{
    customers::{self, Customer},
    stripe::{EventKind, EventPayload, StripeEvent},
    stripe_events,
    subscribers::{owner, owner_of_customer, update_subscribed_until},
    subscription, subscriptions,
};
use crate::{
    base::{client::Client, clock::Timestamp, email::Email},
    db::{DbError, Tx},
    users::{self, User, audit},
};

/// The outcome of processing an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Applied,
    /// It reports a payment that belongs to no account, which is kept.
    Unmatched,
}

/// The outcome of assigning a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// It is the user's now, or was already.
    Done(Payment),
    NoSuchPayment,
    NoSuchUser,
    /// To another user.
    AlreadyAssigned,
}

/// The user whose verified address the payer has, if nothing else says whose a checkout is.
pub(super) fn user_of_payer(
    tx: &mut Tx<'_>,
    event: &StripeEvent,
    payload: &EventPayload,
) -> Result<Option<i64>, DbError> {
    let Some(email) = event.payment.as_ref().and_then(|payment| payment.email.as_deref()) else { return Ok(None) };
    if !matches!(payload.kind, EventKind::CheckedOut { .. })
        || owner_of_customer(tx, payload.customer.as_deref())?.is_some()
    {
        return Ok(None);
    }
    let Ok(email) = Email::parse(email) else { return Ok(None) };
    let user = users::find_by_email(tx, &email.key)?.filter(User::is_email_verified);
    Ok(user.map(|user| user.id))
}

/// Keeps the payment of an event that has been applied, if it belongs to nobody. A one-time payment always does, because
/// nothing here can be bought by one.
pub(super) fn keep_unmatched(tx: &mut Tx<'_>, event: &StripeEvent, now: Timestamp) -> Result<Outcome, DbError> {
    let Some(payment) = &event.payment else { return Ok(Outcome::Applied) };
    let subscription = event.payload.as_ref().map(|payload| payload.subscription.clone());
    if let Some(id) = &subscription
        && let Some(subscription) = subscriptions::find(tx, id)?
        && owner(tx, &subscription)?.is_some()
    {
        return Ok(Outcome::Applied);
    }
    let payment = Payment {
        id: payment.id.clone(),
        subscription,
        customer: event.payload.as_ref().and_then(|payload| payload.customer.clone()),
        email: payment.email.clone(),
        amount: payment.amount,
        currency: payment.currency.clone(),
        received_at: now,
        user_id: None,
        assigned_at: None,
    };
    table::insert(tx, &payment)?;
    Ok(Outcome::Unmatched)
}

/// Says whose a payment is, as if its checkout had named the user, and records that in the user's audit. One without a
/// subscription is only marked.
pub fn assign(
    tx: &mut Tx<'_>,
    id: &str,
    user_id: i64,
    grace: Duration,
    actor: &Client,
    now: Timestamp,
) -> Result<Assignment, DbError> {
    stripe_events::lock(tx)?;
    if users::lock_by_id(tx, user_id)?.is_none() {
        return Ok(Assignment::NoSuchUser);
    }
    let Some(payment) = table::find(tx, id)? else { return Ok(Assignment::NoSuchPayment) };
    match payment.user_id {
        Some(owner) if owner == user_id => return Ok(Assignment::Done(payment)),
        Some(_) => return Ok(Assignment::AlreadyAssigned),
        None => table::assign(tx, id, user_id, now)?,
    }
    let user_event = subscription::assignment(id, now);
    if let Some(id) = &payment.subscription {
        let mut subscription = subscriptions::find(tx, id)?.unwrap_or_default();
        (subscription.id, subscription.user_id, subscription.user_event) =
            (id.clone(), Some(user_id), Some(user_event.clone()));
        subscriptions::save(tx, &subscription)?;
        table::assign_of_subscription(tx, id, user_id, now)?;
        if let Some(customer) = &payment.customer {
            customers::save(tx, &Customer { id: customer.clone(), user_id, user_event })?;
        }
    }
    update_subscribed_until(tx, user_id, grace)?;
    audit::insert(tx, user_id, audit::Event::AccountChanged, actor, now)?;
    Ok(Assignment::Done(payment))
}
