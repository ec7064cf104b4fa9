//! `/login`, as a page.

use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{Next, form_errors::FormErrors, page, page_of, see_other};
use crate::{
    client::Client,
    config::Registration,
    http::{
        api::login::sign_in,
        error::ApiError,
        extract::{body::FormOrJson, current_user::CurrentUser, fields::Fields},
        state::AppState,
    },
};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    next: Next,
    username: String,
    username_error: Option<String>,
    password_error: Option<String>,
    stay_signed_in: bool,
    notice: Option<String>,
    /// Something went right: not to be read as a fault.
    news: Option<&'static str>,
    can_register: bool,
}

impl LoginPage {
    fn empty(state: &AppState, next: Next) -> Self {
        let can_register = state.config.server.registration == Registration::Open;
        Self {
            next,
            username: String::new(),
            username_error: None,
            password_error: None,
            stay_signed_in: false,
            notice: None,
            news: None,
            can_register,
        }
    }
}

/// The form; who is signed in already is sent on.
pub(in crate::http) async fn show_login(
    state: Data<AppState>,
    request: HttpRequest,
    user: Option<CurrentUser>,
) -> Result<HttpResponse, ApiError> {
    let query = Fields::query(request.query_string());
    let next = Next::parse(query.submitted_text("next"));
    if user.is_some() {
        return Ok(see_other(next.as_str()));
    }
    let news = query.submitted_text("registered").map(|_| "Your account is there. Sign in to go on.");
    page(&LoginPage { news, ..LoginPage::empty(&state, next) })
}

/// Signs in and goes on to `next`, or shows the form again with the reason.
pub(in crate::http) async fn submit_login(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    session: Session,
    body: Result<FormOrJson, ApiError>,
) -> HttpResponse {
    let FormOrJson(fields) = match body {
        Ok(body) => body,
        Err(error) => return refuse(error, LoginPage::empty(&state, Next::parse(None)), &state),
    };
    let next = Next::parse(fields.submitted_text("next"));
    let typed = LoginPage {
        username: fields.submitted_text("username").unwrap_or_default().to_owned(),
        stay_signed_in: fields.submitted_text("stay_signed_in").is_some(),
        ..LoginPage::empty(&state, next.clone())
    };
    match sign_in(&state, &request, client, &session, fields).await {
        Ok(_) => see_other(next.as_str()),
        Err(error) => refuse(error, typed, &state),
    }
}

fn refuse(error: ApiError, typed: LoginPage, state: &AppState) -> HttpResponse {
    let (status, mut errors) = FormErrors::of(&error, state.config.server.contract);
    let shown = LoginPage {
        username_error: errors.take("username"),
        password_error: errors.take("password"),
        notice: errors.rest(),
        ..typed
    };
    page_of(error, status, &shown)
}
