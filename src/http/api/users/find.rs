//! `GET /users/<id>`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;

use super::user_id;
use crate::{
    accounts::lockouts,
    base::clock::Timestamp,
    billing::{subscribers, subscription::Entitlement},
    credentials::sessions,
    db::{DbConnection, DbError},
    http::{
        api::{meter::MeterBody, subscription::SubscriptionBody, user::UserBody},
        error::ApiError,
        extract::admin::Admin,
        state::AppState,
    },
    paywall::{self, MeterState, Reader},
    users::{
        self, User,
        audit::{self, Event},
    },
};

/// What a support desk asks about a user.
pub(in crate::http) struct Details {
    pub(in crate::http) user: User,
    /// The number of live sessions.
    pub(in crate::http) sessions: usize,
    pub(in crate::http) meter: MeterState,
    pub(in crate::http) entitlement: Option<Entitlement>,
    /// `None` if the event is no longer in the audit.
    pub(in crate::http) last_login_at: Option<Timestamp>,
    /// When the last limit on signing in ends.
    pub(in crate::http) locked_until: Option<Timestamp>,
}

#[derive(Serialize)]
pub(super) struct UserDetails {
    #[serde(flatten)]
    user: UserBody<'static>,
    is_active: bool,
    sessions: usize,
    meter: MeterBody,
    subscription: SubscriptionBody,
    last_login_at: Option<Timestamp>,
    locked_until: Option<Timestamp>,
}

impl UserDetails {
    pub(super) fn new(found: Details, now: Timestamp) -> Self {
        let Details { user, sessions, meter, entitlement, last_login_at, locked_until } = found;
        Self {
            is_active: user.is_active,
            sessions,
            meter: MeterBody::new(&meter, user.is_subscribed(now), None),
            subscription: SubscriptionBody::new(entitlement, now),
            last_login_at,
            locked_until,
            user: user.into(),
        }
    }
}

pub(in crate::http) async fn find(
    state: Data<AppState>,
    request: HttpRequest,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let found = details(&state, user_id(&request)?).await?;
    Ok(HttpResponse::Ok().json(UserDetails::new(found, state.clock.now())))
}

/// # Errors
/// No such user exists.
pub(in crate::http) async fn details(state: &AppState, user_id: i64) -> Result<Details, ApiError> {
    let (policy, grace, now) = (state.config.meter, state.config.billing.grace, state.clock.now());
    let limits_attempts = state.config.password.throttle;
    let find = move |connection: &mut DbConnection| {
        let Some(user) = users::find(connection, user_id)? else { return Ok(None) };
        Ok::<_, DbError>(Some(Details {
            sessions: sessions::list_live(connection, user_id, now)?.len(),
            meter: paywall::state(connection, &policy, Reader::user(user_id), now)?,
            entitlement: subscribers::find(connection, user_id, grace)?,
            last_login_at: last_login_at(connection, user_id)?,
            locked_until: if limits_attempts { locked_until(connection, &user, now)? } else { None },
            user,
        }))
    };
    state.db.read(find).await?.ok_or(ApiError::NotFound)
}

fn last_login_at(connection: &mut DbConnection, user_id: i64) -> Result<Option<Timestamp>, DbError> {
    let (since, until) = (Timestamp::from_millis(0), Timestamp::WRITABLE.end);
    audit::nth_last(connection, user_id, &[Event::SignedIn], 1, since, until)
}

fn locked_until(connection: &mut DbConnection, user: &User, now: Timestamp) -> Result<Option<Timestamp>, DbError> {
    Ok(lockouts::list(connection, user, now)?.into_iter().map(|lockout| lockout.until).max())
}
