//! Links to the checkout page.

use crate::{config::BillingConfig, sessions::Principal};

/// Returns the payment link for a user. Stripe returns `client_reference_id` in its event when the user has paid.
/// <https://docs.stripe.com/payment-links/url-parameters>
pub(super) fn link(config: &BillingConfig, user: &Principal) -> Option<String> {
    let mut url = config.checkout_url.clone()?;
    let mut query = url.query_pairs_mut();
    query.append_pair("client_reference_id", &user.user_id.to_string());
    if let Some(email) = &user.email {
        query.append_pair("prefilled_email", email);
    }
    drop(query);
    Some(url.into())
}
