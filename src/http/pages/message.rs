//! A page with a single message, for example that a post does not exist.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{Site, error_page, localized::filters, with_post_headers};
use crate::http::error::ApiError;

#[derive(Template)]
#[template(path = "message.html")]
pub(super) struct MessagePage<'p> {
    pub(super) title: &'p str,
    pub(super) text: &'p str,
}

pub(super) fn message(site: &Site, error: ApiError, status: StatusCode, title: &str, text: &str) -> HttpResponse {
    with_post_headers(site, error_page(site, error, status, &MessagePage { title, text }))
}
