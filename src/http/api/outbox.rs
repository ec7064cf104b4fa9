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
    let (page, next) = unsent(&state, "/outbox", Fields::query(request.query_string())).await?;
    Ok(json_page(page, next))
}

/// Finds the messages that a query asks for, and the address of the next page below `path`.
pub(in crate::http) async fn unsent(
    state: &AppState,
    path: &str,
    mut query: Fields,
) -> Result<(Vec<outbox::Listed>, Option<String>), ApiError> {
    let limit = query.number("limit", MAX_MESSAGES, MAX_MESSAGES);
    let before = query.number("before", i64::MAX, i64::MAX);
    query.finish_filter()?;
    let mut page = state.db.read(move |connection| outbox::unsent_page(connection, before, limit + 1)).await?;
    let has_more = split_page(&mut page, limit);
    let next = page.last().filter(|_| has_more).map(|last| format!("{path}?limit={limit}&before={}", last.id));
    Ok((page, next))
}

/// Delivers a message now.
pub(in crate::http) async fn retry(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    let id = paths::second_segment_id(&request).ok_or(ApiError::NotFound)?;
    retry_message(&state, admin, id).await?;
    Ok(HttpResponse::Accepted().json(json!({})))
}

pub(in crate::http) async fn retry_message(state: &AppState, admin: Admin, id: i64) -> Result<(), ApiError> {
    let (now, actor) = (state.clock.now(), admin.actor("mail retry"));
    if !admin.write(&state.db, now, move |tx: &mut Tx<'_>| messages::retry(tx, id, &actor, now)).await? {
        return Err(ApiError::NotFound);
    }
    state.accounts.wake_mail();
    Ok(())
}

/// Deletes a message that has not been sent.
pub(in crate::http) async fn discard(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    discard_message(&state, admin, paths::trailing_id(&request)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn discard_message(state: &AppState, admin: Admin, id: i64) -> Result<(), ApiError> {
    let (now, actor) = (state.clock.now(), admin.actor("mail discard"));
    let existed = admin.write(&state.db, now, move |tx: &mut Tx<'_>| messages::discard(tx, id, &actor, now)).await?;
    if existed { Ok(()) } else { Err(ApiError::NotFound) }
}
