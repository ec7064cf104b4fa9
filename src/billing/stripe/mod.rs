//! Stripe events: parsing the relevant ones, verifying their signatures, and those of the demo checkout.
//!
//! These are plain structs for a dozen fields, rather than `async-stripe`'s types for the complete API, which change
//! with its versions. <https://docs.stripe.com/api/events/object>

mod demo;
mod event;
mod objects;
mod signature;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use self::objects::{Name, Seconds, changed, checked_out, payment, payment_failed};
pub use self::{
    demo::demo_events,
    event::{EventKind, EventPayload, Payment, StripeEvent},
    signature::{Signature, sign},
};
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

impl StripeEvent {
    /// Parses an event. An event of a known type with an unexpected object is treated as irrelevant: if it were
    /// refused, Stripe would retry it for days.
    ///
    /// # Errors
    /// The body is not an event.
    pub fn parse(body: &[u8]) -> Result<Self, serde_json::Error> {
        let Envelope { id: Name(id), kind, created: Seconds(created), data } = serde_json::from_slice(body)?;
        if kind == "checkout.session.completed" {
            let checkout: Option<objects::Checkout> = object(data, &id);
            let payment = checkout.as_ref().and_then(|checkout| payment(checkout, &id));
            return Ok(Self { id, created, payload: checkout.and_then(checked_out), payment });
        }
        let payload = match kind.as_str() {
            "customer.subscription.created" => object(data, &id).map(|object| changed(object, 0)),
            "customer.subscription.updated" => object(data, &id).map(|object| changed(object, 1)),
            "customer.subscription.deleted" => object(data, &id).map(|object| changed(object, 2)),
            "invoice.payment_failed" => object(data, &id).and_then(payment_failed),
            _ => None,
        };
        Ok(Self { id, created, payload, payment: None })
    }
}

fn object<T: DeserializeOwned>(data: Data, event: &str) -> Option<T> {
    let object = serde_json::from_value(data.object);
    if object.is_err() {
        // The error is not logged, because its message quotes the event, which may contain personal data such as an
        // address.
        tracing::warn!(event, "ignored a Stripe event with an unexpected structure");
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

    /// Created with Stripe's Python library; the file names its version.
    pub(super) fn vectors() -> Vec<Vector> {
        serde_json::from_str(include_str!("../../../tests/vectors/stripe_events.json")).expect("vectors")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{base::clock::Timestamp, billing::stripe::vectors::vectors};

    const START: Timestamp = Timestamp::from_millis(1_795_255_200_000);

    #[test]
    fn events_of_old_and_new_api_versions_are_parsed() {
        let events: Vec<_> =
            vectors().iter().map(|v| StripeEvent::parse(v.body.as_bytes()).expect("an event")).collect();
        let month = Duration::from_secs(30 * 24 * 60 * 60);
        let status = |status: &str, end, rank| {
            Some(EventKind::Status { status: status.to_owned(), current_period_end: Some(end), rank })
        };
        let failed = || Some(EventKind::PaymentFailed { invoice: "001795255200-in_2".to_owned() });
        let kinds = [
            Some(EventKind::CheckedOut { is_paid: true }),
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
    fn unexpected_objects_are_ignored_and_malformed_events_are_rejected() {
        let event = |object: &str| {
            let body = format!(
                r#"{{"id":"e","type":"customer.subscription.updated","created":1,"data":{{"object":{object}}}}}"#
            );
            StripeEvent::parse(body.as_bytes())
        };
        for odd in ["{}", "[]", "null", r#"{"id":1}"#, r#"{"id":"s","status":1}"#] {
            assert_eq!(event(odd).expect("an event").payload, None, "{odd}");
        }
        let expanded = event(
            r#"{"id":"s","status":"active","customer":{"id":"c","object":"customer"},"metadata":{"user_id":"7"}}"#,
        );
        let payload = expanded.expect("an event").payload.expect("a payload");
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
            assert!(StripeEvent::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
        let long = format!(r#"{{"id":"{}","type":"t","created":1,"data":{{"object":{{}}}}}}"#, "e".repeat(256));
        assert!(StripeEvent::parse(long.as_bytes()).is_err());
    }
}
