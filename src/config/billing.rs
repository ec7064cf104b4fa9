//! Payment settings.

use std::{fmt, time::Duration};

use url::Url;

use super::{
    definitions::{CHECKOUT_URL, STRIPE_WEBHOOK_SECRET, SUBSCRIPTION_GRACE},
    environment::Settings,
};

/// The key that signs Stripe's events. Its `Debug` output does not contain the key.
#[derive(Clone)]
pub struct WebhookSecret(String);

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

pub(super) fn checkout_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

pub(super) fn webhook_secrets(text: &str) -> Option<Vec<WebhookSecret>> {
    let secrets: Vec<_> = text.split(',').map(str::trim).map(|secret| WebhookSecret(secret.to_owned())).collect();
    // With an empty key anyone could sign events.
    (!secrets.iter().any(|secret| secret.0.is_empty())).then_some(secrets)
}

impl WebhookSecret {
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}
