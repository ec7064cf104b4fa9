//! The server's own pages, for a browser where no single-page app is served. They work without scripts.
//!
//! Askama compiles the templates: what is put into one is escaped, and one that does not fit its struct does not build.

mod form_errors;
mod login;
mod next;
mod register;
mod start;

use std::sync::LazyLock;

use actix_web::{
    HttpResponse,
    guard::{Guard, GuardContext, fn_guard},
    http::{
        StatusCode,
        header::{self, Accept, ContentType, HeaderValue},
    },
};
use askama::Template;
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

pub(super) use self::{login::*, next::Next, register::*, start::*};
use super::{document::Document, error::ApiError, navigation};

/// In the page itself, so that no address has to be open for it. Its digest is what the policy lets pass.
const STYLE: &str = include_str!("../../../templates/style.css");

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let digest = BASE64_STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
});

/// A browser that wants to see a page.
pub(super) fn is_navigation() -> impl Guard {
    fn_guard(|context: &GuardContext<'_>| prefers_html(context))
}

/// A page's form that a browser sends, rather than a program that sends the same fields.
pub(super) fn is_form() -> impl Guard {
    fn_guard(|context: &GuardContext<'_>| prefers_html(context) && is_urlencoded(context))
}

fn prefers_html(context: &GuardContext<'_>) -> bool {
    context.header::<Accept>().is_some_and(|accept| navigation::prefers_html(&accept))
}

fn is_urlencoded(context: &GuardContext<'_>) -> bool {
    context.header::<ContentType>().is_some_and(|kind| kind.0.essence_str() == "application/x-www-form-urlencoded")
}

fn page(template: &impl Template) -> Result<HttpResponse, ApiError> {
    let html = template.render().map_err(|error| ApiError::Internal(error.to_string()))?;
    let response = HttpResponse::Ok().content_type(ContentType::html()).body(html);
    Ok(document().mark(response))
}

fn document() -> Document {
    Document { policy: POLICY.clone(), is_public: false }
}

/// The same with an error's status, and with its cause for the log.
fn page_of(error: ApiError, status: StatusCode, template: &impl Template) -> HttpResponse {
    let page = match page(template) {
        Ok(page) => page,
        Err(error) => return HttpResponse::from_error(error),
    };
    let (shown, body) = page.into_parts();
    let mut response = HttpResponse::from_error(error).set_body(body);
    *response.status_mut() = status;
    for (name, value) in shown.headers() {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    document().mark(response)
}

/// Sends the browser on, by GET whatever it sent.
pub(super) fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, address)).finish()
}
