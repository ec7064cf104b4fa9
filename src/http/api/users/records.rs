//! What is recorded of a user: `/users/<id>/audit`, `/export` and `/meter`.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;

use super::user_id;
use crate::{
    db::{DbConnection, DbError, Tx},
    http::{
        api::{
            export::{Exporter, stream},
            meter::MeterBody,
        },
        error::ApiError,
        extract::{admin::Admin, body::Json, fields::Fields},
        paging::{json_page, split_page},
        state::AppState,
    },
    paywall::{self, MeterState},
    users::{self, audit, identity::Identity},
};

const MAX_EVENTS: i64 = 100;

#[derive(Serialize)]
struct EventBody {
    id: i64,
    #[serde(flatten)]
    entry: audit::Entry,
}

/// Lists the security events of a user's account, newest first.
pub(in crate::http) async fn audit(
    state: Data<AppState>,
    request: HttpRequest,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let user_id = user_id(&request)?;
    let path = format!("/users/{user_id}/audit");
    let (events, next) = events_of_user(&state, user_id, &path, Fields::query(request.query_string())).await?;
    Ok(json_page(events.into_iter().map(|(id, entry)| EventBody { id, entry }).collect::<Vec<_>>(), next))
}

/// Finds the events that a query asks for, each with its id, and the address of the next page below `path`.
pub(in crate::http) async fn events_of_user(
    state: &AppState,
    user_id: i64,
    path: &str,
    mut query: Fields,
) -> Result<(Vec<(i64, audit::Entry)>, Option<String>), ApiError> {
    let limit = query.number("limit", MAX_EVENTS, MAX_EVENTS);
    let before = query.number("before", i64::MAX, i64::MAX);
    query.finish_filter()?;

    let find = move |connection: &mut DbConnection| {
        let exists = users::find(connection, user_id)?.is_some();
        Ok::<_, DbError>(exists.then_some(audit::page(connection, user_id, before, limit + 1)?))
    };
    let mut events = state.db.read(find).await?.ok_or(ApiError::NotFound)?;
    let has_more = split_page(&mut events, limit);
    let last = events.last().filter(|_| has_more);
    let next = last.map(|(last, _)| format!("{path}?limit={limit}&before={last}"));
    Ok((events, next))
}

/// Streams everything stored about a user.
pub(in crate::http) async fn export(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    export_user(&state, &request, admin, user_id(&request)?).await
}

pub(in crate::http) async fn export_user(
    state: &AppState,
    request: &HttpRequest,
    admin: Admin,
    user_id: i64,
) -> Result<HttpResponse, ApiError> {
    let user = state.db.read(move |connection: &mut DbConnection| users::find(connection, user_id)).await?;
    let user = Identity::from(user.ok_or(ApiError::NotFound)?);
    stream(state, request, user, Exporter::Admin(admin)).await
}

/// Sets how many reads of this period a user has used; a lower number grants extra reads.
pub(in crate::http) async fn set_meter(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let user_id = user_id(&request)?;
    let Json(mut fields) = body;
    let used = fields.whole_number("used", 0, state.config.meter.limit);
    fields.finish()?;
    let used = used.ok_or_else(ApiError::missing_field)?;
    let (meter, subscribed) = set_used(&state, admin, user_id, used).await?;
    Ok(HttpResponse::Ok().json(MeterBody::new(&meter, subscribed, None)))
}

/// Returns the meter, and whether the user is subscribed.
async fn set_used(state: &AppState, admin: Admin, user_id: i64, used: i64) -> Result<(MeterState, bool), ApiError> {
    let (policy, now, actor) = (state.config.meter, state.clock.now(), admin.actor("meter set"));
    let set = move |tx: &mut Tx<'_>| {
        let Some(meter) = paywall::set_used(tx, &policy, user_id, used, &actor, now)? else { return Ok(None) };
        let subscribed = users::find(tx, user_id)?.is_some_and(|user| user.is_subscribed(now));
        Ok::<_, DbError>(Some((meter, subscribed)))
    };
    admin.write(&state.db, now, set).await?.ok_or(ApiError::NotFound)
}

/// Gives a user `count` more reads in this period.
pub(in crate::http) async fn give_extra_reads(
    state: &AppState,
    admin: Admin,
    user_id: i64,
    count: i64,
) -> Result<(), ApiError> {
    let (policy, now, actor) = (state.config.meter, state.clock.now(), admin.actor("meter give"));
    let give = move |tx: &mut Tx<'_>| paywall::give_reads(tx, &policy, user_id, count, &actor, now);
    admin.write(&state.db, now, give).await?.map(drop).ok_or(ApiError::NotFound)
}
