//! Extractors for the sender of a request. The type of a handler's argument says which credentials suffice, so that no
//! handler can forget to check:
//!
//! - [`CurrentUser`] needs a session. This is the default for whatever protects the account.
//! - [`Caller`] takes a session, or an API token with the scope that its type parameter names.
//! - [`Visitor`] also takes a request with neither.
//! - [`Admin`] takes a session or an API token with the scope `admin`, of a user who is an admin.
//! - [`Editor`] takes the same of a user who is an editor or an admin.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    net::Ipv4Addr,
    ops::Deref,
    sync::Arc,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use crate::{
    base::{client::Client, clock::Timestamp},
    credentials::{api_tokens::Scope, sessions::Principal},
    db::{Db, DbError, Tx},
    http::{
        credential::{Credential, CredentialId},
        error::ApiError,
        session::RequestSession,
    },
    users::{Role, identity::Identity},
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

/// A signed-in editor or admin. Requests by anyone else are rejected before they reach a handler with this argument.
#[derive(Clone, Debug)]
pub(in crate::http) struct Editor(CredentialId);

impl Editor {
    /// Like [`Admin::write`], for what editors may do.
    pub(in crate::http) async fn write<T: Send + 'static>(
        self,
        db: &Db,
        now: Timestamp,
        action: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, ApiError> {
        write_as(self.0, Role::is_editor, db, now, action).await
    }
}

/// A signed-in admin. Requests by anyone else are rejected before they reach a handler with this argument.
#[derive(Clone, Debug)]
pub(in crate::http) struct Admin {
    credential: CredentialId,
    username: Box<str>,
}

impl Admin {
    /// The admin in the audit of a user whom an action concerns. It names the action and the admin, as the
    /// command line names the operator, and not the network of the admin, which users could read in their audit.
    pub(in crate::http) fn actor(&self, action: &str) -> Client {
        Client::new(Ipv4Addr::LOCALHOST.into(), Some(&format!("tollgate {action} by admin {}", self.username)))
    }

    /// Runs a use case in a transaction, which is rolled back if the session or token has ended or the user is no
    /// longer an admin.
    ///
    /// That is checked last. The request may have waited since it was authenticated: for its body, for the writer, or
    /// for a row that the demotion itself has locked. A check before the write would miss the last case, and locking
    /// the admin's row first could deadlock with the webhook, which locks users after its own lock.
    pub(in crate::http) async fn write<T: Send + 'static>(
        self,
        db: &Db,
        now: Timestamp,
        action: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, ApiError> {
        write_as(self.credential, |role| role == Role::Admin, db, now, action).await
    }
}

async fn write_as<T: Send + 'static>(
    credential: CredentialId,
    may_write: fn(Role) -> bool,
    db: &Db,
    now: Timestamp,
    action: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError> + Send + 'static,
) -> Result<T, ApiError> {
    let write = move |tx: &mut Tx<'_>| {
        let done = action(tx)?;
        if may_write(credential.live_user(tx, now)?.role) { Ok(done) } else { Err(ApiError::Forbidden) }
    };
    db.write(write).await
}

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

impl FromRequest for Admin {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(credential_with(request, Scope::Admin).and_then(|credential| match credential.is_admin() {
            true => Ok(Self { credential: credential.id(), username: credential.user().username.clone() }),
            false => Err(ApiError::Forbidden),
        }))
    }
}

impl FromRequest for Editor {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(credential_with(request, Scope::Admin).and_then(|credential| match credential.is_editor() {
            true => Ok(Self(credential.id())),
            false => Err(ApiError::Forbidden),
        }))
    }
}

fn credential_with(request: &HttpRequest, scope: Scope) -> Result<Credential, ApiError> {
    let credential = credential(request).ok_or(ApiError::LoginRequired)?;
    if credential.allows(scope) { Ok(credential) } else { Err(ApiError::InsufficientScope(Some(scope))) }
}

fn credential(request: &HttpRequest) -> Option<Credential> {
    RequestSession::of(request)?.credential().cloned()
}
