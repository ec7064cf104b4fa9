//! The login page, and the sign-out button.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{
    Next, error_page,
    form_errors::{FormErrors, provider_error},
    localized::filters,
    page, see_other,
};
use crate::{
    base::client::Client,
    config::RegistrationPolicy,
    http::{
        api::{
            login::{sign_in, sign_out},
            oidc::{ProviderLink, links},
        },
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
    /// A success message, as opposed to the error in `notice`.
    success: Option<String>,
    can_register: bool,
    has_mail: bool,
    has_email_sign_in: bool,
    providers: Vec<ProviderLink>,
}

impl LoginPage {
    fn empty(state: &AppState, next: Next) -> Self {
        let can_register = state.config.server.registration == RegistrationPolicy::Open;
        Self {
            providers: links(state, &next),
            next,
            username: String::new(),
            username_error: None,
            password_error: None,
            stay_signed_in: false,
            notice: None,
            success: None,
            can_register,
            has_mail: state.config.mail.is_on(),
            has_email_sign_in: state.config.mail.sign_in,
        }
    }
}

/// Shows the form. A user who is already signed in is redirected to `next`.
pub(in crate::http) async fn show_login(
    state: Data<AppState>,
    request: HttpRequest,
    user: Option<CurrentUser>,
) -> Result<HttpResponse, ApiError> {
    let query = Fields::query(request.query_string());
    let next = Next::parse(query.submitted_text("next"));
    let error = query.submitted_text("error");
    if user.is_some() {
        // Linking an account of a provider has failed.
        if let Some(code) = error.filter(|code| provider_error(&state.site, code).is_some()) {
            return Ok(see_other(&format!("/account?error={code}")));
        }
        let is_verified = query.submitted_text("verified").is_some();
        return Ok(see_other(if is_verified { "/account?verified=on" } else { next.as_str() }));
    }
    let expired = query.submitted_text("expired").map(|_| state.site.texts.get("login-expired"));
    let notice = expired.or_else(|| error.and_then(|error| provider_error(&state.site, error)));
    let successes = [
        ("registered", "login-registered"),
        ("verified", "email-confirmed"),
        ("secured", "login-secured"),
        ("reset", "login-reset"),
    ];
    let success = successes.into_iter().find(|(name, _)| query.submitted_text(name).is_some());
    let success = success.map(|(_, text)| state.site.texts.get(text));
    page(&state.site, &LoginPage { success, notice, ..LoginPage::empty(&state, next) })
}

/// Signs in and redirects to `next`, or shows the form again with the errors.
pub(in crate::http) async fn submit_login(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    body: Result<FormOrJson, ApiError>,
) -> HttpResponse {
    let FormOrJson(fields) = match body {
        Ok(body) => body,
        Err(error) => return show_errors(error, LoginPage::empty(&state, Next::parse(None)), &state),
    };
    let next = Next::parse(fields.submitted_text("next"));
    let form = LoginPage {
        username: fields.submitted_text("username").unwrap_or_default().to_owned(),
        stay_signed_in: fields.submitted_text("stay_signed_in").is_some(),
        ..LoginPage::empty(&state, next.clone())
    };
    match sign_in(&state, &request, client, fields).await {
        Ok(_) => see_other(next.as_str()),
        Err(ApiError::SecondFactorRequired { .. }) => see_other(&next.after("/login/second-factor")),
        Err(error) => show_errors(error, form, &state),
    }
}

fn show_errors(error: ApiError, form: LoginPage, state: &AppState) -> HttpResponse {
    let (status, mut errors) = FormErrors::of(&error, state);
    let page = LoginPage {
        username_error: errors.take("username"),
        password_error: errors.take("password"),
        notice: errors.rest(),
        ..form
    };
    error_page(&state.site, error, status, &page)
}

/// Signs out and redirects to the login page. Programs send DELETE, which a form cannot send.
pub(in crate::http) async fn submit_logout(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
) -> Result<HttpResponse, ApiError> {
    sign_out(&state, &request, &user, client).await?;
    Ok(see_other("/login"))
}
