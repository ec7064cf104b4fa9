//! What a subscription is worth, from what is known of it.
//!
//! Events come out of order, twice, late or never. So a subscription is no state that events move on: it is a few facts,
//! of each kind the latest, and its standing follows from those. Learning a fact twice, or two in another order, comes to
//! the same.

use std::time::Duration;

use super::stripe::{Event, EventPayload, Kind};
use crate::{clock::Timestamp, models::subscriptions::Subscription};

/// What an admin gives by hand; none of Stripe's states.
pub(super) const GRANTED: &str = "granted";

/// How a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionStatus {
    /// It is paid, or was given.
    Active,
    /// A payment failed.
    PastDue,
    /// It is over, or never was.
    Ended,
}

/// A standing, and what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// How it stands.
    pub status: SubscriptionStatus,
    /// Until when it is paid, where that is known.
    pub current_period_end: Option<Timestamp>,
    /// Until when reads are not metered if nothing more is heard.
    pub until: Option<Timestamp>,
    /// Whether an admin gave it, rather than that it was paid for.
    pub is_granted: bool,
}

impl Entitlement {
    /// That of no subscription, or of one that is over.
    #[must_use]
    pub fn none(current_period_end: Option<Timestamp>) -> Self {
        Self { status: SubscriptionStatus::Ended, current_period_end, until: None, is_granted: false }
    }

    /// How it stands now, as the API has it.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> &'static str {
        let lasts = self.until.is_some_and(|until| now < until);
        match self.status {
            SubscriptionStatus::Active if lasts => "active",
            SubscriptionStatus::PastDue if lasts => "past_due",
            SubscriptionStatus::Active | SubscriptionStatus::PastDue | SubscriptionStatus::Ended => "ended",
        }
    }

    /// Until when reading goes on although nothing is paid, where that is so now.
    #[must_use]
    pub fn grace_until(&self, now: Timestamp) -> Option<Timestamp> {
        let is_paid = self.status == SubscriptionStatus::Active && self.current_period_end.is_none_or(|end| now < end);
        self.until.filter(|until| !is_paid && now < *until)
    }
}

/// Adds to what is known of a subscription what an event says of it.
pub(super) fn apply(known: &mut Subscription, event: &Event, payload: &EventPayload) {
    apply_owner(known, event, payload);
    match &payload.kind {
        Kind::CheckedOut { is_paid: false } => {}
        Kind::CheckedOut { is_paid: true } => {
            known.checked_out_at = known.checked_out_at.max(Some(event.created));
            mark_started(known, event.created);
        }
        Kind::Status { status, current_period_end, rank } => {
            apply_status(known, event, status, *current_period_end, *rank);
        }
        Kind::PaymentFailed { invoice } => apply_failure(known, event.created, invoice),
    }
}

fn apply_owner(known: &mut Subscription, event: &Event, payload: &EventPayload) {
    // It never changes; if it did, the same one would have to win in any order.
    known.customer = known.customer.take().max(payload.customer.clone());
    if let Some(user_id) = payload.user_id {
        let user_event = Some(user_event(event, payload));
        if user_event > known.user_event {
            (known.user_id, known.user_event) = (Some(user_id), user_event);
        }
    }
}

fn apply_status(known: &mut Subscription, event: &Event, status: &str, end: Option<Timestamp>, rank: u8) {
    // Of two in one second nobody knows which came last: who paid does not lose by it.
    let is_good = is_good(status);
    let status_event = Some(format!("{:015}-{rank}-{}-{}", event.created.millis(), u8::from(is_good), event.id));
    if status_event > known.status_event {
        known.status = Some(status.to_owned());
        known.status_at = Some(event.created);
        known.current_period_end = end;
        known.status_event = status_event;
    }
    if is_good {
        known.last_good_at = known.last_good_at.max(Some(event.created));
    }
    // Stripe calls `past_due` only what was good before; a first payment that fails is `incomplete`.
    if is_good || status == "past_due" {
        mark_started(known, event.created);
    }
}

fn apply_failure(known: &mut Subscription, at: Timestamp, invoice: &String) {
    if known.failed_invoice.as_ref() < Some(invoice) {
        known.failed_invoice = Some(invoice.clone());
        known.failed_at = Some(at);
    } else if known.failed_invoice.as_ref() == Some(invoice) {
        // The grace is counted from the first try, not from each.
        known.failed_at = known.failed_at.min(Some(at));
    }
}

