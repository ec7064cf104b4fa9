//! Payment settings.

use std::time::Duration;

use url::Url;

use super::{
    definitions::{CHECKOUT_URL, STRIPE_WEBHOOK_SECRET, SUBSCRIPTION_GRACE},
    environment::Settings,
    values::WebhookSecret,
};

#[derive(Clone, Debug)]
pub struct BillingConfig {
    /// A payment link.
    pub checkout_url: Option<Url>,
    /// Several during a key rotation.
    pub webhook_secrets: Vec<WebhookSecret>,
    /// How long a subscription continues without an event that renews it.
    pub grace: Duration,
}

impl BillingConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self {
            checkout_url: CHECKOUT_URL.read(settings),
            webhook_secrets: STRIPE_WEBHOOK_SECRET.read(settings).unwrap_or_default(),
            grace: SUBSCRIPTION_GRACE.read(settings),
        }
    }
}
