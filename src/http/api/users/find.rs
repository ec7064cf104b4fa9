//! `GET /users/<id>`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;

use super::user_id;
use crate::{
    accounts::lockouts,
    base::clock::Timestamp,
    billing::subscribers,
    credentials::sessions,
    db::{DbConnection, DbError},
    http::{
        api::{meter::MeterBody, subscription::SubscriptionBody, user::UserBody},
        error::ApiError,
        extract::admin::Admin,
        state::AppState,
    },
    paywall::{self, Reader},
    users::{
        self, User,
        audit::{self, Event},
    },
};

/// A user with what a support desk asks about.
#[derive(Serialize)]
pub(super) struct UserDetails {
    #[serde(flatten)]
    user: UserBody<'static>,
    is_active: bool,
    /// The number of live sessions.
    sessions: usize,
    meter: MeterBody,
    subscription: SubscriptionBody,
    /// `None` if the event is no longer in the audit.
    last_login_at: Option<Timestamp>,
    /// When the last limit on signing in ends.
    locked_until: Option<Timestamp>,
}

pub(in crate::http) async fn find(
    state: Data<AppState>,
    request: HttpRequest,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let user_id = user_id(&request)?;
    Ok(HttpResponse::Ok().json(details(&state, user_id).await?))
}

/// # Errors
/// No such user exists.
pub(super) async fn details(state: &AppState, user_id: i64) -> Result<UserDetails, ApiError> {
    let (policy, grace, now) = (state.config.meter, state.config.billing.grace, state.clock.now());
    let limits_attempts = state.config.password.throttle;
    let find = move |connection: &mut DbConnection| {
        let Some(user) = users::find(connection, user_id)? else { return Ok(None) };
        let meter = paywall::state(connection, &policy, Reader::user(user_id), now)?;
        let entitlement = subscribers::find(connection, user_id, grace)?;
        Ok::<_, DbError>(Some(UserDetails {
            is_active: user.is_active,
            sessions: sessions::list_live(connection, user_id, now)?.len(),
            meter: MeterBody::new(&meter, user.is_subscribed(now), None),
            subscription: SubscriptionBody::new(entitlement, now),
            last_login_at: last_login_at(connection, user_id)?,
            locked_until: if limits_attempts { locked_until(connection, &user, now)? } else { None },
            user: user.into(),
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
