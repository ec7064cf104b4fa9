//! Payment settings.

use std::time::Duration;

use url::Url;

use super::{
    definitions::{
        BILLING_PORTAL_URL, CHECKOUT_URL, COOKIE_SECURE, DEMO_CHECKOUT, HOST, PUBLIC_URL, STRIPE_WEBHOOK_SECRET,
        SUBSCRIPTION_GRACE, TRUSTED_PROXIES,
    },
    environment::Settings,
    exposure::exposed_by,
    server::ServerConfig,
    values::{WebhookSecret, is_loopback},
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

/// Why there must be no demo checkout, if there must not. Whoever can reach it gets a subscription without paying.
pub(super) fn demo_forbidden_reason(settings: &Settings) -> Option<String> {
    if settings.get(CHECKOUT_URL.name).is_some() {
        return Some("CHECKOUT_URL is set".to_owned());
    }
    let public_origin = PUBLIC_URL.peek(settings);
    let has_proxies = settings.get(TRUSTED_PROXIES.name).is_some();
    let reason = exposed_by(is_loopback(&HOST.peek(settings)), has_proxies, public_origin.as_deref());
    // A proxy with TLS is the reason to set it.
    let reason = reason.or_else(|| COOKIE_SECURE.peek(settings).then_some("COOKIE_SECURE is true"))?;
    Some(format!("{reason}, so that others may reach the server"))
}
