//! Payment settings.

use std::{fmt, time::Duration};

use url::Url;

use super::{duration::duration, settings::Settings};

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
            checkout_url: settings.find("CHECKOUT_URL", |text| {
                let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
                url.ok_or("must be a URL such as https://buy.stripe.com/…")
            }),
            webhook_secrets: settings.get("STRIPE_WEBHOOK_SECRET", Vec::new(), secrets),
            grace: settings.get("SUBSCRIPTION_GRACE", Duration::from_secs(3 * 24 * 60 * 60), duration),
        }
    }
}

fn secrets(text: &str) -> Result<Vec<WebhookSecret>, &'static str> {
    let secrets: Vec<_> = text.split(',').map(str::trim).map(|secret| WebhookSecret(secret.to_owned())).collect();
    // With an empty key anyone could sign events.
    if secrets.iter().any(|secret| secret.0.is_empty()) {
        return Err("must be a comma-separated list of secrets such as whsec_…");
    }
    Ok(secrets)
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
