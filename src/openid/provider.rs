//! Sending people to a provider, and what it says about them when they come back.

use std::{sync::Arc, time::Duration};

use openidconnect::{
    AccessToken, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SubjectIdentifier, TokenResponse, UserInfoError,
    core::{CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreProviderMetadata, CoreUserInfoClaims},
};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    error::ProviderError,
    fetch::{Fetch, causes},
    id_token::{self, ExternalEmail, ExternalIdentity, Verified, external_email},
    metadata::{MetadataCache, Snapshot},
};
use crate::{base::clock::Clock, config::OidcProvider};

/// Sign-ins that wait for one provider at a time. More are refused: it hangs, and each would hold a connection.
const MAX_WAITING: usize = 64;

const APPLE: &str = "https://appleid.apple.com";

/// With the addresses that discovery has found.
type ProviderClient =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

#[derive(Debug)]
pub struct Provider {
    config: OidcProvider,
    issuer: IssuerUrl,
    client_id: ClientId,
    /// Where the provider sends people back to.
    redirect: String,
    fetch: Fetch,
    cache: MetadataCache,
    waiting: Semaphore,
    clock: Clock,
}

/// What the browser must bring back, and what only this server knows. Secret from anybody else.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the secrets must not be shown")]
pub struct Flow {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
}

/// Where to send a browser.
#[expect(missing_debug_implementations, reason = "the secrets must not be shown")]
pub struct Authorization {
    pub url: String,
    pub flow: Flow,
}

impl Provider {
    pub(super) fn new(config: OidcProvider, issuer: IssuerUrl, fetch: Fetch, origin: &str, clock: Clock) -> Self {
        Self {
            client_id: ClientId::new(config.client_id.clone()),
            redirect: format!("{origin}/login/oidc/{}/callback", config.name),
            issuer,
            fetch,
            cache: MetadataCache::default(),
            waiting: Semaphore::new(MAX_WAITING),
            clock,
            config,
        }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.name
    }

    #[must_use]
    pub fn label(&self) -> &str {
        &self.config.label
    }

    #[must_use]
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// The address that has to be registered with the provider.
    #[must_use]
    pub fn redirect_address(&self) -> &str {
        &self.redirect
    }

    /// Begins to sign somebody in.
    pub async fn authorize(&self) -> Result<Authorization, ProviderError> {
        let snapshot = self.snapshot().await?;
        let client = self.client(&snapshot.metadata)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(challenge);
        // This one is always there.
        for scope in self.config.scopes.iter().filter(|scope| *scope != "openid") {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        if self.posts_the_answer() {
            request = request.add_extra_param("response_mode", "form_post");
        }
        let (url, state, nonce) = request.url();
        let flow = Flow { state: state.into_secret(), nonce: nonce.secret().clone(), verifier: verifier.into_secret() };
        Ok(Authorization { url: url.into(), flow })
    }

    /// Exchanges the code that a browser has brought back, and verifies who it belongs to.
    pub async fn identify(&self, code: String, flow: Flow) -> Result<ExternalIdentity, ProviderError> {
        let _waiting = self.wait()?;
        let snapshot = self.cache.get(&self.issuer, &self.fetch, self.clock.now()).await?;
        let client = self.client(&snapshot.metadata)?;
        let unavailable = |error: &dyn std::error::Error| ProviderError::Unavailable(causes(error));
        let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(|error| unavailable(&error))?;
        let http = |request: HttpRequest| self.fetch.send(request);
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(flow.verifier));
        let response = exchange.request_async(&http).await.map_err(|error| match error {
            RequestTokenError::ServerResponse(refusal) => ProviderError::Rejected(refusal.to_string()),
            RequestTokenError::Request(error) => unavailable(&error),
            // The parser's own text may quote a token.
            _ => ProviderError::Unavailable("its answer is not that of a token endpoint".to_owned()),
        })?;
        let token = response.id_token().ok_or_else(|| ProviderError::Rejected("it sent no id token".to_owned()))?;
        let nonce = Nonce::new(flow.nonce);
        let verify = |snapshot: &Snapshot| {
            let keys = snapshot.metadata.jwks();
            id_token::verify(token, &self.client_id, &self.issuer, keys, &nonce, self.clock.now())
        };
        let verified = match verify(&snapshot) {
            // The provider may have replaced its keys since they were fetched.
            Verified::UnknownKey => verify(&*self.newer_keys(&snapshot).await?),
            verified => verified,
        };
        match verified {
            Verified::Valid(identity) if identity.email.is_none() && self.asks_for("email") => {
                let email = self.published_email(&client, response.access_token(), &identity.subject).await?;
                Ok(ExternalIdentity { email, ..identity })
            }
            Verified::Valid(identity) => Ok(identity),
            Verified::UnknownKey => Err(ProviderError::Rejected("no key of the provider has signed this".to_owned())),
            Verified::Invalid(cause) => Err(ProviderError::Rejected(cause)),
        }
    }

