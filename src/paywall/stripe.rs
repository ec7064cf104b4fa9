//! Stripe's events: what of them matters here, and whether it was Stripe who sent them.
//!
//! Plain structs for a dozen fields, rather than `async-stripe`'s types for all of its interface, which change with its
//! versions. <https://docs.stripe.com/api/events/object>

use std::{collections::HashMap, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{clock::Timestamp, config::WebhookSecret};

/// As Stripe's own libraries have it: who has recorded an event cannot send it again later.
const TOLERANCE: Duration = Duration::from_secs(300);

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Given once.
    pub id: String,
    /// When it happened.
    pub created: Timestamp,
    /// What happened; `None` for what does not matter here.
    pub what: Option<Happening>,
}

/// What happened to a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Stripe's id of the subscription.
    pub subscription: String,
    /// Stripe's id of the customer.
    pub customer: Option<String>,
    /// Our user, where the event names one.
    pub user_id: Option<i64>,
    /// And what it was.
    pub kind: Kind,
}

/// What it was that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody went through the payment link.
    CheckedOut {
        /// Whether it is paid for, or need not be.
        is_paid: bool,
    },
    /// The subscription is in a state.
    Status {
        /// Stripe's name of the state.
        status: String,
        /// Until when it is paid.
        current_period_end: Option<Timestamp>,
        /// Which of the events of one second is the last: created, updated, deleted.
        rank: u8,
    },
    /// An invoice was not paid.
    PaymentFailed {
        /// Sorts invoices by when they were made.
        invoice: String,
    },
}

/// A time that can be written, from 1970 to 9998.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "i64")]
struct Seconds(Timestamp);

impl TryFrom<i64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: i64) -> Result<Self, Self::Error> {
        let time = Timestamp::from_seconds(seconds);
        if Timestamp::WRITABLE.contains(&time) { Ok(Self(time)) } else { Err("a time out of bounds") }
    }
}

/// A name that Stripe gives: of at most 255 characters, as Stripe promises, and none that PostgreSQL does not keep.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
struct Name(String);

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_name = text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_name { Ok(Self(text)) } else { Err("no name of Stripe's") }
    }
}

#[derive(Deserialize)]
struct Envelope {
    id: Name,
    #[serde(rename = "type")]
    kind: String,
    created: Seconds,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Value,
}

#[derive(Deserialize)]
struct Checkout {
    client_reference_id: Option<String>,
    customer: Option<Reference>,
    subscription: Option<Reference>,
    payment_status: Option<String>,
    #[serde(default)]
    metadata: Option<HashMap<String, String>>,
}

