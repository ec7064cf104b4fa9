//! What the pages say about a user's subscription.

use crate::{
    base::clock::Timestamp,
    billing::subscription::{Entitlement, SubscriptionStatus},
    users::identity::Identity,
};

pub(super) enum Subscription {
    None,
    /// Until when it is paid, if known.
    Active(Option<Timestamp>),
    /// A payment failed, and access ends at this time unless a later one succeeds.
    PaymentFailed(Timestamp),
}

impl Subscription {
    pub(super) fn new(user: &Identity, entitlement: Option<Entitlement>, now: Timestamp) -> Self {
        let failed = entitlement.filter(|entitlement| entitlement.status == SubscriptionStatus::PastDue);
        match failed.and_then(|entitlement| entitlement.grace_until(now)) {
            Some(until) => Self::PaymentFailed(until),
            None if user.is_subscribed(now) => {
                Self::Active(entitlement.and_then(|entitlement| entitlement.current_period_end))
            }
            None => Self::None,
        }
    }
}
