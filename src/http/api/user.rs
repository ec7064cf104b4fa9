//! Users and sessions as they appear in response bodies.

use serde::Serialize;

use crate::{
    clock::Timestamp,
    models::users::{Role, SecondFactor, User},
    sessions::{Ends, IssuedSession, Principal},
};

#[derive(Debug, Serialize)]
pub(super) struct UserBody {
    id: i64,
    username: String,
    email: Option<String>,
    email_verified: bool,
    pending_email: Option<String>,
    second_factors: Vec<SecondFactor>,
    role: Role,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

/// A user together with the current session.
#[derive(Debug, Serialize)]
pub(in crate::http) struct SignedInBody {
    #[serde(flatten)]
    user: UserBody,
    session: SessionBody,
}

#[derive(Debug, Serialize)]
struct SessionBody {
    expires_at: Timestamp,
    idle_expires_at: Timestamp,
    fresh_until: Timestamp,
    stay_signed_in: bool,
}

impl SignedInBody {
    /// For a session that has just been issued.
    pub(super) fn at_login(user: User, issued: &IssuedSession) -> Self {
        let Ends { idle_expires_at, expires_at } = issued.ends;
        let (fresh_until, stay_signed_in) = (issued.fresh_until, issued.stay_signed_in);
        Self { user: user.into(), session: SessionBody { expires_at, idle_expires_at, fresh_until, stay_signed_in } }
    }

    /// For an existing session.
    pub(super) fn of(principal: &Principal) -> Self {
        let session = SessionBody {
            expires_at: principal.expires_at,
            idle_expires_at: principal.idle_expires_at,
            fresh_until: principal.fresh_until,
            stay_signed_in: principal.stay_signed_in,
        };
        Self { user: UserBody::of(principal), session }
    }
}

impl UserBody {
    pub(super) fn of(principal: &Principal) -> Self {
        Self {
            id: principal.user_id,
            username: principal.username.clone(),
            email: principal.email.clone(),
            email_verified: principal.email_verified,
            pending_email: principal.pending_email.clone(),
            second_factors: principal.second_factors.clone(),
            role: principal.role,
            created_at: principal.user_created_at,
            updated_at: principal.user_updated_at,
        }
    }
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        let (email_verified, second_factors) = (user.is_email_verified(), user.second_factors());
        let User { id, username, email, pending_email, role, created_at, updated_at, .. } = user;
        Self { id, username, email, email_verified, pending_email, second_factors, role, created_at, updated_at }
    }
}