    /// The address that the UserInfo endpoint names. A provider has to return the claims of a scope only there (OpenID
    /// Connect Core 1.0, section 5.4); many add them to the id token.
    async fn published_email(
        &self,
        client: &ProviderClient,
        token: &AccessToken,
        subject: &str,
    ) -> Result<Option<ExternalEmail>, ProviderError> {
        let subject = SubjectIdentifier::new(subject.to_owned());
        // A provider without this endpoint has no more to say.
        let Ok(request) = client.user_info(token.clone(), Some(subject)) else { return Ok(None) };
        let http = |request: HttpRequest| self.fetch.send(request);
        let answer: Result<CoreUserInfoClaims, _> = request.request_async(&http).await;
        let claims = answer.map_err(|error| match error {
            UserInfoError::ClaimsVerification(cause) => ProviderError::Rejected(cause.to_string()),
            UserInfoError::Request(cause) => ProviderError::Unavailable(causes(&cause)),
            // The parser's own text may quote somebody's data.
            _ => ProviderError::Unavailable("its answer is not that of a UserInfo endpoint".to_owned()),
        })?;
        Ok(external_email(claims.email(), claims.email_verified()))
    }

    /// Asks the provider as the first sign-in would. Returns by how much its clock differs from this one, if it says.
    pub async fn check(&self) -> Result<Option<Duration>, ProviderError> {
        self.snapshot().await?;
        let theirs = self.fetch.date(&self.issuer).await;
        let ours = self.clock.now();
        Ok(theirs.map(|theirs| ours.until(theirs).max(theirs.until(ours))))
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>, ProviderError> {
        let _waiting = self.wait()?;
        self.cache.get(&self.issuer, &self.fetch, self.clock.now()).await
    }

    async fn newer_keys(&self, seen: &Arc<Snapshot>) -> Result<Arc<Snapshot>, ProviderError> {
        let newer = self.cache.newer_than(Some(seen), &self.issuer, &self.fetch, self.clock.now()).await;
        newer.map_err(|error| ProviderError::Rejected(format!("no known key has signed this, and {error}")))
    }

    fn wait(&self) -> Result<SemaphorePermit<'_>, ProviderError> {
        let busy = || ProviderError::Unavailable("too many sign-ins are waiting for it".to_owned());
        self.waiting.try_acquire().map_err(|_| busy())
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> Result<ProviderClient, ProviderError> {
        let redirect = RedirectUrl::new(self.redirect.clone());
        let redirect = redirect.map_err(|error| ProviderError::Unavailable(error.to_string()))?;
        let secret = self.config.client_secret.as_ref().map(|secret| ClientSecret::new(secret.reveal().to_owned()));
        let methods = metadata.token_endpoint_auth_methods_supported();
        // This is what a provider takes that does not say otherwise (OpenID Connect Discovery 1.0, section 3).
        let takes_basic = methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let client = CoreClient::from_provider_metadata(metadata.clone(), self.client_id.clone(), secret);
        let client = client.set_redirect_uri(redirect);
        Ok(if takes_basic { client } else { client.set_auth_type(AuthType::RequestBody) })
    }

    /// Apple sends an address only in a form that the browser posts.
    fn posts_the_answer(&self) -> bool {
        self.issuer() == APPLE && (self.asks_for("email") || self.asks_for("name"))
    }

    fn asks_for(&self, scope: &str) -> bool {
        self.config.scopes.iter().any(|asked| asked == scope)
    }
}