#[derive(Deserialize)]
struct Subscription {
    id: Name,
    customer: Option<Reference>,
    status: Name,
    /// Up to Stripe's version 2025-02-24.
    current_period_end: Option<Seconds>,
    /// Since then.
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
struct Invoice {
    id: Option<Name>,
    created: Option<Seconds>,
    customer: Option<Reference>,
    /// Up to Stripe's version 2025-02-24.
    subscription: Option<Reference>,
    /// Since then.
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

/// An object's id, or the object itself where the account has it expanded.
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

impl Event {
    /// Reads an event. One of a known type whose object is of another shape than Stripe documents does not matter:
    /// Stripe would send it for days if it were refused.
    ///
    /// # Errors
    /// It is no event.
    pub fn parse(body: &[u8]) -> Result<Self, serde_json::Error> {
        let Envelope { id: Name(id), kind, created: Seconds(created), data } = serde_json::from_slice(body)?;
        let what = match kind.as_str() {
            "checkout.session.completed" => object(data, &id).and_then(checked_out),
            "customer.subscription.created" => object(data, &id).map(|object| changed(object, 0)),
            "customer.subscription.updated" => object(data, &id).map(|object| changed(object, 1)),
            "customer.subscription.deleted" => object(data, &id).map(|object| changed(object, 2)),
            "invoice.payment_failed" => object(data, &id).and_then(payment_failed),
            _ => None,
        };
        Ok(Self { id, created, what })
    }
}

fn object<T: DeserializeOwned>(data: Data, event: &str) -> Option<T> {
    let object = serde_json::from_value(data.object);
    if object.is_err() {
        // Without the fault, whose text repeats what was sent: an address, for one.
        tracing::warn!(event, "an event of Stripe's has another shape than expected");
    }
    object.ok()
}

/// A checkout of something that is no subscription does not matter.
fn checked_out(checkout: Checkout) -> Option<Happening> {
    let metadata = checkout.metadata.as_ref().and_then(|metadata| metadata.get("user_id"));
    let user_id = checkout.client_reference_id.as_ref().or(metadata).and_then(|id| id.parse().ok());
    let is_paid = matches!(checkout.payment_status.as_deref(), Some("paid" | "no_payment_required"));
    Some(Happening {
        subscription: checkout.subscription?.into(),
        customer: checkout.customer.map(String::from),
        user_id,
        kind: Kind::CheckedOut { is_paid },
    })
}

fn changed(subscription: Subscription, rank: u8) -> Happening {
    let of_items = subscription
        .items
        .and_then(|items| items.data.iter().filter_map(|item| item.current_period_end).max_by_key(|end| end.0));
    let end = subscription.current_period_end.or(of_items).map(|Seconds(end)| end);
    let user_id = subscription.metadata.as_ref().and_then(|metadata| metadata.get("user_id"));
    // Stripe deletes at the end of a subscription, whatever state it says that was.
    let status = if rank == 2 { "canceled".to_owned() } else { subscription.status.0 };
    Happening {
        subscription: subscription.id.0,
        customer: subscription.customer.map(String::from),
        user_id: user_id.and_then(|id| id.parse().ok()),
        kind: Kind::Status { status, current_period_end: end, rank },
    }
}

/// An invoice for something that is no subscription does not matter.
fn payment_failed(invoice: Invoice) -> Option<Happening> {
    let details = invoice.parent.and_then(|parent| parent.subscription_details);
    let subscription = invoice.subscription.or(details.and_then(|details| details.subscription))?;
    let created = invoice.created.map_or(0, |Seconds(created)| created.millis() / 1000);
    let name = format!("{created:012}-{}", invoice.id.map(|Name(id)| id).unwrap_or_default());
    Some(Happening {
        subscription: subscription.into(),
        customer: invoice.customer.map(String::from),
        user_id: None,
        kind: Kind::PaymentFailed { invoice: name },
    })
}

/// Whether one of the secrets has signed this body, no longer ago than Stripe's libraries tolerate.
///
/// `header` is `t=<seconds>,v1=<hexadecimal>,…`; the signature is HMAC-SHA-256 over `<seconds>.<body>`.
/// <https://docs.stripe.com/webhooks#verify-manually>
#[must_use]
pub fn is_signed(body: &[u8], header: &str, secrets: &[WebhookSecret], now: Timestamp) -> bool {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let Some((_, time)) = parts().find(|(name, _)| *name == "t") else { return false };
    let Some(signed_at) = time.parse().ok().map(Timestamp::from_seconds) else { return false };
    if signed_at.until(now).max(now.until(signed_at)) > TOLERANCE {
        return false;
    }
    let signatures: Vec<_> = parts().filter(|(name, _)| *name == "v1").map(|(_, text)| text).collect();
    // Anybody may send as many signatures as a header holds: the body is gone through once for each of our secrets.
    secrets.iter().any(|secret| {
        let expected = signature(secret, time, body);
        signatures.iter().any(|given| given.as_bytes().ct_eq(expected.as_bytes()).into())
    })
}

/// In hexadecimal, as it is sent.
fn signature(secret: &WebhookSecret, time: &str, body: &[u8]) -> String {
    #[expect(clippy::expect_used, reason = "RFC 2104: HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const START: Timestamp = Timestamp::from_millis(1_795_255_200_000);

    #[derive(Deserialize)]
    struct Vector {
        secret: String,
        header: String,
        body: String,
    }

    /// Made with Stripe's own library for Python; the file says which version.
    fn vectors() -> Vec<Vector> {
        serde_json::from_str(include_str!("../../tests/vectors/stripe_events.json")).expect("vectors")
    }

    fn secrets(text: &str) -> Vec<WebhookSecret> {
        let values = HashMap::from([("STRIPE_WEBHOOK_SECRET".to_owned(), text.to_owned())]);
        Config::from_values(values).expect("settings").paying.webhook_secrets
    }

    #[test]
    fn what_stripes_library_signs_is_signed() {
        for Vector { secret, header, body } in vectors() {
            assert!(is_signed(body.as_bytes(), &header, &secrets(&secret), START));
            assert!(is_signed(body.as_bytes(), &header, &secrets(&format!("whsec_new,{secret}")), START));
            assert!(is_signed(body.as_bytes(), &format!("v0=x,v1=00,{header}"), &secrets(&secret), START));
        }
    }

    #[test]
    fn what_is_changed_late_or_signed_by_others_is_not() {
        let Vector { secret, header, body } = vectors().swap_remove(0);
        let is_signed = |body: &str, header: &str, secret: &str, late: i64| {
            super::is_signed(body.as_bytes(), header, &secrets(secret), Timestamp::from_millis(START.millis() + late))
        };
        assert!(is_signed(&body, &header, &secret, 300_000));
        assert!(!is_signed(&body, &header, &secret, 300_001));
        assert!(!is_signed(&body, &header, &secret, -300_001));
        assert!(!is_signed(&format!("{body} "), &header, &secret, 0));
        assert!(!is_signed(&body, &header, "whsec_another", 0));
        assert!(!is_signed(&body, &header.replace("v1=", "v0="), &secret, 0));
        let other_time = header.replace("t=1795255200", "t=1795255201");
        let cut = header.get(..header.len() - 1).expect("it is longer");
        for wrong in ["", "t=", "v1=", "t=x,v1=00", "t=1795255200", "t=1795255200,v1=é", cut, &other_time] {
            assert!(!is_signed(&body, wrong, &secret, 0), "{wrong}");
        }
    }

    #[test]
    fn events_of_both_generations_are_understood() {
        let events: Vec<_> = vectors().iter().map(|v| Event::parse(v.body.as_bytes()).expect("an event")).collect();
        let month = Duration::from_secs(30 * 24 * 60 * 60);
        let status = |status: &str, end, rank| {
            Some(Kind::Status { status: status.to_owned(), current_period_end: Some(end), rank })
        };
        let failed = || Some(Kind::PaymentFailed { invoice: "001795255200-in_2".to_owned() });
        let kinds = [
            Some(Kind::CheckedOut { is_paid: true }),
            status("active", START.after(month), 0),
            status("active", START.after(2 * month), 1),
            failed(),
            failed(),
            status("canceled", START.after(month), 2),
            None,
        ];
        for (event, kind) in events.iter().zip(kinds) {
            assert_eq!(event.what.as_ref().map(|what| what.kind.clone()), kind, "{}", event.id);
            let of = event.what.as_ref().map(|what| (what.subscription.as_str(), what.customer.as_deref()));
            assert!(of.is_none_or(|of| of == ("sub_1", Some("cus_1"))));
        }
        assert_eq!(events.first().and_then(|event| event.what.as_ref()?.user_id), Some(1));
    }

    #[test]
    fn what_has_another_shape_does_not_matter_and_what_is_no_event_is_refused() {
        let event = |object: &str| {
            let body = format!(
                r#"{{"id":"e","type":"customer.subscription.updated","created":1,"data":{{"object":{object}}}}}"#
            );
            Event::parse(body.as_bytes())
        };
        for odd in ["{}", "[]", "null", r#"{"id":1}"#, r#"{"id":"s","status":1}"#] {
            assert_eq!(event(odd).expect("an event").what, None, "{odd}");
        }
        let expanded = event(
            r#"{"id":"s","status":"active","customer":{"id":"c","object":"customer"},"metadata":{"user_id":"7"}}"#,
        );
        let what = expanded.expect("an event").what.expect("it matters");
        assert_eq!((what.customer.as_deref(), what.user_id), (Some("c"), Some(7)));
        for odd in [
            r#"{"id":"s","status":"active","current_period_end":253402300800}"#,
            r#"{"id":"s","status":"active","current_period_end":-1}"#,
            r#"{"id":"s\u0000","status":"active"}"#,
            r#"{"id":"s","status":"active","customer":"c\u0000"}"#,
        ] {
            assert_eq!(event(odd).expect("an event").what, None, "{odd}");
        }
        for wrong in [
            "",
            "{}",
            "[]",
            r#"{"id":"e","type":"t","created":"now","data":{"object":{}}}"#,
            r#"{"id":"e","type":"t","created":1000000000000000,"data":{"object":{}}}"#,
            r#"{"id":"e\u0000","type":"t","created":1,"data":{"object":{}}}"#,
        ] {
            assert!(Event::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
        let long = format!(r#"{{"id":"{}","type":"t","created":1,"data":{{"object":{{}}}}}}"#, "e".repeat(256));
        assert!(Event::parse(long.as_bytes()).is_err());
    }
}
