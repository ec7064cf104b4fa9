//! Billing: subscriptions, whether bought through Stripe or granted by an admin, and what they entitle to.

pub mod stripe;
pub mod subscribers;
pub mod subscription;
