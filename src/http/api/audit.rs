//! `/audit`: the events of all accounts, for admins.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    accounts::events::{self, EventSearch},
    http::{
        error::ApiError,
        extract::{admin::Admin, fields::Fields},
        paging::{json_page, query_of, split_page},
        state::AppState,
    },
    users::{audit::Event, audit_search::Found},
};

const MAX_EVENTS: i64 = 100;

/// More than any name has.
const MAX_NAME: usize = 254;

/// Lists events, newest first: all, or those that match.
pub(in crate::http) async fn list(
    state: Data<AppState>,
    request: HttpRequest,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let (page, next) = find_events(&state, "/audit", Fields::query(request.query_string())).await?;
    Ok(json_page(page, next))
}

/// Finds the events that a query asks for, and the address of the next page below `path`.
pub(in crate::http) async fn find_events(
    state: &AppState,
    path: &str,
    mut query: Fields,
) -> Result<(Vec<Found>, Option<String>), ApiError> {
    let search = search(&mut query);
    let limit = query.number("limit", MAX_EVENTS, MAX_EVENTS);
    let before = query.optional_number("before", i64::MAX);
    query.finish_filter()?;

    let path = filtered(path, &search);
    let find = move |connection: &mut _| events::page(connection, &search, before, limit + 1);
    let mut page = state.db.read(find).await?;
    let has_more = split_page(&mut page, limit);
    let next = page.last().filter(|_| has_more).map(|last| format!("{path}limit={limit}&before={}", last.id));
    Ok((page, next))
}

fn search(query: &mut Fields) -> EventSearch {
    let since = query.optional_text("since").and_then(|text| query.check("since", text.parse()));
    let until = query.optional_text("until").and_then(|text| query.check("until", text.parse()));
    if since.zip(until).is_some_and(|(since, until)| since > until) {
        query.check::<(), _>("until", Err("must not be before since"));
    }
    let by = query.optional_text("by").and_then(|text| query.check("by", check_name(&text).map(|()| text)));
    let event = query.optional_text("event").and_then(|text| query.check("event", Event::parse(&text)));
    EventSearch { since, until, by, event }
}

fn check_name(text: &str) -> Result<(), &'static str> {
    match text.chars().count() {
        0 => Err("must not be empty"),
        length if length > MAX_NAME || text.chars().any(char::is_control) => Err("must be a name or an id"),
        _ => Ok(()),
    }
}

/// For the link to the next page.
fn filtered(path: &str, EventSearch { since, until, by, event }: &EventSearch) -> String {
    let texts = [
        ("since", since.map(|at| at.to_string())),
        ("until", until.map(|at| at.to_string())),
        ("by", by.clone()),
        ("event", event.map(|event| event.into_str().to_owned())),
    ];
    let given: Vec<_> = texts.iter().filter_map(|(name, text)| Some((*name, text.as_deref()?))).collect();
    query_of(path, &given)
}
