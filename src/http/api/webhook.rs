//! `/webhooks/stripe`

use std::{future::Future, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Payload},
};
use serde_json::json;
use tokio::time::timeout;

use crate::{
    base::client::Client,
    billing::{
        payments::Outcome,
        process_event,
        stripe::{Signature, StripeEvent},
        stripe_events,
    },
    config::WebhookSecret,
    db::DbError,
    http::{error::ApiError, extract::body, state::AppState},
};

/// How long an event waits for earlier events to be processed. Stripe retries rejected events for days.
const WAIT_FOR_TURN: Duration = Duration::from_secs(10);

/// Receives an event from Stripe.
pub(in crate::http) async fn stripe(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let secrets = &state.config.billing.webhook_secrets;
    if secrets.is_empty() {
        return Err(ApiError::NotFound);
    }
    let header = request.headers().get("stripe-signature").and_then(|header| header.to_str().ok());
    let body = async {
        let received = state.webhook_bodies.receive(client.network(), body::read_event(&request, payload)).await;
        received.unwrap_or(Err(ApiError::Busy("too many Stripe events are being received")))
    };
    receive_event(&state, secrets, header, body).await?;
    Ok(HttpResponse::Ok().json(json!({ "received": true })))
}

/// Verifies an event and processes it, unless it has been processed already. An event that can be rejected by its
/// signature's header is rejected before its body is read.
pub(in crate::http) async fn receive_event(
    state: &AppState,
    secrets: &[WebhookSecret],
    header: Option<&str>,
    body: impl Future<Output = Result<Bytes, ApiError>>,
) -> Result<(), ApiError> {
    let now = state.clock.now();
    let signature = header.and_then(|header| Signature::parse(header, now)).ok_or(ApiError::BadSignature)?;
    let body = body.await?;
    if !signature.signs(&body, secrets) {
        return Err(ApiError::BadSignature);
    }
    let event = StripeEvent::parse(&body).map_err(|_| ApiError::InvalidJson)?;

    if !is_processed(state, &event).await? {
        // One event at a time, so that a flood of events occupies one database connection and leaves the others to
        // readers.
        let turn = timeout(WAIT_FOR_TURN, state.webhook_turn.acquire()).await;
        let Ok(Ok(_turn)) = turn else {
            return Err(ApiError::Busy("too many Stripe events are waiting"));
        };
        // A duplicate may have been processed in the meantime; a second write would be a pointless commit.
        if !is_processed(state, &event).await? {
            let grace = state.config.billing.grace;
            let id = event.id.clone();
            let outcome = state.db.write(move |tx| process_event(tx, &event, grace, now)).await?;
            if outcome == Outcome::Unmatched {
                tracing::warn!(
                    event = id,
                    "a payment belongs to no account; `tollgate payment list --unmatched` shows it"
                );
            }
        }
    }
    Ok(())
}

async fn is_processed(state: &AppState, event: &StripeEvent) -> Result<bool, DbError> {
    let id = event.id.clone();
    state.db.read(move |connection| stripe_events::is_processed(connection, &id)).await
}
