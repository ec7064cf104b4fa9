//! A user, and a session, as answers show them.

use serde::Serialize;

use crate::{
    clock::Timestamp,
    models::users::{Role, User},
    sessions::{Ends, IssuedSession, Principal},
};

/// The user object.
#[derive(Debug, Serialize)]
pub(super) struct UserBody {
    id: i64,
    username: String,
    email: Option<String>,
    role: Role,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

/// The user object with the session's ends.
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
    /// In a session that was opened just now.
    pub(super) fn at_login(user: User, issued: &IssuedSession) -> Self {
        let Ends { idle_expires_at, expires_at } = issued.ends;
        let (fresh_until, stay_signed_in) = (issued.fresh_until, issued.stay_signed_in);
        Self { user: user.into(), session: SessionBody { expires_at, idle_expires_at, fresh_until, stay_signed_in } }
    }

    /// In a session that is open.
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
    /// Who is signed in.
    pub(super) fn of(principal: &Principal) -> Self {
        Self {
            id: principal.user_id,
            username: principal.username.clone(),
            email: principal.email.clone(),
            role: principal.role,
            created_at: principal.user_created_at,
            updated_at: principal.user_updated_at,
        }
    }
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        let User { id, username, email, role, is_active: _, created_at, updated_at, subscribed_until: _ } = user;
        Self { id, username, email, role, created_at, updated_at }
    }
}
