//! The server's own pages, for browsers, if no single-page app is served. Only passkeys need a
//! script; everything else works without.
//!
//! Askama compiles the templates: values are escaped, and a template that does not match its struct does not compile.

mod account;
mod allowance;
mod confirmation;
mod demo_checkout;
mod discovery;
mod email_link;
mod email_sign_in;
mod failure;
mod forgot_password;
pub(super) mod form_errors;
mod link_identity;
pub(super) mod localized;
mod login;
mod metadata;
pub(super) mod next;
mod paywall;
pub(super) mod policy;
mod post;
mod post_list;
mod register;
mod reset_password;
mod second_factor;
mod second_factor_settings;
mod sign_in_link;
pub(super) mod site;
mod site_file;
mod token_settings;

use std::any::Any;

use actix_web::{
    HttpRequest, HttpResponse,
    guard::{Guard, GuardContext, fn_guard},
    http::{
        StatusCode,
        header::{self, Accept, ContentType, HeaderValue},
    },
};
use askama::Template;

pub use self::site::Site;
pub(super) use self::{
    account::*, demo_checkout::*, discovery::*, email_link::*, email_sign_in::*, failure::*, forgot_password::*,
    login::*, next::Next, post::*, post_list::*, register::*, reset_password::*, second_factor::*,
    second_factor_settings::*, sign_in_link::*, site_file::*, token_settings::*,
};
use self::{
    allowance::Allowance,
    policy::{HAS_PASSKEYS, PASSWORD_SCRIPT, SCRIPT},
};
use super::{
    document::Document,
    error::ApiError,
    extract::current_user::{Caller, Read},
    navigation,
};

/// Matches a browser that requests a page.
pub(super) fn is_navigation() -> impl Guard {
    fn_guard(|context: &GuardContext<'_>| prefers_html(context))
}

/// Matches a form submitted by a browser, as opposed to a program that sends the same fields.
pub(super) fn is_form() -> impl Guard {
    fn_guard(|context: &GuardContext<'_>| prefers_html(context) && is_urlencoded(context))
}

fn prefers_html(context: &GuardContext<'_>) -> bool {
    // This runs for each read of a post. The values that nearly all programs send need no parsing.
    let accept = context.head().headers().get(header::ACCEPT).map(HeaderValue::as_bytes);
    if matches!(accept, None | Some(b"*/*" | b"application/json")) {
        return false;
    }
    context.header::<Accept>().is_some_and(|accept| navigation::prefers_html(&accept))
}

fn is_urlencoded(context: &GuardContext<'_>) -> bool {
    context.header::<ContentType>().is_some_and(|kind| kind.0.essence_str() == "application/x-www-form-urlencoded")
}

fn page(site: &Site, template: &impl Template) -> Result<HttpResponse, ApiError> {
    let html = render(site, template).map_err(ApiError::internal)?;
    let response = HttpResponse::Ok().content_type(ContentType::html()).body(html);
    Ok(document(site).mark(response))
}

/// Renders a page within the layout, which shows the site.
pub(super) fn render(site: &Site, template: &impl Template) -> askama::Result<String> {
    let site: &dyn Any = site;
    template.render_with_values(&("site", site))
}

/// The address of the login page, which returns to this one; `None` if somebody is signed in.
fn sign_in_address(request: &HttpRequest, user: Option<&Caller<Read>>) -> Option<String> {
    if user.is_none() { navigation::login_address(request) } else { None }
}

/// Adds the headers of a page at an address that other clients get JSON from.
fn with_post_headers(site: &Site, mut page: HttpResponse) -> HttpResponse {
    page.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
    Document { policy: site.posts.clone(), is_public: false }.mark(page)
}

fn document(site: &Site) -> Document {
    Document { policy: site.forms.clone(), is_public: false }
}

/// Renders a page with the status of an error, and attaches the error so that its cause is logged.
fn error_page(site: &Site, error: ApiError, status: StatusCode, template: &impl Template) -> HttpResponse {
    match page(site, template) {
        Ok(page) => document(site).mark(with_error(page, error, status)),
        Err(error) => HttpResponse::from_error(error),
    }
}

/// Gives a page the status of an error, and attaches the error.
pub(super) fn with_error(page: HttpResponse, error: ApiError, status: StatusCode) -> HttpResponse {
    let (page, body) = page.into_parts();
    let mut response = HttpResponse::from_error(error).set_body(body);
    *response.status_mut() = status;
    for (name, value) in page.headers() {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    response
}

/// Redirects the browser; it follows with GET, regardless of the method of its request.
pub(super) fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, address)).finish()
}
