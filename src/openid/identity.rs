//! Who somebody is at a provider.

use crate::base::email::Email;

/// Somebody's account at a provider: its issuer and subject. The address belongs to it only at this time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalIdentity {
    pub issuer: String,
    pub subject: String,
    pub email: Option<ExternalEmail>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalEmail {
    pub email: Email,
    /// Whether the provider says that it has verified the address.
    pub is_verified: bool,
}
