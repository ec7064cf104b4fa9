//! Payment settings.

use std::time::Duration;

use url::Url;

use super::{
    definitions::{CHECKOUT_URL, STRIPE_WEBHOOK_SECRET, SUBSCRIPTION_GRACE},
    environment::Settings,
    server::ServerConfig,
    values::WebhookSecret,
};

/// Whoever guesses a secret can grant subscriptions. Stripe's have 38 characters or more.
const MIN_PUBLIC_SECRET: usize = 16;

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
    pub(super) fn read(settings: &mut Settings, server: &ServerConfig) -> Self {
        let webhook_secrets = STRIPE_WEBHOOK_SECRET.read(settings).unwrap_or_default();
        if let Some(because) = server.insecure_because()
            && webhook_secrets.iter().any(|secret| secret.as_bytes().len() < MIN_PUBLIC_SECRET)
        {
            let text = format!("must list secrets of at least {MIN_PUBLIC_SECRET} characters {because}");
            settings.error(STRIPE_WEBHOOK_SECRET.name, text);
        }
        Self { checkout_url: CHECKOUT_URL.read(settings), webhook_secrets, grace: SUBSCRIPTION_GRACE.read(settings) }
    }
}
