//! Links to Stripe's pages, or to the page that stands in for them.

use actix_web::HttpRequest;
use url::Url;

use super::{
    context::RequestContext,
    demo_checkout::{self, ReturnTo},
    error::CheckoutLink,
    state::AppState,
};
use crate::{
    config::{BillingConfig, PaymentLink},
    credentials::api_tokens::Scope,
    users::identity::Identity,
};

/// Returns where a user pays, in the order of the settings. Stripe returns `client_reference_id` in its event when the
/// user has paid. <https://docs.stripe.com/payment-links/url-parameters>
///
/// The demo checkout leads back to the page that sent the request; where Stripe's leads back is configured there.
pub(super) fn links(state: &AppState, request: &HttpRequest, user: &Identity) -> Vec<CheckoutLink> {
    links_returning_to(state, request, user, || ReturnTo::referrer(request, &state.config.server))
}

/// Like [`links`], for the server's own pages.
pub(super) fn links_returning_to(
    state: &AppState,
    request: &HttpRequest,
    user: &Identity,
    return_to: impl FnOnce() -> ReturnTo,
) -> Vec<CheckoutLink> {
    let billing = &state.config.billing;
    if billing.demo_checkout {
        let url = demo_checkout::link(request, &state.config.server, &return_to());
        return url.map(|url| CheckoutLink { label: None, url }).into_iter().collect();
    }
    // The meter and rejected reads are for tokens that must not see the account.
    let shows_account = RequestContext::of(request)
        .is_none_or(|context| context.credential().is_none_or(|credential| credential.allows(Scope::Account)));
    let link = |PaymentLink { label, url }: &PaymentLink| {
        let mut url = url.clone();
        url.query_pairs_mut().append_pair("client_reference_id", &user.user_id.to_string());
        let url = if shows_account { with_email(url, user) } else { url };
        CheckoutLink { label: label.clone(), url: url.into() }
    };
    billing.payment_links.iter().map(link).collect()
}

/// The first link, for clients that show one.
pub(super) fn first_url(links: &[CheckoutLink]) -> Option<String> {
    links.first().map(|link| link.url.clone())
}

/// Whether subscriptions can be bought.
pub(super) fn is_offered(BillingConfig { payment_links, demo_checkout, .. }: &BillingConfig) -> bool {
    *demo_checkout || !payment_links.is_empty()
}

/// Returns where a subscriber manages the subscription.
/// <https://docs.stripe.com/customer-management/activate-no-code-customer-portal>
pub(super) fn portal_link(config: &BillingConfig, user: &Identity) -> Option<String> {
    config.portal_url.clone().map(|url| with_email(url, user).into())
}

fn with_email(mut url: Url, user: &Identity) -> Url {
    if let Some(email) = &user.email {
        url.query_pairs_mut().append_pair("prefilled_email", email);
    }
    url
}
