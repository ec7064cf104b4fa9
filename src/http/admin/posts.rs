//! The list of posts, with drafts and scheduled ones and what each has brought, and the deletion of one.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{Frame, SPANS, done, filters, filters_of, page, span};
use crate::{
    base::clock::Timestamp,
    db::DbConnection,
    http::{
        api::publish,
        error::ApiError,
        extract::{current_user::CurrentUser, editor::Editor},
        paging::{query_of, split_page},
        paths::{CONSOLE_POSTS, console_id},
        state::AppState,
    },
    paywall::{
        posts::{self, Audience, PostSummary},
        statistics::{
            Days,
            contents::{Contents, Number},
        },
    },
};

const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "admin/posts.html")]
struct PostsPage<'p> {
    frame: Frame<'p>,
    now: Timestamp,
    span: i64,
    sort: &'static str,
    /// `None` if the numbers could not be found in time.
    contents: Option<Arc<Contents>>,
    posts: Vec<PostSummary>,
    next: Option<String>,
}

/// What the list can be sorted by. The message is `console-sort-` and this. The first is what the page begins with.
const SORTS: [(&str, Option<Number>); 6] = [
    ("date", None),
    ("reads", Some(Number::Reads)),
    ("readers", Some(Number::Readers)),
    ("refusals", Some(Number::Refusals)),
    ("sign-ups", Some(Number::SignUps)),
    ("subscriptions", Some(Number::Subscriptions)),
];

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

    fn is_sorted_by(&self, name: &str) -> bool {
        self.sort == name
    }

    /// The numbers of a post, in the order of the columns.
    fn numbers(&self, post: &PostSummary) -> impl Iterator<Item = (&'static str, i64)> {
        let counted = self.contents.as_ref().map(|contents| contents.of_post(post.id));
        SORTS.into_iter().filter_map(move |(name, number)| Some((name, counted?.number(number?))))
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
    let span = span(&mut query);
    let sort = query.optional_text("sort");
    let before = query.optional_number("before", i64::MAX);
    query.finish_filter()?;
    let (sort, number) = SORTS.into_iter().find(|(name, _)| Some(*name) == sort.as_deref()).unwrap_or(SORTS[0]);
    let now = state.clock.now();
    let days = Days::new(Some(now.day() - span + 1), None, now).map_err(ApiError::internal)?;
    let contents = match (state.contents.find(days).await, number) {
        (Ok(contents), _) => Some(contents),
        // Posts can be written all the same.
        (Err(error), None) => {
            tracing::warn!(%error, "failed to find the statistics by post");
            None
        }
        (Err(error), Some(_)) => return Err(error.into()),
    };
    let ranking = contents.clone().zip(number);
    let list = move |connection: &mut DbConnection| match ranking {
        None => posts::list(connection, Audience::Editors, before, PAGE + 1),
        Some((contents, number)) => posts::summaries(connection, &contents.top_posts(number, before, PAGE + 1)),
    };
    let mut found = state.db.read(list).await?;
    let has_more = split_page(&mut found, PAGE);
    let path = query_of(CONSOLE_POSTS, &[("days", &span.to_string()), ("sort", sort)]);
    let next = found.last().filter(|_| has_more).map(|last| format!("{path}before={}", last.id));
    let frame = Frame::new(&state, &request, &user, "posts");
    page(&state, &PostsPage { frame, now, span, sort, contents, posts: found, next })
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
