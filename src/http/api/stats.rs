//! `/stats`

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    base::clock::Timestamp,
    http::{
        error::ApiError,
        extract::{editor::Editor, fields::Fields},
        state::AppState,
    },
    paywall::statistics::{self, Days, parse_day},
};

/// Returns daily statistics for a range of days: reads, refusals and new subscriptions.
pub(in crate::http) async fn stats(
    state: Data<AppState>,
    request: HttpRequest,
    _: Editor,
) -> Result<HttpResponse, ApiError> {
    let mut query = Fields::query(request.query_string());
    let days = days(&mut query, state.clock.now());
    query.finish()?;
    let days = days.ok_or_else(|| ApiError::Internal("an invalid range of days passed validation".to_owned()))?;
    let days = state.db.read(move |connection| statistics::days(connection, days)).await?;
    Ok(HttpResponse::Ok().json(days))
}

/// The range of days that the query asks for.
pub(super) fn days(query: &mut Fields, now: Timestamp) -> Option<Days> {
    let to = query.optional_text("to").and_then(|text| query.check("to", parse_day(&text)));
    let from = query.optional_text("from").and_then(|text| query.check("from", parse_day(&text)));
    let days = query.is_valid().then(|| Days::new(from, to, now));
    days.and_then(|days| query.check("from", days))
}
