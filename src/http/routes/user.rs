//! A user, and a session, as answers show them.

use serde::Serialize;

use crate::{
    clock::Timestamp,
    config::SessionConfig,
    models::users::{Role, User},
    session::{Ends, Principal},
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
pub(super) struct SignedInBody {
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
    /// After a login at `at`.
    pub(super) fn at_login(user: User, stay_signed_in: bool, at: Timestamp, config: &SessionConfig) -> Self {
        let Ends { idle_expires_at, expires_at } = Ends::new(config.lifetime(stay_signed_in), at);
        let fresh_until = at.after(config.fresh);
        let session = SessionBody { expires_at, idle_expires_at, fresh_until, stay_signed_in };
        Self { user: user.into(), session }
    }

    /// In a session that is open.
    pub(super) fn of(principal: &Principal, config: &SessionConfig) -> Self {
        let session = SessionBody {
            expires_at: principal.expires_at,
            idle_expires_at: principal.idle_expires_at,
            fresh_until: principal.created_at.after(config.fresh),
            stay_signed_in: principal.stay_signed_in,
        };
        let user = UserBody {
            id: principal.user_id,
            username: principal.username.clone(),
            email: principal.email.clone(),
            role: principal.role,
            created_at: principal.user_created_at,
            updated_at: principal.user_updated_at.map(Timestamp::from_millis),
        };
        Self { user, session }
    }
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        let User { id, username, email, role, is_active: _, created_at, updated_at } = user;
        Self { id, username, email, role, created_at, updated_at }
    }
}
