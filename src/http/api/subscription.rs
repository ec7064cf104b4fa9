//! `/subscription`, `/users/<id>/subscription` and `/users/<id>/meter`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;

use super::{meter::MeterBody, users::user_id};
use crate::{
    base::clock::Timestamp,
    billing::{subscribers, subscription::Entitlement},
    db::{DbConnection, DbError},
    http::{
        checkout,
        error::ApiError,
        extract::{
            admin::Admin,
            body::OptionalJson,
            current_user::{Account, Caller},
        },
        state::AppState,
    },
    paywall,
    paywall::Reader,
    users,
};

#[derive(Serialize)]
pub(super) struct SubscriptionBody {
    status: &'static str,
    current_period_end: Option<Timestamp>,
    grace_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_portal_url: Option<String>,
}

impl SubscriptionBody {
    pub(super) fn new(entitlement: Option<Entitlement>, now: Timestamp) -> Self {
        let Some(entitlement) = entitlement else {
            return Self { status: "none", current_period_end: None, grace_until: None, billing_portal_url: None };
        };
        let (current_period_end, grace_until) = (entitlement.current_period_end, entitlement.grace_until(now));
        Self { status: entitlement.status(now), current_period_end, grace_until, billing_portal_url: None }
    }
}

/// Returns the user's own subscription.
pub(in crate::http) async fn own(state: Data<AppState>, user: Caller<Account>) -> Result<HttpResponse, ApiError> {
    let (user_id, grace, now) = (user.user_id, state.config.billing.grace, state.clock.now());
    let entitlement = state.db.read(move |connection| subscribers::find(connection, user_id, grace)).await?;
    // Before the first payment there is nothing to manage.
    let billing_portal_url = entitlement.and_then(|_| checkout::portal_link(&state.config.billing, &user));
    Ok(HttpResponse::Ok().json(SubscriptionBody { billing_portal_url, ..SubscriptionBody::new(entitlement, now) }))
}

/// Grants a user a subscription.
pub(in crate::http) async fn grant(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let OptionalJson(mut fields) = body;
    let until = fields.optional_text("current_period_end");
    let until = until.and_then(|text| fields.check("current_period_end", text.parse()));
    fields.finish()?;
    let entitlement = grant_subscription(&state, admin, user_id(&request)?, until).await?;
    Ok(HttpResponse::Ok().json(SubscriptionBody::new(Some(entitlement), state.clock.now())))
}

/// `until` is `None` for a subscription without an end.
pub(in crate::http) async fn grant_subscription(
    state: &AppState,
    admin: Admin,
    user_id: i64,
    until: Option<Timestamp>,
) -> Result<Entitlement, ApiError> {
    let (grace, now, actor) = (state.config.billing.grace, state.clock.now(), admin.actor("grant"));
    let granted =
        admin.write(&state.db, now, move |tx| subscribers::grant(tx, user_id, until, grace, &actor, now)).await?;
    granted.ok_or(ApiError::NotFound)
}

/// Ends a user's subscriptions.
pub(in crate::http) async fn end(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    end_subscription(&state, admin, user_id(&request)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn end_subscription(state: &AppState, admin: Admin, user_id: i64) -> Result<(), ApiError> {
    let (grace, now, actor) = (state.config.billing.grace, state.clock.now(), admin.actor("revoke"));
    let existed = admin.write(&state.db, now, move |tx| subscribers::end(tx, user_id, grace, &actor, now)).await?;
    if existed { Ok(()) } else { Err(ApiError::NotFound) }
}

/// Returns the state of a user's meter.
pub(in crate::http) async fn meter(
    state: Data<AppState>,
    request: HttpRequest,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let user_id = user_id(&request)?;
    let (policy, now) = (state.config.meter, state.clock.now());
    let find = move |connection: &mut DbConnection| {
        let Some(user) = users::find(connection, user_id)? else { return Ok(None) };
        let subscribed = user.is_subscribed(now);
        Ok::<_, DbError>(Some((paywall::state(connection, &policy, Reader::user(user_id), now)?, subscribed)))
    };
    let (meter, subscribed) = state.db.read(find).await?.ok_or(ApiError::NotFound)?;
    Ok(HttpResponse::Ok().json(MeterBody::new(&meter, subscribed, None)))
}
