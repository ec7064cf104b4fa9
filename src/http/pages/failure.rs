//! Pages with a single message for errors, among them those of all errors without a page of their own: a browser's window never
//! shows JSON.

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web::Data,
};
use askama::Template;

use super::{Site, error_page, form_errors::FormErrors, localized::filters, render, with_post_headers};
use crate::{
    config::Contract,
    credentials::sessions::Transport,
    http::{context::transport, error::ApiError, navigation, state::AppState},
};

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'p> {
    title: &'p str,
    text: &'p str,
}

/// A page for an error that a form or link of the site led to.
pub(super) fn message(site: &Site, error: ApiError, status: StatusCode, title: &str, text: &str) -> HttpResponse {
    with_post_headers(site, error_page(site, error, status, &MessagePage { title, text }))
}

/// Whether the response to this request is shown in a browser's window, and the server has pages. What sends an API
/// token is a program, whatever it accepts: browsers cannot send one with a navigation.
pub(in crate::http) fn shows_pages(request: &HttpRequest) -> bool {
    let has_pages = request.app_data::<Data<AppState>>().is_some_and(|state| state.config.server.has_pages());
    let has_token = || transport(request) == Transport::Bearer;
    has_pages && navigation::is_navigation(request) && !has_token()
}

/// The same status and headers as [`ApiError::response`], with a page instead of JSON.
pub(in crate::http) fn failure(request: &HttpRequest, error: &ApiError, contract: Contract) -> HttpResponse {
    let response = error.response(contract);
    let Some(state) = request.app_data::<Data<AppState>>() else { return response };
    let page = MessagePage { title: &state.site.texts.get(title(response.status())), text: &text(error, state) };
    match render(&state.site, &page) {
        Ok(html) => {
            let mut response = response.set_body(BoxBody::new(html));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            with_post_headers(&state.site, response)
        }
        Err(error) => {
            tracing::error!(%error, "failed to render the page of an error");
            response
        }
    }
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "failure-not-signed-in",
        StatusCode::FORBIDDEN => "failure-not-allowed",
        StatusCode::NOT_FOUND => "failure-not-found",
        StatusCode::METHOD_NOT_ALLOWED => "failure-not-a-page",
        StatusCode::TOO_MANY_REQUESTS => "failure-too-many-requests",
        StatusCode::SERVICE_UNAVAILABLE => "failure-not-available",
        _ => "failure-other",
    }
}

fn text(error: &ApiError, state: &AppState) -> String {
    let text = match error {
        ApiError::BlogNotFound => "failure-no-post",
        ApiError::NotFound => "failure-no-page",
        ApiError::MethodNotAllowed(_) => "failure-for-programs",
        ApiError::Internal(_) => "failure-internal",
        error => return FormErrors::of(error, state).1.rest().unwrap_or_default(),
    };
    state.site.texts.get(text)
}
