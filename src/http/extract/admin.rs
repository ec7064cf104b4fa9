//! The extractor for admins.

use std::{
    future::{Ready, ready},
    net::Ipv4Addr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::current_user::credential_with;
use crate::{
    accounts::by_admin,
    base::{client::Client, clock::Timestamp},
    credentials::api_tokens::Scope,
    db::{Db, DbConnection, Tx},
    http::{
        credential::{Credential, CredentialId},
        error::ApiError,
    },
    users::Role,
};

/// A signed-in admin. Requests by anyone else are rejected before they reach a handler with this argument.
#[derive(Clone, Debug)]
pub(in crate::http) struct Admin {
    pub(in crate::http) user_id: i64,
    credential: CredentialId,
    username: Box<str>,
    /// `None` for an API token, which needs no fresh session.
    fresh_until: Option<Timestamp>,
}

impl Admin {
    /// The admin in the audit of a user whom an action concerns. It names the action and the admin, as the
    /// command line names the operator, and not the network of the admin, which users could read in their audit.
    pub(in crate::http) fn actor(&self, action: &str) -> Client {
        Client::new(Ipv4Addr::LOCALHOST.into(), Some(&format!("tollgate {action} by admin {}", self.username)))
            .with_actor(Some(self.user_id), &self.username)
    }

    /// Requires a fresh session, unless the request has an API token.
    pub(in crate::http) fn fresh(self, now: Timestamp) -> Result<Self, ApiError> {
        match self.fresh_until {
            Some(fresh_until) if fresh_until <= now => Err(ApiError::FreshLoginRequired),
            _ => Ok(self),
        }
    }

    /// The session of the request; `None` if it has an API token.
    pub(in crate::http) fn session_id(&self) -> Option<i64> {
        match self.credential {
            CredentialId::Session(id) => Some(id),
            CredentialId::Token(_) => None,
        }
    }

    /// The API token of the request, if it has one.
    pub(in crate::http) fn token_id(&self) -> Option<i64> {
        match self.credential {
            CredentialId::Session(_) => None,
            CredentialId::Token(id) => Some(id),
        }
    }

    /// Runs a use case in a transaction, which is rolled back if the session or token has ended or the user is no
    /// longer an admin.
    ///
    /// That is checked last. The request may have waited since it was authenticated: for its body, for the writer, or
    /// for a row that the demotion itself has locked. A check before the write would miss the last case, and locking
    /// the admin's row first could deadlock with the webhook, which locks users after its own lock.
    pub(in crate::http) async fn write<T, E>(
        self,
        db: &Db,
        now: Timestamp,
        action: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Into<ApiError>,
    {
        let write = move |tx: &mut Tx<'_>| {
            let done = action(tx).map_err(Into::into)?;
            self.check(tx, now)?;
            Ok(done)
        };
        db.write(write).await
    }

    /// As [`Self::write`], for what ends the session of a user or the right to be an admin. Admins may do that to themselves,
    /// and pass no check afterwards. It comes first, then, with what it depends on locked.
    pub(in crate::http) async fn write_ending<T, E>(
        self,
        db: &Db,
        user_id: i64,
        now: Timestamp,
        action: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Into<ApiError>,
    {
        if user_id != self.user_id {
            return self.write(db, now, action).await;
        }
        let write = move |tx: &mut Tx<'_>| {
            by_admin::lock_rights(tx, user_id)?;
            self.check(tx, now)?;
            action(tx).map_err(Into::into)
        };
        db.write(write).await
    }

    /// Fails unless the session or token is still valid and its user still an admin.
    pub(in crate::http) fn check(&self, connection: &mut DbConnection, now: Timestamp) -> Result<(), ApiError> {
        match self.credential.live_user(connection, now)?.role {
            Role::Admin => Ok(()),
            Role::User | Role::Editor => Err(ApiError::Forbidden(Role::Admin)),
        }
    }
}

impl FromRequest for Admin {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(credential_with(request, Scope::Admin).and_then(|credential| {
            if !credential.is_admin() {
                return Err(ApiError::Forbidden(Role::Admin));
            }
            let fresh_until = match &credential {
                Credential::Session(principal) => Some(principal.fresh_until),
                Credential::Token(_) => None,
            };
            let user = credential.user();
            Ok(Self {
                user_id: user.user_id,
                credential: credential.id(),
                username: user.username.clone(),
                fresh_until,
            })
        }))
    }
}
