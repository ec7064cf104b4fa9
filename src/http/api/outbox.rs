//! `/outbox`: messages that wait for their delivery or could not be delivered, for admins.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde_json::json;

use crate::{
    accounts::messages,
    db::Tx,
    http::{
        error::ApiError,
        extract::{admin::Admin, fields::Fields},
        paging::{json_page, split_page},
        paths,
        state::AppState,
    },
    mail::outbox,
};

const MAX_MESSAGES: i64 = 100;

/// Lists unsent messages, newest first.
pub(in crate::http) async fn list(
    state: Data<AppState>,
    request: HttpRequest,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let mut query = Fields::query(request.query_string());
    let limit = query.number("limit", MAX_MESSAGES, MAX_MESSAGES);
    let before = query.number("before", i64::MAX, i64::MAX);
    query.finish_filter()?;
    let mut page = state.db.read(move |connection| outbox::unsent_page(connection, before, limit + 1)).await?;
    let has_more = split_page(&mut page, limit);
    let next = page.last().filter(|_| has_more).map(|last| format!("/outbox?limit={limit}&before={}", last.id));
    Ok(json_page(page, next))
}

/// Delivers a message now.
pub(in crate::http) async fn retry(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    let id = paths::second_segment_id(&request).ok_or(ApiError::NotFound)?;
    let (now, actor) = (state.clock.now(), admin.actor("mail retry"));
    if !admin.write(&state.db, now, move |tx: &mut Tx<'_>| messages::retry(tx, id, &actor, now)).await? {
        return Err(ApiError::NotFound);
    }
    state.accounts.wake_mail();
    Ok(HttpResponse::Accepted().json(json!({})))
}

/// Deletes a message that has not been sent.
pub(in crate::http) async fn discard(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    let id = paths::trailing_id(&request)?;
    let (now, actor) = (state.clock.now(), admin.actor("mail discard"));
    if !admin.write(&state.db, now, move |tx: &mut Tx<'_>| messages::discard(tx, id, &actor, now)).await? {
        return Err(ApiError::NotFound);
    }
    Ok(HttpResponse::NoContent().finish())
}
