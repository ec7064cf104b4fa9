//! The extractor for editors.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::current_user::credential_with;
use crate::{
    base::clock::Timestamp,
    credentials::api_tokens::Scope,
    db::{Db, DbError, Tx},
    http::{credential::CredentialId, error::ApiError},
    users::Role,
};

/// A signed-in editor or admin. Requests by anyone else are rejected before they reach a handler with this argument.
#[derive(Clone, Debug)]
pub(in crate::http) struct Editor(CredentialId);

impl Editor {
    /// Checks the role again, for what is not written in a transaction.
    pub(in crate::http) async fn confirm(self, db: &Db, now: Timestamp) -> Result<(), ApiError> {
        let live = db.read(move |connection| self.0.live_user(connection, now)).await?;
        if live.role.is_editor() { Ok(()) } else { Err(ApiError::Forbidden(Role::Editor)) }
    }

    /// Like [`super::admin::Admin::write`], for what editors may do.
    pub(in crate::http) async fn write<T: Send + 'static>(
        self,
        db: &Db,
        now: Timestamp,
        action: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let write = move |tx: &mut Tx<'_>| {
            let done = action(tx)?;
            if self.0.live_user(tx, now)?.role.is_editor() { Ok(done) } else { Err(ApiError::Forbidden(Role::Editor)) }
        };
        db.write(write).await
    }
}

impl FromRequest for Editor {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(credential_with(request, Scope::Admin).and_then(|credential| match credential.is_editor() {
            true => Ok(Self(credential.id())),
            false => Err(ApiError::Forbidden(Role::Editor)),
        }))
    }
}
