//! `/meter`

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;

use crate::{
    clock::Timestamp,
    http::{current_user::CurrentUser, error::ApiError, state::AppState},
    paywall,
};

#[derive(Serialize)]
struct MeterBody {
    limit: i64,
    used: i64,
    remaining: i64,
    resets_at: Option<Timestamp>,
    subscribed: bool,
}

/// Where one's meter stands.
pub(super) async fn meter(state: Data<AppState>, user: CurrentUser) -> Result<HttpResponse, ApiError> {
    let (policy, user_id, now) = (state.config.meter, user.user_id, state.clock.now());
    let meter = state.db.read(move |connection| paywall::state(connection, &policy, user_id, now)).await?;
    Ok(HttpResponse::Ok().json(MeterBody {
        limit: meter.limit,
        used: meter.used,
        remaining: meter.remaining(),
        resets_at: meter.resets_at,
        // Nothing can be subscribed to yet.
        subscribed: false,
    }))
}
