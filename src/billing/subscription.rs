//! Derives the status of a subscription from the facts known about it.
//!
//! Events arrive out of order, twice, late or never. A subscription is therefore not a state machine that events
//! advance. Instead, the latest fact of each kind is stored, and the status is derived from those. Applying a fact
//! twice, or two facts in a different order, has the same result.

use std::time::Duration;

use super::{
    stripe::{EventKind, EventPayload, StripeEvent},
    subscriptions::{GRANTED, Subscription},
};
use crate::base::clock::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionStatus {
    /// Paid or granted.
    Active,
    /// A payment has failed.
    PastDue,
    /// Ended, or never started.
    Ended,
}

/// The status of a subscription, and how long it is in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entitlement {
    pub status: SubscriptionStatus,
    /// Until when the subscription is paid, if known.
    pub current_period_end: Option<Timestamp>,
    /// Until when reads are not metered if no further events arrive.
    pub until: Option<Timestamp>,
    /// Whether an admin granted the subscription, rather than a payment.
    pub is_granted: bool,
}

impl Entitlement {
    /// The entitlement without a subscription, or after it has ended.
    #[must_use]
    pub fn none(current_period_end: Option<Timestamp>) -> Self {
        Self { status: SubscriptionStatus::Ended, current_period_end, until: None, is_granted: false }
    }

    /// The current status in the terms of the API.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> &'static str {
        let lasts = self.until.is_some_and(|until| now < until);
        match self.status {
            SubscriptionStatus::Active if lasts => "active",
            SubscriptionStatus::PastDue if lasts => "past_due",
            SubscriptionStatus::Active | SubscriptionStatus::PastDue | SubscriptionStatus::Ended => "ended",
        }
    }

    /// The end of the grace period, if the user is in one now.
    #[must_use]
    pub fn grace_until(&self, now: Timestamp) -> Option<Timestamp> {
        let is_paid = self.status == SubscriptionStatus::Active && self.current_period_end.is_none_or(|end| now < end);
        self.until.filter(|until| !is_paid && now < *until)
    }
}

/// Applies an event to the known facts of a subscription.
pub(super) fn apply(subscription: &mut Subscription, event: &StripeEvent, payload: &EventPayload) {
    apply_owner(subscription, event, payload);
    match &payload.kind {
        EventKind::CheckedOut { is_paid: false } => {}
        EventKind::CheckedOut { is_paid: true } => {
            subscription.checked_out_at = subscription.checked_out_at.max(Some(event.created));
            mark_started(subscription, event.created);
        }
        EventKind::Status { status, current_period_end, rank } => {
            apply_status(subscription, event, status, *current_period_end, *rank);
        }
        EventKind::PaymentFailed { invoice } => apply_failure(subscription, event.created, invoice),
    }
}

fn apply_owner(subscription: &mut Subscription, event: &StripeEvent, payload: &EventPayload) {
    // The owner never changes; if it did, the same one would have to win in any order of events.
    subscription.customer = subscription.customer.take().max(payload.customer.clone());
    if let Some(user_id) = payload.user_id {
        let user_event = Some(user_event(event, payload));
        if user_event > subscription.user_event {
            (subscription.user_id, subscription.user_event) = (Some(user_id), user_event);
        }
    }
}

fn apply_status(subscription: &mut Subscription, event: &StripeEvent, status: &str, end: Option<Timestamp>, rank: u8) {
    // Stripe's timestamps have a resolution of seconds. If the order of two events is unknown, the user who has paid
    // gets the benefit of the doubt.
    let is_good = is_good(status);
    let status_event = Some(format!("{:015}-{rank}-{}-{}", event.created.millis(), u8::from(is_good), event.id));
    if status_event > subscription.status_event {
        subscription.status = Some(status.to_owned());
        subscription.status_at = Some(event.created);
        subscription.current_period_end = end;
        subscription.status_event = status_event;
    }
    if is_good {
        subscription.last_good_at = subscription.last_good_at.max(Some(event.created));
    }
    // Stripe only uses `past_due` for subscriptions that were active before; one whose first payment fails is
    // `incomplete`.
    if is_good || status == "past_due" {
        mark_started(subscription, event.created);
    }
}

