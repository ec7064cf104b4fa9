//! `/webhooks/stripe`

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use serde_json::json;
use tokio::time::timeout;

use crate::{
    billing::{
        stripe::{Event, Signature},
        subscribers,
    },
    client::Client,
    db::DbError,
    http::{error::ApiError, extract::body, state::AppState},
    models::stripe_events,
};

/// How long an event waits for earlier events to be processed. Stripe retries rejected events for days.
const WAIT_FOR_TURN: Duration = Duration::from_secs(10);

/// Processes an event from Stripe. A request that can be rejected by its headers is rejected before its body is read.
pub(super) async fn stripe(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let (config, now) = (&state.config.billing, state.clock.now());
    if config.webhook_secrets.is_empty() {
        return Err(ApiError::NotFound);
    }
    let header = request.headers().get("stripe-signature").and_then(|header| header.to_str().ok());
    let signature = header.and_then(|header| Signature::parse(header, now)).ok_or(ApiError::BadSignature)?;
    let body = {
        let slot = state.webhook_bodies.acquire(client.network());
        let _slot = slot.ok_or_else(|| DbError::Unavailable("too many Stripe events are being received".to_owned()))?;
        let body = body::read_event(&request, payload).await?;
        if !signature.signs(&body, &config.webhook_secrets) {
            return Err(ApiError::BadSignature);
        }
        body
    };
    let event = Event::parse(&body).map_err(|_| ApiError::InvalidJson)?;

    if !is_processed(&state, &event).await? {
        // One event at a time, so that a flood of events occupies one database connection and leaves the others to
        // readers.
        let turn = timeout(WAIT_FOR_TURN, state.webhook_turn.acquire()).await;
        let Ok(Ok(_turn)) = turn else {
            return Err(DbError::Unavailable("too many Stripe events are waiting".to_owned()).into());
        };
        // A duplicate may have been processed in the meantime; a second write would be a pointless commit.
        if !is_processed(&state, &event).await? {
            let grace = config.grace;
            state.db.write(move |tx| subscribers::process_event(tx, &event, grace, now)).await?;
        }
    }
    Ok(HttpResponse::Ok().json(json!({ "received": true })))
}

async fn is_processed(state: &AppState, event: &Event) -> Result<bool, DbError> {
    let id = event.id.clone();
    state.db.read(move |connection| stripe_events::is_processed(connection, &id)).await
}
