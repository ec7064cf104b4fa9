//! Billing: subscriptions, either bought through Stripe or granted by an admin, and what they entitle users to.

pub mod stripe;
pub mod subscribers;
pub mod subscription;
