//! `GET /users`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;

use crate::{
    accounts::user_search::{self, NewestPage, Search},
    http::{
        api::user::UserBody,
        error::ApiError,
        extract::{admin::Admin, fields::Fields},
        paging::{json_page, query_of},
        state::AppState,
    },
    users::{Role, User},
};

const DEFAULT_LIMIT: i64 = 20;
const MAX_LIMIT: i64 = 100;

/// More than any name or address has.
const MAX_QUERY: usize = 254;

#[derive(Serialize)]
struct ListedUser {
    #[serde(flatten)]
    user: UserBody<'static>,
    is_active: bool,
}

/// Lists users, newest first: all, or those that match.
pub(in crate::http) async fn list(
    state: Data<AppState>,
    request: HttpRequest,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let (users, next) = find_users(&state, "/users", Fields::query(request.query_string())).await?;
    Ok(json_page(users.into_iter().map(ListedUser::from).collect::<Vec<_>>(), next))
}

/// Finds the users that a query asks for, and the address of the next page below `path`.
pub(in crate::http) async fn find_users(
    state: &AppState,
    path: &str,
    mut query: Fields,
) -> Result<(Vec<User>, Option<String>), ApiError> {
    let search = search(&mut query);
    let limit = query.number("limit", MAX_LIMIT, DEFAULT_LIMIT);
    let before = query.number("before", i64::MAX, i64::MAX);
    query.finish_filter()?;

    let path = query_of(path, &filters(&search));
    let find = move |connection: &mut _| user_search::newest_first(connection, &search, before, limit);
    let NewestPage { users, next } = state.db.read(find).await?;
    Ok((users, next.map(|next| format!("{path}limit={limit}&before={next}"))))
}

fn search(query: &mut Fields) -> Search {
    let prefix = query.optional_text("query").and_then(|text| query.check("query", check_prefix(&text).map(|()| text)));
    let role = query.optional_text("role").and_then(|text| query.check("role", Role::parse(&text)));
    let is_active = query.optional_text("status").and_then(|text| query.check("status", parse_status(&text)));
    Search { prefix, role, is_active }
}

fn check_prefix(text: &str) -> Result<(), String> {
    match text.chars().count() {
        0 => Err("must not be empty".to_owned()),
        length if length > MAX_QUERY => Err(format!("must have at most {MAX_QUERY} characters")),
        _ if text.chars().any(char::is_control) => Err("must not contain control characters".to_owned()),
        _ => Ok(()),
    }
}

fn parse_status(text: &str) -> Result<bool, &'static str> {
    match text {
        "active" => Ok(true),
        "disabled" => Ok(false),
        _ => Err("must be active or disabled"),
    }
}

/// As in the query, for the link to the next page.
fn filters(search: &Search) -> Vec<(&'static str, &str)> {
    let status = search.is_active.map(|is_active| if is_active { "active" } else { "disabled" });
    let filters =
        [("query", search.prefix.as_deref()), ("role", search.role.as_ref().map(Role::into_str)), ("status", status)];
    filters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

impl From<User> for ListedUser {
    fn from(user: User) -> Self {
        Self { is_active: user.is_active, user: user.into() }
    }
}
