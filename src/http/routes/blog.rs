//! `/blog`

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use serde::Serialize;

use crate::{
    clock::Timestamp,
    http::{current_user::CurrentUser, error::ApiError, fields::Fields, origin, reads_headers, state::AppState},
    models::posts::{self, Post, PostSummary},
    paywall,
};

const DEFAULT_LIMIT: i64 = 20;
const MOST_LIMIT: i64 = 100;

#[derive(Serialize)]
struct SummaryBody {
    id: i64,
    title: String,
    excerpt: String,
}

#[derive(Serialize)]
struct PostBody {
    id: i64,
    title: String,
    data: String,
    excerpt: String,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

/// The posts, newest first; costs no read.
pub(super) async fn list(
    state: Data<AppState>,
    request: HttpRequest,
    _: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    let mut query = Fields::form(form_urlencoded::parse(request.query_string().as_bytes()));
    let limit = query.number("limit", MOST_LIMIT, DEFAULT_LIMIT);
    let before = query.number("before", i64::MAX, i64::MAX);
    query.finish()?;

    // One more than is shown tells whether there is another page.
    let list = move |connection: &mut _| posts::list_published(connection, before, limit + 1);
    let mut page = state.db.read(list).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = page.len() > shown;
    page.truncate(shown);

    let mut response = HttpResponse::Ok();
    if let (true, Some(last)) = (has_more, page.last()) {
        let next = format!("</blog?limit={limit}&before={}>; rel=\"next\"", last.id);
        response.insert_header((header::LINK, next));
    }
    Ok(response.json(page.into_iter().map(SummaryBody::from).collect::<Vec<_>>()))
}

/// One post, for one read.
pub(super) async fn read(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    if origin::is_no_read(request.headers(), &state.config.server) {
        return Err(ApiError::NotARead);
    }
    let post_id = post_id(&request)?;
    let (policy, user_id, now) = (state.config.meter, user.user_id, state.clock.now());
    let read = move |connection: &mut _| paywall::read_post(connection, &policy, user_id, post_id, now);
    let (post, meter) = state.db.write(read).await?;

    let mut response = HttpResponse::Ok();
    reads_headers::insert(&mut response, &meter);
    Ok(response.json(PostBody::from(post)))
}

/// Whether there is such a post; costs no read.
pub(super) async fn head(
    state: Data<AppState>,
    request: HttpRequest,
    _: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    let post_id = post_id(&request)?;
    let found = state.db.read(move |connection| posts::find_published(connection, post_id)).await?;
    // The framework sends a body's length and leaves the body out: RFC 9110, section 8.6.
    found.map(|post| HttpResponse::Ok().json(PostBody::from(post))).ok_or(ApiError::BlogNotFound)
}

/// What is no id, or is one in another spelling, is no post's id; the router's own parameter is decoded already.
fn post_id(request: &HttpRequest) -> Result<i64, ApiError> {
    let text = request.path().rsplit('/').next().unwrap_or_default();
    text.parse().ok().filter(|id: &i64| *id > 0 && id.to_string() == text).ok_or(ApiError::BlogNotFound)
}

impl From<PostSummary> for SummaryBody {
    fn from(PostSummary { id, title, excerpt }: PostSummary) -> Self {
        Self { id, title, excerpt }
    }
}

impl From<Post> for PostBody {
    fn from(Post { id, title, data, excerpt, created_at, updated_at }: Post) -> Self {
        Self { id, title, data, excerpt, created_at, updated_at }
    }
}
