//! `/stats`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;
use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    http::{current_user::Admin, error::ApiError, fields::Fields, state::AppState},
    paywall::statistics::{self, Day},
};

const DATE: &[BorrowedFormatItem<'static>] = format_description!("[year]-[month]-[day]");

/// Days that are shown where no range is given.
const DEFAULT_DAYS: i64 = 30;
/// Days of a range at most: two years, as a chart compares them.
const MOST_DAYS: i64 = 732;

/// 1970-01-01, as Julian days count.
const EPOCH: i32 = 2_440_588;

#[derive(Serialize)]
struct DayBody {
    day: String,
    reads: i64,
    refusals: i64,
    readers: i64,
    conversions: i64,
}

/// What was read, refused and paid for on each day of a range.
pub(super) async fn stats(state: Data<AppState>, request: HttpRequest, _: Admin) -> Result<HttpResponse, ApiError> {
    let mut query = Fields::query(request.query_string());
    let today = state.clock.now().day();
    let to = query.optional_text("to").and_then(|text| query.check("to", day(&text)));
    let to = to.unwrap_or(today);
    let from = query.optional_text("from").and_then(|text| query.check("from", day(&text)));
    let from = from.unwrap_or(to - DEFAULT_DAYS + 1);
    if query.is_right() && !(from <= to && to - from < MOST_DAYS) {
        query.check("from", Err::<(), _>("must be within 732 days before `to`"));
    }
    query.finish()?;

    let days = state.db.read(move |connection| statistics::days(connection, from, to)).await?;
    let bodies: Option<Vec<_>> = days.into_iter().map(|(day, counts)| DayBody::new(day, counts)).collect();
    let bodies = bodies.ok_or_else(|| ApiError::Internal("a day is none".to_owned()))?;
    Ok(HttpResponse::Ok().json(bodies))
}

fn day(text: &str) -> Result<i64, &'static str> {
    // The parser takes a sign, which RFC 3339 does not know.
    let date = Date::parse(text, DATE).ok().filter(|_| text.starts_with(|first: char| first.is_ascii_digit()));
    let day = date.map(|date| i64::from(date.to_julian_day() - EPOCH)).filter(|day| *day >= 0);
    day.ok_or("must be a day such as 2026-11-21")
}

impl DayBody {
    fn new(day: i64, counts: Day) -> Option<Self> {
        let date = Date::from_julian_day(i32::try_from(day).ok()?.checked_add(EPOCH)?).ok()?;
        let Day { reads, refusals, readers, conversions } = counts;
        Some(Self { day: date.format(DATE).ok()?, reads, refusals, readers, conversions })
    }
}
