//! `/meter` and `/reads`

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;

use crate::{
    clock::Timestamp,
    http::{checkout, current_user::CurrentUser, error::ApiError, state::AppState},
    paywall::{self, MeterState},
};

/// Where a meter stands.
#[derive(Serialize)]
pub(super) struct MeterBody {
    limit: i64,
    used: i64,
    remaining: i64,
    resets_at: Option<Timestamp>,
    subscribed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkout_url: Option<String>,
}

#[derive(Serialize)]
struct ReadBody {
    post_id: i64,
    /// `null` where the post is gone.
    title: Option<String>,
    read_at: Timestamp,
    metered: bool,
}

impl MeterBody {
    pub(super) fn new(meter: &MeterState, subscribed: bool, checkout_url: Option<String>) -> Self {
        let (limit, used, resets_at) = (meter.limit, meter.used, meter.resets_at);
        Self { limit, used, remaining: meter.remaining(), resets_at, subscribed, checkout_url }
    }
}

/// Where one's meter stands.
pub(super) async fn meter(state: Data<AppState>, user: CurrentUser) -> Result<HttpResponse, ApiError> {
    let (policy, user_id, now) = (state.config.meter, user.user_id, state.clock.now());
    let meter = state.db.read(move |connection| paywall::state(connection, &policy, user_id, now)).await?;
    let checkout_url = checkout::link(&state.config.paying, &user);
    Ok(HttpResponse::Ok().json(MeterBody::new(&meter, user.is_subscribed(now), checkout_url)))
}

/// What one has read in this period.
pub(super) async fn reads(state: Data<AppState>, user: CurrentUser) -> Result<HttpResponse, ApiError> {
    let (policy, user_id, now) = (state.config.meter, user.user_id, state.clock.now());
    let reads = state.db.read(move |connection| paywall::reads(connection, &policy, user_id, now)).await?;
    let bodies = reads.into_iter().map(|(read, title)| ReadBody {
        post_id: read.post_id,
        title,
        read_at: read.read_at,
        metered: read.metered,
    });
    Ok(HttpResponse::Ok().json(bodies.collect::<Vec<_>>()))
}
