//! Stripe's events: what of them matters here, and whether it was Stripe who sent them.
//!
//! Plain structs for a dozen fields, rather than `async-stripe`'s types for all of its interface, which change with its
//! versions. <https://docs.stripe.com/api/events/object>

mod objects;
mod signature;
mod values;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

pub use self::signature::Signature;
use self::{
    objects::{changed, checked_out, payment_failed},
    values::{Name, Seconds},
};
use crate::clock::Timestamp;

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Given once.
    pub id: String,
    /// When it happened.
    pub created: Timestamp,
    /// What happened; `None` for what does not matter here.
    pub payload: Option<EventPayload>,
}

/// What happened to a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPayload {
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

impl Event {
    /// Reads an event. One of a known type whose object is of another shape than Stripe documents does not matter:
    /// Stripe would send it for days if it were refused.
    ///
    /// # Errors
    /// It is no event.
    pub fn parse(body: &[u8]) -> Result<Self, serde_json::Error> {
        let Envelope { id: Name(id), kind, created: Seconds(created), data } = serde_json::from_slice(body)?;
        let payload = match kind.as_str() {
            "checkout.session.completed" => object(data, &id).and_then(checked_out),
            "customer.subscription.created" => object(data, &id).map(|object| changed(object, 0)),
            "customer.subscription.updated" => object(data, &id).map(|object| changed(object, 1)),
            "customer.subscription.deleted" => object(data, &id).map(|object| changed(object, 2)),
            "invoice.payment_failed" => object(data, &id).and_then(payment_failed),
            _ => None,
        };
        Ok(Self { id, created, payload })
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

/// Signed events for tests.
#[cfg(test)]
mod vectors {
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub(super) struct Vector {
        pub(super) secret: String,
        pub(super) header: String,
        pub(super) body: String,
    }

    /// Made with Stripe's own library for Python; the file says which version.
    pub(super) fn vectors() -> Vec<Vector> {
        serde_json::from_str(include_str!("../../../tests/vectors/stripe_events.json")).expect("vectors")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::billing::stripe::vectors::vectors;

    const START: Timestamp = Timestamp::from_millis(1_795_255_200_000);

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
            assert_eq!(event.payload.as_ref().map(|payload| payload.kind.clone()), kind, "{}", event.id);
            let of = event.payload.as_ref().map(|payload| (payload.subscription.as_str(), payload.customer.as_deref()));
            assert!(of.is_none_or(|of| of == ("sub_1", Some("cus_1"))));
        }
        assert_eq!(events.first().and_then(|event| event.payload.as_ref()?.user_id), Some(1));
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
            assert_eq!(event(odd).expect("an event").payload, None, "{odd}");
        }
        let expanded = event(
            r#"{"id":"s","status":"active","customer":{"id":"c","object":"customer"},"metadata":{"user_id":"7"}}"#,
        );
        let payload = expanded.expect("an event").payload.expect("it matters");
        assert_eq!((payload.customer.as_deref(), payload.user_id), (Some("c"), Some(7)));
        for odd in [
            r#"{"id":"s","status":"active","current_period_end":253402300800}"#,
            r#"{"id":"s","status":"active","current_period_end":-1}"#,
            r#"{"id":"s\u0000","status":"active"}"#,
            r#"{"id":"s","status":"active","customer":"c\u0000"}"#,
        ] {
            assert_eq!(event(odd).expect("an event").payload, None, "{odd}");
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
