//! The providers of this server.

use std::sync::Arc;

use openidconnect::IssuerUrl;

use super::{
    error::TlsError,
    fetch::{self, Fetch},
    provider::Provider,
};
use crate::{
    base::clock::Clock,
    config::{OidcProvider, ServerConfig},
};

/// The providers in the order of their buttons. Clones share what was fetched.
#[derive(Clone, Debug, Default)]
pub struct Providers(Arc<[Provider]>);

impl Providers {
    /// # Errors
    /// The system's certificates cannot be used.
    pub fn new(configs: &[OidcProvider], server: &ServerConfig, clock: &Clock) -> Result<Self, TlsError> {
        if configs.is_empty() {
            return Ok(Self::default());
        }
        let tls = fetch::tls()?;
        let new = |config: &OidcProvider| {
            let issuer = IssuerUrl::new(config.issuer.clone()).map_err(|error| TlsError(error.to_string()))?;
            let fetch = Fetch::new(&issuer, &tls);
            Ok(Provider::new(config.clone(), issuer, fetch, &server.origin(), clock.clone()))
        };
        Ok(Self(configs.iter().map(new).collect::<Result<_, TlsError>>()?))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }

    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Provider> {
        self.iter().find(|provider| provider.name() == name)
    }

    /// The provider with this issuer, if it is still configured.
    #[must_use]
    pub fn find_by_issuer(&self, issuer: &str) -> Option<&Provider> {
        self.iter().find(|provider| provider.issuer() == issuer)
    }
}
