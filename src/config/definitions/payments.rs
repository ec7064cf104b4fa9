//! Payments with Stripe.

use std::time::Duration;

use url::Url;

use crate::config::{
    duration::{DAY, Span},
    setting::{DefaultValue::Fixed, Definition, Form, Optional, Secret, Setting},
    values::{WebhookSecret, checkout_url, webhook_secrets},
};

pub(super) const ALL: &[&dyn Definition] = &[&CHECKOUT_URL, &STRIPE_WEBHOOK_SECRET, &SUBSCRIPTION_GRACE];

pub(crate) const CHECKOUT_URL: Optional<Url> = Optional {
    name: "CHECKOUT_URL",
    about: "A Stripe payment link for a recurring price. It is offered to users who have used up their free reads.",
    values: &Form { description: "a URL such as https://buy.stripe.com/…", parse: checkout_url },
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
