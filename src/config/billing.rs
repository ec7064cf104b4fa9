//! Payment settings.

use std::time::Duration;

use url::Url;

use super::{
    definitions::{
        BILLING_PORTAL_URL, CHECKOUT_URL, DEMO_CHECKOUT, STRIPE_WEBHOOK_SECRET, SUBSCRIPTION_GRACE,
        demo_forbidden_reason,
    },
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
    /// Where subscribers manage their subscriptions.
    pub portal_url: Option<Url>,
    /// Whether a page of the server stands in for Stripe's.
    pub demo_checkout: bool,
}

impl BillingConfig {
    pub(super) fn read(settings: &mut Settings, server: &ServerConfig) -> Self {
        let webhook_secrets = STRIPE_WEBHOOK_SECRET.read(settings).unwrap_or_default();
        if let Some(because) = server.insecure_settings_reason()
            && webhook_secrets.iter().any(|secret| secret.as_bytes().len() < MIN_PUBLIC_SECRET)
        {
            let text = format!("must list secrets of at least {MIN_PUBLIC_SECRET} characters {because}");
            settings.error(STRIPE_WEBHOOK_SECRET.name, text);
        }
        let demo_checkout = DEMO_CHECKOUT.read(settings);
        if let Some(because) = demo_forbidden_reason(settings).filter(|_| demo_checkout) {
            settings.error(DEMO_CHECKOUT.name, format!("must be false because {because}"));
        }
        Self {
            checkout_url: CHECKOUT_URL.read(settings),
            webhook_secrets,
            grace: SUBSCRIPTION_GRACE.read(settings),
            portal_url: BILLING_PORTAL_URL.read(settings),
            demo_checkout,
        }
    }
}
