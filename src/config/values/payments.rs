//! Values of the payment settings.

use std::fmt;

use rand::distr::{Alphanumeric, SampleString};
use url::Url;

/// 190 random bits.
const RANDOM_LENGTH: usize = 32;

/// The key that signs Stripe's events. Its `Debug` output does not contain the key.
#[derive(Clone)]
pub struct WebhookSecret(String);

pub(in crate::config) fn web_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

pub(in crate::config) fn webhook_secrets(text: &str) -> Option<Vec<WebhookSecret>> {
    let secrets: Vec<_> = text.split(',').map(str::trim).map(|secret| WebhookSecret(secret.to_owned())).collect();
    // With an empty key anyone could sign events.
    (!secrets.iter().any(|secret| secret.0.is_empty())).then_some(secrets)
}

impl WebhookSecret {
    /// A secret that nobody else knows.
    #[must_use]
    pub fn random() -> Self {
        Self(Alphanumeric.sample_string(&mut rand::rng(), RANDOM_LENGTH))
    }

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
