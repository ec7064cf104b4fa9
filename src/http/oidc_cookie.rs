//! The cookie of a sign-in with a provider. Browsers get it encrypted: it has what only this server may know until the
//! provider sends the browser back, and then the identity that waits for the owner of its address to sign in.

use std::time::Duration;

use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};

use super::{
    session::{add_cookie, sealed_value},
    state::AppState,
};
use crate::{
    base::{clock::Timestamp, email::Email},
    openid::{ExternalEmail, ExternalIdentity, Flow},
};

const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// A browser that was sent to a provider.
#[derive(Serialize, Deserialize)]
pub(super) struct Departure {
    pub(super) provider: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    /// Where the browser goes afterwards. Checked again then, because the settings may have changed.
    pub(super) next: String,
    pub(super) stay_signed_in: bool,
    /// The session that has asked to link an identity; `None` to sign in.
    pub(super) session_id: Option<i64>,
    /// Whether a page of another site sent the browser to the provider. The user may not know of it, so that nothing is
    /// linked.
    pub(super) is_foreign: bool,
}

impl Departure {
    pub(super) fn flow(&self) -> Flow {
        Flow { state: self.state.clone(), nonce: self.nonce.clone(), verifier: self.verifier.clone() }
    }
}

/// An identity with a verified address that belongs to an account.
#[derive(Serialize, Deserialize)]
struct Waiting {
    issuer: String,
    subject: String,
    email: String,
}

#[derive(Serialize, Deserialize)]
enum Content {
    Departure(Departure),
    Waiting(Waiting),
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    content: Content,
    /// In Unix milliseconds. A browser that keeps a cookie for longer is not believed.
    expires_at: i64,
}

pub(super) fn set_departure(request: &HttpRequest, state: &AppState, departure: Departure) {
    set(request, state, Content::Departure(departure));
}

/// Where the browser comes back from.
pub(super) fn departure(request: &HttpRequest, state: &AppState) -> Option<Departure> {
    match open(request, state)? {
        Content::Departure(departure) => Some(departure),
        Content::Waiting(_) => None,
    }
}

/// Keeps an identity until somebody signs in. Only for one with an address.
pub(super) fn set_waiting(request: &HttpRequest, state: &AppState, identity: ExternalIdentity) {
    let ExternalIdentity { issuer, subject, email } = identity;
    if let Some(named) = email.filter(|named| named.is_verified) {
        set(request, state, Content::Waiting(Waiting { issuer, subject, email: named.email.original }));
    }
}

/// The identity that waits for somebody to sign in.
pub(super) fn waiting(request: &HttpRequest, state: &AppState) -> Option<ExternalIdentity> {
    let Content::Waiting(Waiting { issuer, subject, email }) = open(request, state)? else { return None };
    let email = Email::parse(&email).ok()?;
    Some(ExternalIdentity { issuer, subject, email: Some(ExternalEmail { email, is_verified: true }) })
}

pub(super) fn clear(request: &HttpRequest, state: &AppState) {
    add_cookie(request, state, state.config.cookie.oidc_name(), "", Duration::ZERO);
}

fn set(request: &HttpRequest, state: &AppState, content: Content) {
    let name = state.config.cookie.oidc_name();
    let sealed = Sealed { content, expires_at: state.clock.now().after(LIFETIME).millis() };
    match serde_json::to_string(&sealed) {
        Ok(text) => add_cookie(request, state, name, &state.keys.oidc.seal(name, text), LIFETIME),
        // Texts, numbers and Booleans can always be written.
        Err(error) => tracing::error!(%error, "cannot write the cookie of a sign-in with a provider"),
    }
}

fn open(request: &HttpRequest, state: &AppState) -> Option<Content> {
    let text = sealed_value(request, state.config.cookie.oidc_name(), &state.keys.oidc)?;
    let Sealed { content, expires_at } = serde_json::from_str(&text).ok()?;
    (state.clock.now() < Timestamp::from_millis(expires_at)).then_some(content)
}