fn apply_failure(subscription: &mut Subscription, at: Timestamp, invoice: &String) {
    if subscription.failed_invoice.as_ref() < Some(invoice) {
        subscription.failed_invoice = Some(invoice.clone());
        subscription.failed_at = Some(at);
    } else if subscription.failed_invoice.as_ref() == Some(invoice) {
        // The grace period starts with the first attempt, not with each retry.
        subscription.failed_at = subscription.failed_at.min(Some(at));
    }
}

/// Returns a key that orders claims about the owner of a subscription: a checkout outranks metadata, and a later event
/// an earlier one.
pub(super) fn user_event(event: &StripeEvent, payload: &EventPayload) -> String {
    let rank = u8::from(matches!(payload.kind, EventKind::CheckedOut { .. }));
    format!("{rank}-{:015}-{}", event.created.millis(), event.id)
}

/// As [`user_event`], for an operator who says whose a payment is: like a checkout at that time.
pub(super) fn assignment(payment: &str, at: Timestamp) -> String {
    format!("1-{:015}-{payment}", at.millis())
}

fn mark_started(subscription: &mut Subscription, at: Timestamp) {
    subscription.started_at = Some(subscription.started_at.map_or(at, |started| started.min(at)));
}

fn is_good(status: &str) -> bool {
    matches!(status, "active" | "trialing")
}

/// Returns whether the subscription was ever paid for or granted.
pub(super) fn has_started(subscription: &Subscription) -> bool {
    subscription.started_at.is_some() || subscription.status.as_deref() == Some(GRANTED)
}

/// The time of the latest event that entitles the user.
pub(super) fn last_event_at(subscription: &Subscription) -> Option<Timestamp> {
    subscription.status_at.max(subscription.failed_at).max(subscription.checked_out_at)
}

