//! The console at `/admin`: pages on which admins manage users, payments and messages, and editors write posts.
//!
//! Nothing here decides anything: handlers call the same functions as those of the API, and so the same rules hold. Pages
//! work without scripts. A form is sent to the page that it is on; what cannot be undone, or affects many, is on a page of its own that says what will
//! happen.

mod acts;
mod audit;
mod chart;
mod everybody;
mod failure;
mod frame;
mod health;
mod look;
mod outbox;
mod overview;
mod payments;
mod post_form;
mod post_page;
mod posts;
mod settings;
mod sign_in;
mod subscriptions;
mod user;
mod users;

use std::fmt::Display;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_TYPE, ContentType, HeaderValue},
};
use askama::Template;

use self::frame::Frame;
pub use self::look::Look;
pub(super) use self::{
    acts::{confirm_act, submit_act},
    audit::{show_audit, show_user_audit},
    everybody::{confirm_everybody, submit_everybody},
    failure::{failure, shows_pages},
    health::show_health,
    outbox::{list_messages, show_message, submit_message},
    overview::overview,
    payments::{assign_payment, list_payments, show_payment},
    post_page::{edit_post, new_post, submit_new_post, submit_post},
    posts::{confirm_post_deletion, delete_post, list_posts},
    settings::show_settings,
    sign_in::{show_sign_in, submit_sign_in},
    subscriptions::list_subscriptions,
    user::{export_user, show_user, submit_user},
    users::list_users,
};
use super::{
    document::Document,
    error::ApiError,
    extract::fields::Fields,
    pages::{Next, form_errors::FormErrors, localized::filters, render, see_other, with_error},
    state::AppState,
};

fn page(state: &AppState, template: &impl Template) -> Result<HttpResponse, ApiError> {
    let html = render(&state.site, template).map_err(ApiError::internal)?;
    Ok(document(state).mark(HttpResponse::Ok().content_type(ContentType::html()).body(html)))
}

/// A page with what was found, or with nothing and the error of a filter.
fn list<L: Default, P: Template>(
    state: &AppState,
    found: Result<L, ApiError>,
    shown: impl FnOnce(L, Option<String>) -> P,
) -> Result<HttpResponse, ApiError> {
    match found {
        Ok(found) => page(state, &shown(found, None)),
        Err(error @ ApiError::InvalidFields(_)) => {
            let text = FormErrors::of(&error, state).1.rest();
            refused(state, error, &shown(L::default(), text))
        }
        Err(error) => Err(error),
    }
}

/// A page that shows why its form was refused, with the status of the error.
fn refused(state: &AppState, error: ApiError, template: &impl Template) -> Result<HttpResponse, ApiError> {
    let status = error.parts(state.config.server.contract).0;
    Ok(document(state).mark(with_error(page(state, template)?, error, status)))
}

fn document(state: &AppState) -> Document {
    Document { policy: state.console.policy.clone(), is_public: false }
}

fn html_type() -> (actix_web::http::header::HeaderName, HeaderValue) {
    (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))
}

/// Leads to a page that says what has been done.
fn done(path: &str, code: &'static str) -> HttpResponse {
    see_other(&format!("{path}?done={code}"))
}

/// Leads to the page on which users sign in again, and from there back to this one.
fn sign_in_again(request: &HttpRequest) -> HttpResponse {
    let here = request.uri().path_and_query().map(|here| here.as_str());
    see_other(&Next::parse(here).after("/admin/sign-in"))
}

/// The fields of a query as a form sends them: those left blank are no filters. `done` is no filter at all.
fn filters_of(request: &HttpRequest) -> Fields {
    let mut fields = Fields::form(form_urlencoded::parse(request.query_string().as_bytes()));
    fields.optional_text("done");
    fields
}

/// For how many days numbers are shown. The first is what a page begins with.
const SPANS: [i64; 3] = [30, 7, 90];

/// The number of days that the query asks for.
fn span(query: &mut Fields) -> i64 {
    let given = query.optional_text("days").and_then(|text| text.parse().ok());
    given.filter(|days| SPANS.contains(days)).unwrap_or(SPANS[0])
}

/// The minute in UTC, because the time zone of the reader is not known without scripts.
fn moment(time: impl Display) -> String {
    let text = time.to_string();
    text.get(..16).map_or_else(|| text.clone(), |minute| minute.replace('T', " "))
}
