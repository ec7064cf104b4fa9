//! The server's own pages, for browsers, if no single-page app is served. Only passkeys need a
//! script; everything else works without.
//!
//! Askama compiles the templates: values are escaped, and a template that does not match its struct does not compile.

mod demo_checkout;
mod forgot_password;
mod form_errors;
mod link;
mod login;
pub(super) mod next;
mod own_factors;
mod own_tokens;
mod register;
mod reset_password;
mod second_factor;
mod secure_account;
mod start;
mod verify_email;

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

pub(super) use self::{
    demo_checkout::*, forgot_password::*, login::*, next::Next, own_factors::*, own_tokens::*, register::*,
    reset_password::*, second_factor::*, secure_account::*, start::*, verify_email::*,
};
use super::{document::Document, error::ApiError, navigation};

/// Inline, so that no further path has to be public. The policy allows it by its digest.
const STYLE: &str = include_str!("../../../templates/style.css");

/// What passkeys need; inline for the same reason.
const SCRIPT: &str = include_str!("../../../templates/passkeys.js");

const HAS_PASSKEYS: bool = cfg!(feature = "passkeys");

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| policy("'self'"));

/// The policy of a page whose forms may lead to these origins, redirects included.
fn policy(form_action: &str) -> HeaderValue {
    let digest = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
    let (style, script) = (digest(STYLE), digest(SCRIPT));
    let scripts = match HAS_PASSKEYS {
        true => format!("script-src 'sha256-{script}'; connect-src 'self'; "),
        false => String::new(),
    };
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; {scripts}img-src data:; form-action {form_action}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}

/// Matches a browser that requests a page.
pub(super) fn is_navigation() -> impl Guard {
    fn_guard(|context: &GuardContext<'_>| prefers_html(context))
}

/// Matches a form submitted by a browser, as opposed to a program that sends the same fields.
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

/// Renders a page with the status of an error, and attaches the error so that its cause is logged.
fn error_page(error: ApiError, status: StatusCode, template: &impl Template) -> HttpResponse {
    let page = match page(template) {
        Ok(page) => page,
        Err(error) => return HttpResponse::from_error(error),
    };
    let (page, body) = page.into_parts();
    let mut response = HttpResponse::from_error(error).set_body(body);
    *response.status_mut() = status;
    for (name, value) in page.headers() {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    document().mark(response)
}

/// Redirects the browser; it follows with GET, regardless of the method of its request.
pub(super) fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, address)).finish()
}
