//! `/stats` and `/stats/posts`

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, Accept, Header, HeaderValue},
    web::Data,
};

use crate::{
    base::clock::Timestamp,
    http::{
        error::ApiError,
        extract::{editor::Editor, fields::Fields},
        navigation::prefers,
        paging::{json_page, link, query_of, split_page},
        state::AppState,
    },
    paywall::{
        content::ContentId,
        statistics::{self, Days, contents::ContentStatistics, parse_day},
    },
};

const DEFAULT_LIMIT: i64 = 20;
const MAX_LIMIT: i64 = 100;

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

/// Lists the posts and pages with reads or refusals in a range of days, newest first, as JSON or CSV.
pub(in crate::http) async fn post_stats(
    state: Data<AppState>,
    request: HttpRequest,
    _: Editor,
) -> Result<HttpResponse, ApiError> {
    let mut query = Fields::query(request.query_string());
    let range = ["from", "to"].map(|name| Some((name, query.submitted_text(name)?.to_owned())));
    let limit = query.number("limit", MAX_LIMIT, DEFAULT_LIMIT);
    let before = query.optional_text("before").and_then(|text| query.check("before", parse_position(&text)));
    let days = days(&mut query, state.clock.now());
    query.finish_filter()?;
    let days = days.ok_or_else(|| ApiError::Internal("an invalid range of days passed validation".to_owned()))?;

    // One more row than the page shows whether there is another page.
    let size = usize::try_from(limit + 1).map_err(ApiError::internal)?;
    let contents = state.contents.find(days).await?;
    let mut rows = state.db.read(move |connection| contents.page(connection, before, size)).await?;
    let has_more = split_page(&mut rows, limit);
    let range: Vec<_> = range.iter().flatten().map(|(name, day)| (*name, day.as_str())).collect();
    let path = query_of("/stats/posts", &range);
    let last = rows.last().filter(|_| has_more);
    let next = last.map(|last| format!("{path}limit={limit}&before={}", last.content.number()));
    let mut response =
        match Accept::parse(&request).is_ok_and(|accept| prefers(&accept, "text/csv", "application/json")) {
            true => csv_page(&rows, next)?,
            false => json_page(rows, next),
        };
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}

/// The position of a row in the list, which the link to the next page contains.
fn parse_position(text: &str) -> Result<ContentId, &'static str> {
    match text.parse() {
        Ok(id) if id > 0 => Ok(ContentId::post(id)),
        Ok(id) if id < 0 && id > i64::MIN => Ok(ContentId::page(-id)),
        _ => Err("must be taken from the link to the next page"),
    }
}

const HEADER: [&str; 8] = ["post_id", "path", "title", "reads", "readers", "refusals", "sign_ups", "subscriptions"];

fn csv_page(rows: &[ContentStatistics], next: Option<String>) -> Result<HttpResponse, ApiError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER).map_err(ApiError::internal)?;
    for row in rows {
        let texts = [
            row.post_id.map(|id| id.to_string()).unwrap_or_default(),
            cell(row.path.as_deref().unwrap_or_default()),
            cell(row.title.as_deref().unwrap_or_default()),
        ];
        let counts = [row.reads, row.readers, row.refusals, row.sign_ups, row.subscriptions].map(|n| n.to_string());
        writer.write_record(texts.iter().chain(&counts)).map_err(ApiError::internal)?;
    }
    let body = writer.into_inner().map_err(ApiError::internal)?;
    let mut response = HttpResponse::Ok();
    if let Some(next) = next {
        response.insert_header((header::LINK, link(&next)));
    }
    Ok(response.content_type(mime::TEXT_CSV_UTF_8).body(body))
}

/// Spreadsheets interpret cells that start with these characters as formulas. A quotation mark before them prevents
/// that (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn cell(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