/// Sorts what events say of whose a subscription is: a checkout goes before metadata, a later one before an earlier.
pub(super) fn user_event(event: &Event, payload: &EventPayload) -> String {
    let rank = u8::from(matches!(payload.kind, Kind::CheckedOut { .. }));
    format!("{rank}-{:015}-{}", event.created.millis(), event.id)
}

fn mark_started(known: &mut Subscription, at: Timestamp) {
    known.started_at = Some(known.started_at.map_or(at, |known| known.min(at)));
}

fn is_good(status: &str) -> bool {
    matches!(status, "active" | "trialing")
}

/// Whether it was ever paid for or given.
pub(super) fn has_started(known: &Subscription) -> bool {
    known.started_at.is_some() || known.status.as_deref() == Some(GRANTED)
}

/// What a subscription is worth.
#[must_use]
pub fn entitlement(known: &Subscription, grace: Duration) -> Entitlement {
    let (end, is_granted) = (known.current_period_end, known.status.as_deref() == Some(GRANTED));
    let last_heard = known.status_at.max(known.failed_at).max(known.checked_out_at);
    if known.ended_at.is_some() && last_heard <= known.ended_at {
        return Entitlement { is_granted, ..Entitlement::none(end) };
    }
    let after = |at: Option<Timestamp>| at.map(|at| at.after(grace));
    // Who never paid has no grace, and one that is mended does not shorten the next.
    let failed_at = known.failed_at.filter(|_| known.started_at.is_some() && known.failed_at > known.last_good_at);
    let (status, until) = match known.status.as_deref() {
        Some(GRANTED) => (SubscriptionStatus::Active, Some(end.unwrap_or(Timestamp::from_millis(i64::MAX)))),
        Some("past_due") => (SubscriptionStatus::PastDue, after(failed_at.or(known.status_at))),
        // Paid a moment ago; what Stripe says of the subscription is on its way, or came from before.
        None | Some("incomplete") if failed_at.is_none() && known.checked_out_at.is_some() => {
            (SubscriptionStatus::Active, after(known.checked_out_at))
        }
        Some(status) if is_good(status) && failed_at.is_none() => {
            (SubscriptionStatus::Active, after(end.or(known.status_at)))
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

    fn event(id: &str, created: i64, user_id: Option<i64>, kind: Kind) -> Event {
        let payload = EventPayload { subscription: "sub".to_owned(), customer: Some("cus".to_owned()), user_id, kind };
        Event { id: id.to_owned(), created: at(created), payload: Some(payload) }
    }

    fn status(id: &str, created: i64, rank: u8, status: &str, end: i64) -> Event {
        let kind = Kind::Status { status: status.to_owned(), current_period_end: Some(at(end)), rank };
        event(id, created, None, kind)
    }

    fn failed(id: &str, created: i64, invoice: &str) -> Event {
        event(id, created, None, Kind::PaymentFailed { invoice: invoice.to_owned() })
    }

    fn applied<'e>(events: impl IntoIterator<Item = &'e Event>) -> Subscription {
        let mut known = Subscription::default();
        for event in events {
            apply(&mut known, event, event.payload.as_ref().expect("it matters"));
        }
        known
    }

    fn any_event() -> impl Strategy<Value = Event> {
        let statuses = ["active", "trialing", "past_due", "unpaid", "incomplete", "paused", "unheard_of"];
        let state = (0_u8..3, proptest::sample::select(statuses.to_vec()), proptest::option::of(0_i64..200)).prop_map(
            |(rank, status, end)| Kind::Status {
                status: if rank == 2 { "canceled" } else { status }.to_owned(),
                current_period_end: end.map(at),
                rank,
            },
        );
        let kind = prop_oneof![
            state,
            any::<bool>().prop_map(|is_paid| Kind::CheckedOut { is_paid }),
            (0_u8..4).prop_map(|number| Kind::PaymentFailed { invoice: format!("in_{number}") }),
        ];
        ("[a-d]{3}", 0_i64..20, proptest::option::of(1_i64..4), kind)
            .prop_map(|(id, created, user_id, kind)| event(&format!("evt_{id}"), created, user_id, kind))
    }

    /// Events of which no two have one id, as Stripe's have not.
    fn some_events() -> impl Strategy<Value = Vec<Event>> {
        proptest::collection::vec(any_event(), 0..12).prop_map(|mut events| {
            events.sort_by(|one, other| one.id.cmp(&other.id));
            events.dedup_by(|one, other| one.id == other.id);
            events
        })
    }

    proptest! {
        #[test]
        fn in_any_order_and_twice_events_come_to_the_same(
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
        fn what_is_older_than_the_last_word_changes_nothing_of_the_state(events in some_events(), older in any_event()) {
            let last = status("evt_last", 100, 1, "active", 500);
            let before = applied(events.iter().chain([&last]));
            let mut after = before.clone();
            apply(&mut after, &older, older.payload.as_ref().expect("it matters"));
            prop_assert_eq!(entitlement(&before, GRACE), entitlement(&after, GRACE));
        }

        #[test]
        fn a_deleted_subscription_is_worth_nothing(events in some_events()) {
            let deleted = status("evt_last", 100, 2, "canceled", 500);
            let known = applied(events.iter().chain([&deleted]));
            prop_assert_eq!(entitlement(&known, GRACE), Entitlement::none(Some(at(500))));
        }

        #[test]
        fn nobody_reads_for_longer_than_was_paid_or_heard_of_and_the_grace(events in some_events()) {
            let known = applied(&events);
            let ends = events.iter().flat_map(|event| match &event.payload.as_ref().expect("it matters").kind {
                Kind::Status { current_period_end, .. } => [*current_period_end, Some(event.created)],
                _ => [None, Some(event.created)],
            });
            let last = ends.max().flatten().map(|end| end.after(GRACE));
            prop_assert!(entitlement(&known, GRACE).until <= last);
        }
    }

    #[test]
    fn a_subscription_lasts_for_what_is_paid_and_the_grace() {
        let known = applied(&[status("evt_1", 0, 0, "active", MONTH)]);
        let entitlement = entitlement(&known, GRACE);
        assert_eq!((entitlement.status, entitlement.until), (SubscriptionStatus::Active, Some(at(MONTH).after(GRACE))));
        assert_eq!(entitlement.grace_until(at(MONTH - 1)), None);
        assert_eq!(entitlement.grace_until(at(MONTH)), entitlement.until);
        assert_eq!(entitlement.grace_until(at(MONTH).after(GRACE)), None);
    }

    #[test]
    fn a_failed_payment_leaves_the_grace_from_its_first_try() {
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
        let mended = entitlement(&applied([&active, &first, &past_due, &again, &paid]), GRACE);
        assert_eq!((mended.status, mended.until), (SubscriptionStatus::Active, Some(at(2 * MONTH).after(GRACE))));
    }

    #[test]
    fn a_failure_that_was_mended_does_not_shorten_the_next_grace() {
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
    fn who_never_paid_has_no_grace() {
        let known = applied(&[failed("evt_1", 0, "in_1"), status("evt_2", 0, 0, "incomplete", MONTH)]);
        assert_eq!(entitlement(&known, GRACE).until, None);
        assert_eq!(entitlement(&applied(&[failed("evt_1", 0, "in_1")]), GRACE).until, None);
    }

    #[test]
    fn a_paid_checkout_counts_where_only_its_beginning_was_heard_of() {
        let begun = status("evt_1", 0, 0, "incomplete", MONTH);
        let paid = event("evt_2", 1, Some(1), Kind::CheckedOut { is_paid: true });
        assert_eq!(entitlement(&applied([&begun, &paid]), GRACE).until, Some(at(1).after(GRACE)));
        let expired = status("evt_3", 2, 1, "incomplete_expired", MONTH);
        assert_eq!(entitlement(&applied([&begun, &paid, &expired]), GRACE).until, None);
    }

    #[test]
    fn of_two_words_in_one_second_the_good_one_counts() {
        let events = [
            status("evt_1", 0, 1, "active", MONTH),
            status("evt_2", 0, 1, "past_due", MONTH),
            failed("evt_3", 0, "in_1"),
        ];
        let entitlement = entitlement(&applied(&events), GRACE);
        assert_eq!((entitlement.status, entitlement.until), (SubscriptionStatus::Active, Some(at(MONTH).after(GRACE))));
    }

    #[test]
    fn a_paid_checkout_counts_before_anything_else_is_heard() {
        let checkout = |is_paid| event("evt_1", 0, Some(1), Kind::CheckedOut { is_paid });
        assert_eq!(entitlement(&applied(&[checkout(true)]), GRACE).until, Some(at(0).after(GRACE)));
        assert_eq!(entitlement(&applied(&[checkout(false)]), GRACE).until, None);
    }
}
