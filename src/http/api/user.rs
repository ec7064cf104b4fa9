//! Users and sessions as they appear in response bodies.

use std::borrow::Cow;

use serde::Serialize;

use crate::{
    base::clock::Timestamp,
    credentials::{
        api_tokens::{ApiToken, TokenPrincipal},
        sessions::{Expiry, IssuedSession, Principal},
    },
    users::{Role, SecondFactor, User, identity::Identity},
};

#[derive(Debug, Serialize)]
pub(super) struct UserBody<'a> {
    id: i64,
    username: Cow<'a, str>,
    email: Option<Cow<'a, str>>,
    email_verified: bool,
    pending_email: Option<Cow<'a, str>>,
    second_factors: Cow<'a, [SecondFactor]>,
    role: Role,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

/// A user together with the current session. Without `Debug`, which would show the token.
#[derive(Serialize)]
pub(in crate::http) struct SignedInBody<'a> {
    #[serde(flatten)]
    user: UserBody<'a>,
    session: SessionBody,
    /// The token of a new session of an app.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<String>,
}

/// A user together with the API token of the request.
#[derive(Debug, Serialize)]
pub(super) struct TokenHolderBody<'t> {
    #[serde(flatten)]
    user: UserBody<'t>,
    token: &'t ApiToken,
}

impl<'t> TokenHolderBody<'t> {
    pub(super) fn of(principal: &'t TokenPrincipal) -> Self {
        Self { user: UserBody::of(principal), token: &principal.token }
    }
}

#[derive(Debug, Serialize)]
struct SessionBody {
    expires_at: Timestamp,
    idle_expires_at: Timestamp,
    fresh_until: Timestamp,
    stay_signed_in: bool,
}

impl<'a> SignedInBody<'a> {
    /// For a session that has just been issued.
    pub(super) fn at_login(user: User, issued: &IssuedSession) -> Self {
        let Expiry { idle_expires_at, expires_at } = issued.expiry;
        let (fresh_until, stay_signed_in) = (issued.fresh_until, issued.kind.stay_signed_in);
        let session = SessionBody { expires_at, idle_expires_at, fresh_until, stay_signed_in };
        Self { user: user.into(), session, session_token: None }
    }

    /// As [`Self::at_login`], with the token, for an app that gets no cookie.
    pub(super) fn for_app(user: User, issued: IssuedSession) -> Self {
        let body = Self::at_login(user, &issued);
        Self { session_token: Some(issued.token), ..body }
    }

    /// For an existing session.
    pub(super) fn of(principal: &'a Principal) -> Self {
        let session = SessionBody {
            expires_at: principal.expires_at,
            idle_expires_at: principal.idle_expires_at,
            fresh_until: principal.fresh_until,
            stay_signed_in: principal.stay_signed_in,
        };
        Self { user: UserBody::of(principal), session, session_token: None }
    }
}

impl<'a> UserBody<'a> {
    pub(super) fn of(user: &'a Identity) -> Self {
        Self {
            id: user.user_id,
            username: Cow::Borrowed(&user.username),
            email: user.email.as_deref().map(Cow::Borrowed),
            email_verified: user.email_verified,
            pending_email: user.pending_email.as_deref().map(Cow::Borrowed),
            second_factors: Cow::Borrowed(&user.second_factors),
            role: user.role,
            created_at: user.user_created_at,
            updated_at: user.user_updated_at,
        }
    }
}

impl From<User> for UserBody<'_> {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email_verified: user.is_email_verified(),
            second_factors: user.second_factors().into(),
            username: user.username.into(),
            email: user.email.map(Cow::Owned),
            pending_email: user.pending_email.map(Cow::Owned),
            role: user.role,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}
