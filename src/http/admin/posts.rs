//! The list of posts, with drafts and scheduled ones, and the deletion of one.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{Frame, done, filters, filters_of, page};
use crate::{
    base::clock::Timestamp,
    db::DbConnection,
    http::{
        api::publish,
        error::ApiError,
        extract::{current_user::CurrentUser, editor::Editor},
        paging::split_page,
        paths::{CONSOLE_POSTS, console_id},
        state::AppState,
    },
    paywall::posts::{self, Audience, PostSummary},
};

const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "admin/posts.html")]
struct PostsPage<'p> {
    frame: Frame<'p>,
    now: Timestamp,
    posts: Vec<PostSummary>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/delete_post.html")]
struct DeletePostPage<'p> {
    frame: Frame<'p>,
    id: i64,
    title: String,
}

impl PostsPage<'_> {
    fn state(&self, post: &PostSummary) -> &'static str {
        state_of(post.published, post.is_visible(self.now))
    }
}

/// Where a post is between being written and being read. The message is `console-state-` and this.
pub(super) fn state_of(published: bool, is_visible: bool) -> &'static str {
    match (published, is_visible) {
        (false, _) => "draft",
        (true, false) => "scheduled",
        (true, true) => "published",
    }
}

pub(in crate::http) async fn list_posts(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Editor,
) -> Result<HttpResponse, ApiError> {
    let mut query = filters_of(&request);
    let before = query.optional_number("before", i64::MAX);
    query.finish_filter()?;
    let list = move |connection: &mut DbConnection| posts::list(connection, Audience::Editors, before, PAGE + 1);
    let mut found = state.db.read(list).await?;
    let has_more = split_page(&mut found, PAGE);
    let next = found.last().filter(|_| has_more).map(|last| format!("{CONSOLE_POSTS}?before={}", last.id));
    let (frame, now) = (Frame::new(&state, &request, &user, "posts"), state.clock.now());
    page(&state, &PostsPage { frame, now, posts: found, next })
}

pub(in crate::http) async fn confirm_post_deletion(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Editor,
) -> Result<HttpResponse, ApiError> {
    let id = console_id(&request)?;
    let found = state.db.read(move |connection: &mut DbConnection| posts::find(connection, id)).await?;
    let title = found.ok_or(ApiError::BlogNotFound)?.title;
    page(&state, &DeletePostPage { frame: Frame::new(&state, &request, &user, "posts"), id, title })
}

pub(in crate::http) async fn delete_post(
    state: Data<AppState>,
    request: HttpRequest,
    _: CurrentUser,
    editor: Editor,
) -> Result<HttpResponse, ApiError> {
    publish::delete_post(&state, editor, console_id(&request)?).await?;
    Ok(done(CONSOLE_POSTS, "post-deleted"))
}
