//! The user and the API token of a request.

use std::ops::Deref;

use crate::models::{api_tokens::ApiToken, identity::Identity, users::User};

#[derive(Clone, Debug)]
pub struct TokenPrincipal {
    pub user: Identity,
    pub token: ApiToken,
}

impl TokenPrincipal {
    pub(super) fn new(token: ApiToken, user: User) -> Self {
        Self { user: user.into(), token }
    }
}

/// Most callers ask about the user.
impl Deref for TokenPrincipal {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.user
    }
}
