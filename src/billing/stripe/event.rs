//! What an event says, as far as it is relevant here.

use crate::base::clock::Timestamp;

/// A Stripe event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripeEvent {
    /// Unique.
    pub id: String,
    /// When the event was created.
    pub created: Timestamp,
    /// What happened; `None` if the event is not relevant here.
    pub payload: Option<EventPayload>,
    /// What was paid for by a completed checkout, of whatever kind.
    pub payment: Option<Payment>,
}

/// A completed checkout, as the operator needs to find whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The Stripe id of the checkout, or of the event if that is missing.
    pub id: String,
    /// The payer's address.
    pub email: Option<String>,
    /// In the smallest unit of the currency.
    pub amount: Option<i64>,
    /// The ISO code in lowercase.
    pub currency: Option<String>,
}

/// A relevant event of a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPayload {
    /// The Stripe id of the subscription.
    pub subscription: String,
    /// The Stripe id of the customer.
    pub customer: Option<String>,
    /// The id of our user, if the event names one.
    pub user_id: Option<i64>,
    pub kind: EventKind,
}

/// The kinds of relevant events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A checkout was completed.
    CheckedOut {
        /// Whether it is paid, or no payment is required.
        is_paid: bool,
    },
    /// The subscription has a new status.
    Status {
        /// Stripe's name of the status.
        status: String,
        /// Until when the subscription is paid.
        current_period_end: Option<Timestamp>,
        /// Orders the events of the same second: created, updated, deleted.
        rank: u8,
    },
    /// The payment of an invoice failed.
    PaymentFailed {
        /// A key that orders invoices by creation time.
        invoice: String,
    },
}
