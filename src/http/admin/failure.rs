//! What the console says instead of a page that cannot be shown.

use actix_web::{
    HttpRequest, HttpResponse, body::BoxBody, http::StatusCode, http::header::Accept, http::header::Header, web::Data,
};
use askama::Template;

use super::{document, filters, html_type, render};
use crate::{
    config::Contract,
    credentials::sessions::Transport,
    http::{
        context::transport,
        error::ApiError,
        navigation,
        pages::{Site, form_errors::FormErrors},
        paths,
        state::AppState,
    },
};

#[derive(Template)]
#[template(path = "admin/failure.html")]
struct FailurePage<'p> {
    site: &'p Site,
    style: &'p str,
    /// The message of the title.
    title: &'static str,
    /// A message, or else a text.
    message: Option<&'static str>,
    text: String,
}

/// Whether a browser shows the response to this request in its window, also where a single-page app is served.
pub(in crate::http) fn shows_pages(request: &HttpRequest) -> bool {
    let is_program = || transport(request) == Transport::Bearer;
    let prefers_html = || Accept::parse(request).is_ok_and(|accept| navigation::prefers_html(&accept));
    paths::is_console(request.path()) && prefers_html() && !is_program()
}

/// The same status and headers as [`ApiError::response`], with a page instead of JSON.
pub(in crate::http) fn failure(request: &HttpRequest, error: &ApiError, contract: Contract) -> HttpResponse {
    let response = error.response(contract);
    let Some(state) = request.app_data::<Data<AppState>>() else { return response };
    let (title, message) = texts(error, response.status());
    let text = FormErrors::of(error, state).1.rest().unwrap_or_default();
    let page = FailurePage { site: &state.site, style: &state.console.style, title, message, text };
    match render(&state.site, &page) {
        Ok(html) => {
            let mut response = response.set_body(BoxBody::new(html));
            let (name, value) = html_type();
            response.headers_mut().insert(name, value);
            document(state).mark(response)
        }
        Err(error) => {
            tracing::error!(%error, "failed to render the page of an error");
            response
        }
    }
}

fn texts(error: &ApiError, status: StatusCode) -> (&'static str, Option<&'static str>) {
    match error {
        ApiError::Forbidden(_) => ("console-forbidden", Some("console-forbidden-text")),
        ApiError::NotFound | ApiError::BlogNotFound => ("console-not-found", Some("console-not-found-text")),
        ApiError::CrossOrigin => ("console-cross-origin", Some("console-cross-origin-text")),
        _ if status.is_server_error() => ("console-failed", Some("console-failed-text")),
        _ => ("console-refused", None),
    }
}
