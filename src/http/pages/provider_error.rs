//! What the pages say if signing in with a provider, or linking an account there, has failed.

use super::Site;

/// The codes that the address of a page may have.
const CODES: [&str; 9] = [
    "login_expired",
    "access_denied",
    "provider_error",
    "provider_unavailable",
    "sign_in_to_link",
    "identity_taken",
    "account_disabled",
    "registration_closed",
    "too_many_requests",
];

/// The sentence for the code in the address. Any other code says nothing: what a page shows must not come from a link.
pub(super) fn provider_error(site: &Site, code: &str) -> Option<String> {
    CODES.contains(&code).then(|| site.texts.get(&format!("provider-{code}")))
}
