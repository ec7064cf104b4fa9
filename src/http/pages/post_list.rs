//! The list of posts.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use askama::Template;

use super::{Allowance, failure::message, localized::filters, page, sign_in_address, with_post_headers};
use crate::{
    base::clock::Timestamp,
    http::{
        error::ApiError,
        extract::current_user::{Read, Visitor},
        paging::{PostList, find_list},
        paths,
        state::AppState,
    },
    paywall::posts::{PostSummary, access::Access},
};

#[derive(Template)]
#[template(path = "post_list.html")]
struct PostListPage<'p> {
    /// Empty if it is not known; addresses are relative then.
    origin: &'p str,
    is_front: bool,
    list: PostList,
    /// Whether addresses have the title.
    has_slugs: bool,
    now: Timestamp,
    /// The address of the login page, if nobody is signed in.
    sign_in: Option<String>,
    allowance: Allowance,
}

impl PostListPage<'_> {
    fn address(&self, post: &PostSummary) -> String {
        paths::post_page(post.id, if self.has_slugs { &post.slug } else { "" })
    }
}

/// Shows a page of the list. Costs no read.
pub(in crate::http) async fn show_posts(
    state: Data<AppState>,
    request: HttpRequest,
    Visitor(user): Visitor<Read>,
) -> Result<HttpResponse, ApiError> {
    let is_editor = user.as_ref().is_some_and(|user| user.credential().is_editor());
    let mut list = match find_list(&state, &request, is_editor).await {
        Ok(list) => list,
        Err(error @ ApiError::InvalidFields(_)) => {
            let [title, text] = ["posts", "list-missing"].map(|id| state.site.texts.get(id));
            return Ok(message(&state.site, error, StatusCode::UNPROCESSABLE_ENTITY, &title, &text));
        }
        Err(error) => return Err(error),
    };
    // The front page and the first page of the list are the same, and search engines should show the former.
    if list.path == "/blog" && (request.path() == "/" || state.config.meter.has_public_excerpts) {
        list.path = "/".to_owned();
    }
    page(
        &state.site,
        &PostListPage {
            origin: state.config.server.public_origin.as_deref().unwrap_or_default(),
            is_front: list.path == "/",
            list,
            has_slugs: state.config.meter.has_public_excerpts,
            now: state.clock.now(),
            sign_in: sign_in_address(&request, user.as_ref()),
            allowance: Allowance::find(&state, &request, user.as_ref()).await?,
        },
    )
    .map(|page| with_post_headers(&state.site, page))
}
