//! `/meter` and `/reads`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;

use crate::{
    base::clock::Timestamp,
    http::{
        checkout,
        error::ApiError,
        extract::{
            current_user::{Caller, Read as ReadScope, Visitor},
            fields::Fields,
        },
        paging::{json_page, split_page},
        reading,
        state::AppState,
    },
    paywall,
    paywall::{MeterState, reads::ListedRead},
};

const MAX_READS: i64 = 100;

#[derive(Serialize)]
pub(super) struct MeterBody {
    limit: i64,
    used: i64,
    remaining: i64,
    resets_at: Option<Timestamp>,
    subscribed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkout_url: Option<String>,
    /// Only present without a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    anonymous: Option<bool>,
}

#[derive(Serialize)]
struct ReadBody {
    id: i64,
    /// `null` for a page of another application.
    post_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// `null` if the post has been deleted.
    title: Option<String>,
    read_at: Timestamp,
    metered: bool,
}

impl MeterBody {
    pub(super) fn new(meter: &MeterState, subscribed: bool, checkout_url: Option<String>) -> Self {
        let (limit, used, resets_at) = (meter.limit, meter.used, meter.resets_at);
        Self { limit, used, remaining: meter.remaining(), resets_at, subscribed, checkout_url, anonymous: None }
    }
}

/// Returns the state of the user's meter, or without a session of the anonymous reader's.
pub(in crate::http) async fn meter(
    state: Data<AppState>,
    request: HttpRequest,
    Visitor(user): Visitor<ReadScope>,
) -> Result<HttpResponse, ApiError> {
    let (policy, now) = (state.config.meter, state.clock.now());
    let reader = reading::reader(&state, &request, user.as_ref(), now)?;
    let meter = state.db.read(move |connection| paywall::state(connection, &policy, reader, now)).await?;
    let body = match &user {
        Some(user) => MeterBody::new(
            &meter,
            user.is_subscribed(now),
            checkout::first_url(&checkout::links(&state, &request, user)),
        ),
        None => MeterBody { anonymous: Some(true), ..MeterBody::new(&meter, false, None) },
    };
    Ok(HttpResponse::Ok().json(body))
}

/// Lists the user's reads in the current period.
pub(in crate::http) async fn reads(
    state: Data<AppState>,
    request: HttpRequest,
    user: Caller<ReadScope>,
) -> Result<HttpResponse, ApiError> {
    let mut query = Fields::query(request.query_string());
    let limit = query.number("limit", MAX_READS, MAX_READS);
    let before = query.optional_number("before", i64::MAX);
    query.finish()?;

    let (policy, user_id, now) = (state.config.meter, user.user_id, state.clock.now());
    // One more row than the page shows whether there is another page.
    let page = move |connection: &mut _| paywall::reads(connection, &policy, user_id, before, limit + 1, now);
    let mut page = state.db.read(page).await?;
    let has_more = split_page(&mut page, limit);

    let next = page.last().filter(|_| has_more).map(|last| format!("/reads?limit={limit}&before={}", last.read.id));
    Ok(json_page(page.into_iter().map(ReadBody::from).collect::<Vec<_>>(), next))
}

impl From<ListedRead> for ReadBody {
    fn from(listed: ListedRead) -> Self {
        let ListedRead { read, title, path } = listed;
        Self { id: read.id, post_id: read.content.post_id(), path, title, read_at: read.read_at, metered: read.metered }
    }
}
