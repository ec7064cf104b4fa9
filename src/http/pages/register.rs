//! The registration page.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{Next, error_page, form_errors::FormErrors, localized::filters, page, see_other};
use crate::{
    base::client::Client,
    config::RegistrationPolicy,
    http::{
        api::{
            login::sign_in_registered,
            oidc::{ProviderLink, links},
            register::add_user,
        },
        error::ApiError,
        extract::{body::FormOrJson, current_user::CurrentUser, fields::Fields},
        state::AppState,
    },
};

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    next: Next,
    username: String,
    username_error: Option<String>,
    email: String,
    email_error: Option<String>,
    password_error: Option<String>,
    password_length: usize,
    notice: Option<String>,
    is_open: bool,
    is_email_required: bool,
    providers: Vec<ProviderLink>,
}

impl RegisterPage {
    fn empty(state: &AppState, next: Next) -> Self {
        Self {
            providers: links(state, &next),
            next,
            username: String::new(),
            username_error: None,
            email: String::new(),
            email_error: None,
            password_error: None,
            password_length: state.config.password.min_length,
            notice: None,
            is_email_required: state.config.mail.require_verified,
            is_open: state.config.server.registration == RegistrationPolicy::Open,
        }
    }
}

/// Shows the form. A user who is already signed in is redirected to `next`.
pub(in crate::http) async fn show_register(
    state: Data<AppState>,
    request: HttpRequest,
    user: Option<CurrentUser>,
) -> Result<HttpResponse, ApiError> {
    let query = Fields::query(request.query_string());
    let next = Next::parse(query.submitted_text("next"));
    if user.is_some() {
        return Ok(see_other(next.as_str()));
    }
    let form = RegisterPage::empty(&state, next);
    if !form.is_open {
        return Ok(show_errors(ApiError::RegistrationClosed, form, &state));
    }
    page(&state.site, &form)
}

/// Registers, signs in and redirects to `next`, or shows the form again with the errors.
pub(in crate::http) async fn submit_register(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    body: Result<FormOrJson, ApiError>,
) -> HttpResponse {
    let FormOrJson(fields) = match body {
        Ok(body) => body,
        Err(error) => return show_errors(error, RegisterPage::empty(&state, Next::parse(None)), &state),
    };
    let next = Next::parse(fields.submitted_text("next"));
    let form = RegisterPage {
        username: fields.submitted_text("username").unwrap_or_default().to_owned(),
        email: fields.submitted_text("email").unwrap_or_default().to_owned(),
        ..RegisterPage::empty(&state, next.clone())
    };
    let user = match add_user(&state, client.clone(), fields).await {
        Ok(user) => user,
        Err(error) => return show_errors(error, form, &state),
    };
    match sign_in_registered(&state, &request, client, user.id).await {
        Ok(_) => see_other(next.as_str()),
        // The account exists, so the form must not be shown again: a second try would find the name taken.
        Err(error) => {
            tracing::warn!(%error, "a new user could not be signed in");
            see_other(&format!("{}&registered=on", next.after("/login")))
        }
    }
}

fn show_errors(error: ApiError, form: RegisterPage, state: &AppState) -> HttpResponse {
    let (status, mut errors) = FormErrors::of(&error, state);
    let page = RegisterPage {
        username_error: errors.take("username"),
        email_error: errors.take("email"),
        password_error: errors.take("password"),
        notice: errors.rest(),
        ..form
    };
    error_page(&state.site, error, status, &page)
}
