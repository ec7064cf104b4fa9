//! The relevant fields of the objects in events, in the structures of older and newer API versions.

use std::collections::HashMap;

use serde::Deserialize;

use super::event::{EventKind, EventPayload, Payment};
use crate::base::clock::Timestamp;

#[derive(Deserialize)]
pub(super) struct Checkout {
    id: Option<Name>,
    amount_total: Option<i64>,
    currency: Option<Name>,
    customer_details: Option<Payer>,
    client_reference_id: Option<String>,
    customer: Option<Reference>,
    subscription: Option<Reference>,
    payment_status: Option<String>,
    #[serde(default)]
    metadata: Option<HashMap<String, String>>,
}

#[derive(Deserialize)]
struct Payer {
    email: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Subscription {
    id: Name,
    customer: Option<Reference>,
    status: Name,
    /// Up to Stripe API version 2025-02-24.
    current_period_end: Option<Seconds>,
    /// In later API versions.
    items: Option<Items>,
    #[serde(default)]
    metadata: Option<HashMap<String, String>>,
}

#[derive(Deserialize)]
struct Items {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    current_period_end: Option<Seconds>,
}

#[derive(Deserialize)]
pub(super) struct Invoice {
    id: Option<Name>,
    created: Option<Seconds>,
    customer: Option<Reference>,
    /// Up to Stripe API version 2025-02-24.
    subscription: Option<Reference>,
    /// In later API versions.
    parent: Option<Parent>,
}

#[derive(Deserialize)]
struct Parent {
    subscription_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    subscription: Option<Reference>,
}

/// The id of an object, or the object itself if the account expands it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Reference {
    Id(Name),
    Object { id: Name },
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        match reference {
            Reference::Id(Name(id)) | Reference::Object { id: Name(id) } => id,
        }
    }
}

/// What a completed checkout was for. One that only stores a card has no payment, and neither has one that costs nothing,
/// unless it starts a subscription.
pub(super) fn payment(checkout: &Checkout, event: &str) -> Option<Payment> {
    let is_paid = checkout.payment_status.as_deref() == Some("paid");
    let email = checkout.customer_details.as_ref().and_then(|payer| payer.email.clone());
    (is_paid || checkout.subscription.is_some()).then(|| Payment {
        id: checkout.id.as_ref().map_or(event, |Name(id)| id).to_owned(),
        // PostgreSQL cannot store NUL. Longer than any address (RFC 5321).
        email: email.filter(|email| email.len() <= 320 && !email.contains('\0')),
        amount: checkout.amount_total,
        currency: checkout.currency.as_ref().map(|Name(currency)| currency.clone()),
    })
}

/// A checkout without a subscription unlocks nothing.
pub(super) fn checked_out(checkout: Checkout) -> Option<EventPayload> {
    let metadata = checkout.metadata.as_ref().and_then(|metadata| metadata.get("user_id"));
    let references = [checkout.client_reference_id.as_ref(), metadata];
    let user_id = references.into_iter().flatten().find_map(|id| id.parse().ok());
    let is_paid = matches!(checkout.payment_status.as_deref(), Some("paid" | "no_payment_required"));
    Some(EventPayload {
        subscription: checkout.subscription?.into(),
        customer: checkout.customer.map(String::from),
        user_id,
        kind: EventKind::CheckedOut { is_paid },
    })
}

pub(super) fn changed(subscription: Subscription, rank: u8) -> EventPayload {
    let of_items = subscription
        .items
        .and_then(|items| items.data.iter().filter_map(|item| item.current_period_end).max_by_key(|end| end.0));
    let end = subscription.current_period_end.or(of_items).map(|Seconds(end)| end);
    let user_id = subscription.metadata.as_ref().and_then(|metadata| metadata.get("user_id"));
    // Stripe deletes a subscription when it ends, whatever status the event reports.
    let status = if rank == 2 { "canceled".to_owned() } else { subscription.status.0 };
    EventPayload {
        subscription: subscription.id.0,
        customer: subscription.customer.map(String::from),
        user_id: user_id.and_then(|id| id.parse().ok()),
        kind: EventKind::Status { status, current_period_end: end, rank },
    }
}

/// An invoice without a subscription is irrelevant.
pub(super) fn payment_failed(invoice: Invoice) -> Option<EventPayload> {
    let details = invoice.parent.and_then(|parent| parent.subscription_details);
    let subscription = invoice.subscription.or(details.and_then(|details| details.subscription))?;
    let created = invoice.created.map_or(0, |Seconds(created)| created.millis() / 1000);
    let name = format!("{created:012}-{}", invoice.id.map(|Name(id)| id).unwrap_or_default());
    Some(EventPayload {
        subscription: subscription.into(),
        customer: invoice.customer.map(String::from),
        user_id: None,
        kind: EventKind::PaymentFailed { invoice: name },
    })
}

/// A timestamp that can be stored, from 1970 to 9998.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "i64")]
pub(super) struct Seconds(pub(super) Timestamp);

impl TryFrom<i64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: i64) -> Result<Self, Self::Error> {
        let time = Timestamp::from_seconds(seconds);
        if Timestamp::WRITABLE.contains(&time) { Ok(Self(time)) } else { Err("the timestamp is out of range") }
    }
}

/// A Stripe identifier: at most 255 characters, as Stripe guarantees, and only characters that PostgreSQL can store.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Name(pub(super) String);

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_name = text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_name { Ok(Self(text)) } else { Err("not a Stripe identifier") }
    }
}
