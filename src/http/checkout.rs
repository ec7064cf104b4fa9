//! Links to Stripe's pages, or to the page that stands in for them.

use actix_web::HttpRequest;
use url::Url;

use super::{
    demo_checkout::{self, ReturnTo},
    session::RequestSession,
    state::AppState,
};
use crate::{config::BillingConfig, credentials::api_tokens::Scope, users::identity::Identity};

/// Returns where a user pays. Stripe returns `client_reference_id` in its event when the user has paid.
/// <https://docs.stripe.com/payment-links/url-parameters>
///
/// The demo checkout leads back to the page that sent the request; where Stripe's leads back is configured there.
pub(super) fn link(state: &AppState, request: &HttpRequest, user: &Identity) -> Option<String> {
    link_returning_to(state, request, user, || ReturnTo::referrer(request, &state.config.server))
}

/// Like [`link`], for the server's own pages.
pub(super) fn link_returning_to(
    state: &AppState,
    request: &HttpRequest,
    user: &Identity,
    return_to: impl FnOnce() -> ReturnTo,
) -> Option<String> {
    let billing = &state.config.billing;
    if billing.demo_checkout {
        return demo_checkout::link(request, &state.config.server, &return_to());
    }
    let mut url = billing.checkout_url.clone()?;
    url.query_pairs_mut().append_pair("client_reference_id", &user.user_id.to_string());
    // The meter and refused posts are for tokens that must not see the account.
    let shows_account = RequestSession::of(request)
        .is_none_or(|session| session.credential().is_none_or(|credential| credential.allows(Scope::Account)));
    Some(if shows_account { with_email(url, user) } else { url }.into())
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
