//! The events of a checkout as Stripe would send them, for the demo checkout.

use std::time::Duration;

use serde_json::{Value, json};

use crate::base::clock::Timestamp;

/// How long a subscription of the demo checkout is paid.
const PERIOD: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Returns the bodies of the events after a user has paid: the checkout, then the subscription, which says until when
/// it is paid.
///
/// A user has one subscription of this kind, which paying again renews, so that a form that is submitted twice does no
/// harm.
#[must_use]
pub fn demo_events(user_id: i64, now: Timestamp) -> [String; 2] {
    let (customer, subscription) = (format!("cus_demo_{user_id}"), format!("sub_demo_{user_id}"));
    let checkout = json!({
        "id": format!("cs_demo_{user_id}_{}", now.millis()), "object": "checkout.session", "mode": "subscription",
        "payment_status": "paid", "customer": customer,
        "subscription": subscription, "client_reference_id": user_id.to_string(),
    });
    let paid = json!({
        "id": subscription, "object": "subscription", "customer": customer, "status": "active",
        "current_period_end": seconds(now.after(PERIOD)), "metadata": {},
    });
    let event = |kind: &str, object: &Value| {
        let id = format!("evt_demo_{user_id}_{}_{}", now.millis(), kind.replace('.', "_"));
        let data = json!({ "object": object });
        json!({ "id": id, "object": "event", "type": kind, "created": seconds(now), "data": data }).to_string()
    };
    [event("checkout.session.completed", &checkout), event("customer.subscription.created", &paid)]
}

fn seconds(time: Timestamp) -> i64 {
    time.millis() / 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::stripe::{EventKind, StripeEvent};

    #[test]
    fn they_are_events_about_a_paid_subscription_of_the_user() {
        let now = Timestamp::from_millis(1_795_255_200_500);
        let created = Timestamp::from_millis(1_795_255_200_000);
        let status =
            EventKind::Status { status: "active".to_owned(), current_period_end: Some(created.after(PERIOD)), rank: 0 };
        let events = demo_events(7, now).map(|body| StripeEvent::parse(body.as_bytes()).expect("an event"));
        let [paid, active] = events.map(|event| (event.created, event.payload.expect("a payload")));
        assert_eq!((paid.0, paid.1.user_id, paid.1.kind), (created, Some(7), EventKind::CheckedOut { is_paid: true }));
        assert_eq!((active.0, active.1.kind), (created, status));
        let names = (Some("cus_demo_7".to_owned()), "sub_demo_7".to_owned());
        assert_eq!((paid.1.customer, paid.1.subscription), names);
        assert_eq!((active.1.customer, active.1.subscription), names);
        assert_ne!(demo_events(7, now), demo_events(7, now.after(Duration::from_millis(1))));
    }
}
