//! `/stats`

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    http::{
        error::ApiError,
        extract::{current_user::Admin, fields::Fields},
        state::AppState,
    },
    metering::statistics::{self, Days, parse_day},
};

/// What was read, refused and paid for on each day of a range.
pub(super) async fn stats(state: Data<AppState>, request: HttpRequest, _: Admin) -> Result<HttpResponse, ApiError> {
    let mut query = Fields::query(request.query_string());
    let to = query.optional_text("to").and_then(|text| query.check("to", parse_day(&text)));
    let from = query.optional_text("from").and_then(|text| query.check("from", parse_day(&text)));
    let days = query.is_right().then(|| Days::new(from, to, state.clock.now()));
    let days = days.and_then(|days| query.check("from", days));
    query.finish()?;
    let days = days.ok_or_else(|| ApiError::Internal("a range that is wrong passed".to_owned()))?;
    let days = state.db.read(move |connection| statistics::days(connection, days)).await?;
    Ok(HttpResponse::Ok().json(days))
}
