//! OpenID Connect as a relying party: the authorization code flow with PKCE, state and nonce. Nothing here knows accounts.
//!
//! What a provider sends is not trusted beyond what it signs: requests go through `fetch`, which bounds them, and an id token
//! counts only if `id_token` has verified it.

mod error;
mod fetch;
mod id_token;
mod metadata;
mod provider;
mod providers;
mod secret;

pub use self::{
    error::{ProviderError, TlsError},
    id_token::{ExternalEmail, ExternalIdentity},
    provider::{Authorization, Flow, Provider},
    providers::Providers,
    secret::secret_expiry,
};