/// Derives the entitlement from the known facts of a subscription.
#[must_use]
pub fn entitlement(subscription: &Subscription, grace: Duration) -> Entitlement {
    let (end, is_granted) = (subscription.current_period_end, subscription.status.as_deref() == Some(GRANTED));
    if subscription.ended_at.is_some() && last_event_at(subscription) <= subscription.ended_at {
        return Entitlement { is_granted, ..Entitlement::none(end) };
    }
    let after = |at: Option<Timestamp>| at.map(|at| at.after(grace));
    // A user who has never paid has no grace period, and a failure that has been resolved does not shorten the next
    // one.
    let failed_at = subscription
        .failed_at
        .filter(|_| subscription.started_at.is_some() && subscription.failed_at > subscription.last_good_at);
    let (status, until) = match subscription.status.as_deref() {
        Some(GRANTED) => (SubscriptionStatus::Active, Some(end.unwrap_or(Timestamp::from_millis(i64::MAX)))),
        Some("past_due") => (SubscriptionStatus::PastDue, after(failed_at.or(subscription.status_at))),
        // Just paid: Stripe's event about the status is still on its way, or describes the time before the payment.
        None | Some("incomplete") if failed_at.is_none() && subscription.checked_out_at.is_some() => {
            (SubscriptionStatus::Active, after(subscription.checked_out_at))
        }
        Some(status) if is_good(status) && failed_at.is_none() => {
            (SubscriptionStatus::Active, after(end.or(subscription.status_at)))
        }
        Some(status) if !is_good(status) => (SubscriptionStatus::Ended, None),
        _ if failed_at.is_some() => (SubscriptionStatus::PastDue, after(failed_at)),
        _ => (SubscriptionStatus::Ended, None),
    };
    Entitlement { status, current_period_end: end, until, is_granted }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::subsequence};

    use super::*;

    const GRACE: Duration = Duration::from_secs(3 * 24 * 60 * 60);
    const MONTH: i64 = 30 * 24 * 60 * 60;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn event(id: &str, created: i64, user_id: Option<i64>, kind: EventKind) -> StripeEvent {
        let payload = EventPayload { subscription: "sub".to_owned(), customer: Some("cus".to_owned()), user_id, kind };
        StripeEvent { id: id.to_owned(), created: at(created), payload: Some(payload), payment: None }
    }

    fn status(id: &str, created: i64, rank: u8, status: &str, end: i64) -> StripeEvent {
        let kind = EventKind::Status { status: status.to_owned(), current_period_end: Some(at(end)), rank };
        event(id, created, None, kind)
    }

    fn failed(id: &str, created: i64, invoice: &str) -> StripeEvent {
        event(id, created, None, EventKind::PaymentFailed { invoice: invoice.to_owned() })
    }

    fn applied<'e>(events: impl IntoIterator<Item = &'e StripeEvent>) -> Subscription {
        let mut subscription = Subscription::default();
        for event in events {
            apply(&mut subscription, event, event.payload.as_ref().expect("a payload"));
        }
        subscription
    }

    fn any_event() -> impl Strategy<Value = StripeEvent> {
        let statuses = ["active", "trialing", "past_due", "unpaid", "incomplete", "paused", "unheard_of"];
        let state = (0_u8..3, proptest::sample::select(statuses.to_vec()), proptest::option::of(0_i64..200)).prop_map(
            |(rank, status, end)| EventKind::Status {
                status: if rank == 2 { "canceled" } else { status }.to_owned(),
                current_period_end: end.map(at),
                rank,
            },
        );
        let kind = prop_oneof![
            state,
            any::<bool>().prop_map(|is_paid| EventKind::CheckedOut { is_paid }),
            (0_u8..4).prop_map(|number| EventKind::PaymentFailed { invoice: format!("in_{number}") }),
        ];
        ("[a-d]{3}", 0_i64..20, proptest::option::of(1_i64..4), kind)
            .prop_map(|(id, created, user_id, kind)| event(&format!("evt_{id}"), created, user_id, kind))
    }

    /// Events with distinct ids, as Stripe guarantees.
    fn some_events() -> impl Strategy<Value = Vec<StripeEvent>> {
        proptest::collection::vec(any_event(), 0..12).prop_map(|mut events| {
            events.sort_by(|one, other| one.id.cmp(&other.id));
            events.dedup_by(|one, other| one.id == other.id);
            events
        })
    }

    proptest! {
        #[test]
        fn events_in_any_order_and_repeated_have_the_same_result(
            (events, shuffled, again) in some_events().prop_flat_map(|events| {
                let count = events.len();
                (Just(events.clone()), Just(events.clone()).prop_shuffle(), subsequence(events, 0..=count))
            })
        ) {
            let in_order = applied(&events);
            prop_assert_eq!(&in_order, &applied(&shuffled));
            prop_assert_eq!(&in_order, &applied(shuffled.iter().chain(&again)));
            prop_assert_eq!(&in_order, &applied(again.iter().chain(&shuffled)));
        }

        #[test]
        fn an_older_event_does_not_change_the_status(events in some_events(), older in any_event()) {
            let last = status("evt_last", 100, 1, "active", 500);
            let before = applied(events.iter().chain([&last]));
            let mut after = before.clone();
            apply(&mut after, &older, older.payload.as_ref().expect("a payload"));
            prop_assert_eq!(entitlement(&before, GRACE), entitlement(&after, GRACE));
        }

        #[test]
        fn a_deleted_subscription_entitles_to_nothing(events in some_events()) {
            let deleted = status("evt_last", 100, 2, "canceled", 500);
            let subscription = applied(events.iter().chain([&deleted]));
            prop_assert_eq!(entitlement(&subscription, GRACE), Entitlement::none(Some(at(500))));
        }

        #[test]
        fn access_never_lasts_longer_than_the_last_known_period_and_the_grace_period(events in some_events()) {
            let subscription = applied(&events);
            let ends = events.iter().flat_map(|event| match &event.payload.as_ref().expect("a payload").kind {
                EventKind::Status { current_period_end, .. } => [*current_period_end, Some(event.created)],
                _ => [None, Some(event.created)],
            });
            let last = ends.max().flatten().map(|end| end.after(GRACE));
            prop_assert!(entitlement(&subscription, GRACE).until <= last);
        }
    }

    #[test]
    fn a_subscription_lasts_for_the_paid_period_and_the_grace_period() {
        let subscription = applied(&[status("evt_1", 0, 0, "active", MONTH)]);
        let entitlement = entitlement(&subscription, GRACE);
        assert_eq!((entitlement.status, entitlement.until), (SubscriptionStatus::Active, Some(at(MONTH).after(GRACE))));
        assert_eq!(entitlement.grace_until(at(MONTH - 1)), None);
        assert_eq!(entitlement.grace_until(at(MONTH)), entitlement.until);
        assert_eq!(entitlement.grace_until(at(MONTH).after(GRACE)), None);
    }

    #[test]
    fn the_grace_period_starts_at_the_first_failed_attempt() {
        let active = status("evt_1", 0, 0, "active", MONTH);
        let first = failed("evt_2", MONTH, "in_2");
        let past_due = status("evt_3", MONTH + 1, 1, "past_due", 2 * MONTH);
        let again = failed("evt_4", MONTH + 100_000, "in_2");
        let until = Some(at(MONTH).after(GRACE));
        for events in
            [vec![&active, &first], vec![&active, &first, &past_due], vec![&active, &first, &past_due, &again]]
        {
            let entitlement = entitlement(&applied(events), GRACE);
            assert_eq!((entitlement.status, entitlement.until), (SubscriptionStatus::PastDue, until));
        }
        let paid = status("evt_5", MONTH + 200_000, 1, "active", 2 * MONTH);
        let resolved = entitlement(&applied([&active, &first, &past_due, &again, &paid]), GRACE);
        assert_eq!((resolved.status, resolved.until), (SubscriptionStatus::Active, Some(at(2 * MONTH).after(GRACE))));
    }

    #[test]
    fn a_resolved_failure_does_not_shorten_the_next_grace_period() {
        let events = [
            status("evt_1", 0, 0, "active", MONTH),
            failed("evt_2", MONTH, "in_2"),
            status("evt_3", MONTH + 10, 1, "active", 2 * MONTH),
            status("evt_4", 2 * MONTH, 1, "past_due", 3 * MONTH),
        ];
        let entitlement = entitlement(&applied(&events), GRACE);
        assert_eq!(
            (entitlement.status, entitlement.until),
            (SubscriptionStatus::PastDue, Some(at(2 * MONTH).after(GRACE)))
        );
    }

    #[test]
    fn a_user_who_never_paid_has_no_grace_period() {
        let subscription = applied(&[failed("evt_1", 0, "in_1"), status("evt_2", 0, 0, "incomplete", MONTH)]);
        assert_eq!(entitlement(&subscription, GRACE).until, None);
        assert_eq!(entitlement(&applied(&[failed("evt_1", 0, "in_1")]), GRACE).until, None);
    }

    #[test]
    fn a_paid_checkout_overrides_an_incomplete_status() {
        let begun = status("evt_1", 0, 0, "incomplete", MONTH);
        let paid = event("evt_2", 1, Some(1), EventKind::CheckedOut { is_paid: true });
        assert_eq!(entitlement(&applied([&begun, &paid]), GRACE).until, Some(at(1).after(GRACE)));
        let expired = status("evt_3", 2, 1, "incomplete_expired", MONTH);
        assert_eq!(entitlement(&applied([&begun, &paid, &expired]), GRACE).until, None);
    }

    #[test]
    fn of_two_events_in_the_same_second_the_favourable_one_wins() {
        let events = [
            status("evt_1", 0, 1, "active", MONTH),
            status("evt_2", 0, 1, "past_due", MONTH),
            failed("evt_3", 0, "in_1"),
        ];
        let entitlement = entitlement(&applied(&events), GRACE);
        assert_eq!((entitlement.status, entitlement.until), (SubscriptionStatus::Active, Some(at(MONTH).after(GRACE))));
    }

    #[test]
    fn a_paid_checkout_counts_before_any_other_event() {
        let checkout = |is_paid| event("evt_1", 0, Some(1), EventKind::CheckedOut { is_paid });
        assert_eq!(entitlement(&applied(&[checkout(true)]), GRACE).until, Some(at(0).after(GRACE)));
        assert_eq!(entitlement(&applied(&[checkout(false)]), GRACE).until, None);
    }
}
