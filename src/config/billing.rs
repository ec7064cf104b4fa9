//! Payment settings.

use std::{fmt, time::Duration};

use rand::distr::{Alphanumeric, SampleString};
use url::Url;

use super::{
    cookie::COOKIE_SECURE,
    duration::{DAY, Span},
    environment::Settings,
    server::{HOST, PUBLIC_URL, ServerConfig, TRUSTED_PROXIES},
    setting::{
        Choice,
        DefaultValue::{Computed, Fixed},
        Definition, Form, Optional, Secret, Setting,
    },
    values::{exposed_by, is_loopback, site_text, web_url},
};

/// Whoever guesses a secret can grant subscriptions. Stripe's have 38 characters or more.
const MIN_PUBLIC_SECRET: usize = 16;

/// A link to where a subscription is bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentLink {
    /// What is bought, with its price; `None` if the operator gave none.
    pub label: Option<String>,
    pub url: Url,
}

#[derive(Clone, Debug)]
pub struct BillingConfig {
    /// In the order in which they are offered.
    pub payment_links: Vec<PaymentLink>,
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
        let unlabelled = CHECKOUT_URL.read(settings).map(|url| PaymentLink { label: None, url });
        Self {
            payment_links: unlabelled.into_iter().chain(CHECKOUT_LINKS.read(settings).unwrap_or_default()).collect(),
            webhook_secrets,
            grace: SUBSCRIPTION_GRACE.read(settings),
            portal_url: BILLING_PORTAL_URL.read(settings),
            demo_checkout,
        }
    }
}

pub(super) const ALL: &[&dyn Definition] =
    &[&CHECKOUT_URL, &CHECKOUT_LINKS, &STRIPE_WEBHOOK_SECRET, &SUBSCRIPTION_GRACE, &BILLING_PORTAL_URL, &DEMO_CHECKOUT];

pub(crate) const CHECKOUT_URL: Optional<Url> = Optional {
    name: "CHECKOUT_URL",
    about: "A Stripe payment link for a recurring price. It is offered to users who have used up their free reads.",
    values: &Form { description: "a URL such as https://buy.stripe.com/…", parse: web_url },
    unset: "none",
};

pub(crate) const CHECKOUT_LINKS: Optional<Vec<PaymentLink>> = Optional {
    name: "CHECKOUT_LINKS",
    about: "Stripe payment links for several prices, each with its label, such as \
            `Monthly, 5 €=https://buy.stripe.com/a; Yearly, 50 €=https://buy.stripe.com/b`. Each is a button on the pages. \
            `CHECKOUT_URL`, which has no label, comes first.",
    values: &Form {
        description: "a list such as Monthly, 5 €=https://buy.stripe.com/a; Yearly, 50 €=https://buy.stripe.com/b",
        parse: payment_links,
    },
    unset: "none",
};

pub(crate) const STRIPE_WEBHOOK_SECRET: Optional<Vec<WebhookSecret>> = Optional {
    name: "STRIPE_WEBHOOK_SECRET",
    about: "The signing secret of the webhook `https://<host>/webhooks/stripe`. Set it together with `CHECKOUT_URL`; without \
            it, payments go unnoticed. To replace a secret, list the new and the old one for a while. Secrets of fewer than \
            16 characters are rejected if others may reach the server.",
    values: &Secret(Form {
        description: "a comma-separated list of secrets such as whsec_…", parse: webhook_secrets
    }),
    unset: "none; there is no webhook",
};

pub(crate) const SUBSCRIPTION_GRACE: Setting<Duration> = Setting {
    name: "SUBSCRIPTION_GRACE",
    about: "How long a subscription continues after its period if Stripe sends nothing, and after a failed payment. Lengthen \
            it if payments are often settled late. A change applies to a subscriber from the next event on.",
    values: &Span::Positive,
    default: Fixed(|| 3 * DAY),
};

pub(crate) const BILLING_PORTAL_URL: Optional<Url> = Optional {
    name: "BILLING_PORTAL_URL",
    about: "The login link of Stripe's customer portal, where subscribers change their card or cancel. It is offered to users \
            with a subscription.",
    values: &Form { description: "a URL such as https://billing.stripe.com/p/login/…", parse: web_url },
    unset: "none",
};

pub(crate) const DEMO_CHECKOUT: Setting<bool> = Setting {
    name: "DEMO_CHECKOUT",
    about: "Whether a demo page, where nothing is paid, replaces Stripe's payment page. It must be `false` if \
            `CHECKOUT_URL` is set or other machines may be able to reach the server. Never set it to `true` behind a proxy: one \
            that sends HTTP/1.1 and none of the usual headers cannot be told from a browser on this machine.",
    values: &Choice::TRUE_OR_FALSE,
    default: Computed(
        "`true` in a debug build, such as of `cargo run`, if none of `CHECKOUT_URL`, `CHECKOUT_LINKS` and `STRIPE_WEBHOOK_SECRET` is set, \
         `HOST` is loopback, and no setting suggests that other machines can reach the server (`TRUSTED_PROXIES`, `COOKIE_SECURE`, `PUBLIC_URL`); otherwise `false`",
        // A release build may stand behind a proxy that no setting and no header tells of. Whoever receives real events
        // sells subscriptions, and may create each checkout by Stripe's API, without a link.
        |settings| {
            cfg!(debug_assertions)
                && demo_forbidden_reason(settings).is_none()
                && settings.get(STRIPE_WEBHOOK_SECRET.name).is_none()
        },
    ),
};

/// Why there must be no demo checkout, if there must not. Whoever can reach it gets a subscription without paying.
pub(in crate::config) fn demo_forbidden_reason(settings: &Settings) -> Option<String> {
    if let Some(name) = [CHECKOUT_URL.name, CHECKOUT_LINKS.name].into_iter().find(|name| settings.get(name).is_some()) {
        return Some(format!("{name} is set"));
    }
    let public_origin = PUBLIC_URL.peek(settings);
    let has_proxies = settings.get(TRUSTED_PROXIES.name).is_some();
    let reason = exposed_by(is_loopback(&HOST.peek(settings)), has_proxies, public_origin.as_deref());
    // A proxy with TLS is the reason to set it.
    let reason = reason.or_else(|| COOKIE_SECURE.peek(settings).then_some("COOKIE_SECURE is true"))?;
    Some(format!("{reason}, so that others may reach the server"))
}

/// 190 random bits.
const RANDOM_LENGTH: usize = 32;

/// The key that signs Stripe's events. Its `Debug` output does not contain the key.
#[derive(Clone)]
pub struct WebhookSecret(String);

fn payment_links(text: &str) -> Option<Vec<PaymentLink>> {
    let link = |part: &str| {
        let (label, url) = part.split_once('=')?;
        Some(PaymentLink { label: Some(site_text(label)?), url: web_url(url.trim())? })
    };
    text.split(';').map(link).collect()
}

fn webhook_secrets(text: &str) -> Option<Vec<WebhookSecret>> {
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
