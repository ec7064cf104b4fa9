//! Extractors for the sender of a request. The type of a handler's argument says which credentials suffice, so that no
//! handler can forget to check:
//!
//! - [`CurrentUser`] needs a session. This is the default for whatever protects the account.
//! - [`Caller`] takes a session, or an API token with the scope that its type parameter names.
//! - [`Visitor`] also takes a request with neither.
//! - [`super::admin::Admin`] takes a session or an API token with the scope `admin`, of a user who is an admin.
//! - [`super::editor::Editor`] takes the same of a user who is an editor or an admin.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    ops::Deref,
    sync::Arc,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use crate::{
    credentials::{api_tokens::Scope, sessions::Principal},
    http::{context::RequestContext, credential::Credential, error::ApiError},
    users::identity::Identity,
};

/// The user who is signed in with a session. A request without one is rejected before it reaches a handler with this
/// argument, and so is one with an API token, whatever its scopes.
#[derive(Clone, Debug)]
pub(in crate::http) struct CurrentUser(pub(in crate::http) Arc<Principal>);

impl Deref for CurrentUser {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

/// The scope that an API token must have for a handler with an argument of the type [`Caller`].
pub(in crate::http) trait NeededScope {
    const SCOPE: Scope;
}

/// Posts and the meter.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Read;

/// The user's own account.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Account;

impl NeededScope for Read {
    const SCOPE: Scope = Scope::Read;
}

impl NeededScope for Account {
    const SCOPE: Scope = Scope::Account;
}

/// A user with a session, or with an API token that has the scope `S`.
#[derive(Clone, Debug)]
pub(in crate::http) struct Caller<S> {
    credential: Credential,
    scope: PhantomData<S>,
}

impl<S> Caller<S> {
    pub(in crate::http) fn credential(&self) -> &Credential {
        &self.credential
    }
}

impl<S> Deref for Caller<S> {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        self.credential.user()
    }
}

/// A [`Caller`], or a reader without a credential. Not `Option<Caller<S>>`, which would also be `None` for a token that
/// lacks the scope.
#[derive(Clone, Debug)]
pub(in crate::http) struct Visitor<S>(pub(in crate::http) Option<Caller<S>>);

impl FromRequest for CurrentUser {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match credential(request) {
            Some(Credential::Session(principal)) => Ok(Self(principal)),
            Some(Credential::Token(_)) => Err(ApiError::InsufficientScope(None)),
            None => Err(ApiError::LoginRequired),
        })
    }
}

impl<S: NeededScope> FromRequest for Caller<S> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let credential = credential_with(request, S::SCOPE);
        ready(credential.map(|credential| Self { credential, scope: PhantomData }))
    }
}

impl<S: NeededScope> FromRequest for Visitor<S> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        match credential(request) {
            Some(_) => ready(Caller::from_request(request, payload).into_inner().map(|caller| Self(Some(caller)))),
            None => ready(Ok(Self(None))),
        }
    }
}

pub(super) fn credential_with(request: &HttpRequest, scope: Scope) -> Result<Credential, ApiError> {
    let credential = credential(request).ok_or(ApiError::LoginRequired)?;
    if credential.allows(scope) { Ok(credential) } else { Err(ApiError::InsufficientScope(Some(scope))) }
}

fn credential(request: &HttpRequest) -> Option<Credential> {
    RequestContext::of(request)?.credential().cloned()
}
