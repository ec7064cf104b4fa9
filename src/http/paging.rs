//! Lists in pages, and the list of posts.

use actix_web::{HttpRequest, HttpResponse, http::header};
use serde::Serialize;

use super::{error::ApiError, extract::fields::Fields, state::AppState};
use crate::paywall::posts::{self, Audience, PostSummary};

/// Truncates `rows` to `limit`, for a query that has asked for one more. Returns whether there is another page.
pub(super) fn split_page<T>(rows: &mut Vec<T>, limit: i64) -> bool {
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > size;
    rows.truncate(size);
    has_more
}

/// A page of a list. `next` is the path and query of the next page.
pub(super) fn json_page(rows: impl Serialize, next: Option<String>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(next) = next {
        response.insert_header((header::LINK, link(&next)));
    }
    response.json(rows)
}

pub(super) fn link(next: &str) -> String {
    format!("<{next}>; rel=\"next\"")
}

/// A path with a query, to which other parameters can be appended.
pub(super) fn query_of(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let query = query.extend_pairs(parameters).finish();
    let separator = if query.is_empty() { "" } else { "&" };
    format!("{path}?{query}{separator}")
}

const DEFAULT_LIMIT: i64 = 20;
const MAX_LIMIT: i64 = 100;

pub(super) struct PostList {
    pub(super) posts: Vec<PostSummary>,
    /// The path and query of this page, without parameters that make no difference.
    pub(super) path: String,
    /// The path and query of the next page.
    pub(super) next: Option<String>,
}

/// Finds the posts that the request's query asks for, newest first. Editors also see drafts and scheduled posts.
pub(super) async fn find_list(state: &AppState, request: &HttpRequest, is_editor: bool) -> Result<PostList, ApiError> {
    let mut query = Fields::query(request.query_string());
    let limit = query.number("limit", MAX_LIMIT, DEFAULT_LIMIT);
    let before = query.optional_number("before", i64::MAX);
    query.finish()?;

    // One more row than the page shows whether there is another page.
    let audience = if is_editor { Audience::Editors } else { Audience::Readers(state.clock.now()) };
    let list = move |connection: &mut _| posts::list(connection, audience, before, limit + 1);
    let mut posts = state.db.read(list).await?;
    let has_more = split_page(&mut posts, limit);

    let after = |id| format!("/blog?limit={limit}&before={id}");
    let path = before.map_or_else(|| "/blog".to_owned(), after);
    let next = posts.last().filter(|_| has_more).map(|last| after(last.id));
    Ok(PostList { posts, path, next })
}
