//! Who is signed in, for handlers that ask.

use std::{
    future::{Ready, ready},
    ops::Deref,
    rc::Rc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};

use super::error::ApiError;
use crate::{models::users::Role, session::Principal};

/// Who is signed in; a request without a session does not reach a handler that takes this.
#[derive(Clone, Debug)]
pub(super) struct CurrentUser(Rc<Principal>);

impl Deref for CurrentUser {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

/// An admin who is signed in; anybody else does not reach a handler that takes this.
#[derive(Clone, Debug)]
pub(super) struct Admin(());

impl FromRequest for Admin {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let principal = request.extensions().get::<Rc<Principal>>().cloned();
        ready(match principal {
            Some(principal) if principal.role == Role::Admin => Ok(Self(())),
            Some(_) => Err(ApiError::Forbidden),
            None => Err(ApiError::LoginRequired),
        })
    }
}

impl FromRequest for CurrentUser {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let principal = request.extensions().get::<Rc<Principal>>().cloned();
        ready(principal.map(Self).ok_or(ApiError::LoginRequired))
    }
}
