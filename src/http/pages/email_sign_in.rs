//! The page that asks for an address to mail a link and a code to, and then for the code.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{Next, error_page, form_errors::FormErrors, localized::filters, page, see_other};
use crate::{
    base::client::Client,
    http::{
        api::email_login::{send_message, sign_in},
        error::ApiError,
        extract::{body::FormOrJson, current_user::CurrentUser, fields::Fields},
        state::AppState,
    },
};

#[derive(Template)]
#[template(path = "email_sign_in.html")]
struct EmailSignInPage {
    next: Next,
    email: String,
    stay_signed_in: bool,
    /// Whether the message was sent, so that the form asks for the code.
    is_sent: bool,
    email_error: Option<String>,
    code_error: Option<String>,
    notice: Option<String>,
}

impl EmailSignInPage {
    fn empty(next: Next) -> Self {
        Self {
            next,
            email: String::new(),
            stay_signed_in: false,
            is_sent: false,
            email_error: None,
            code_error: None,
            notice: None,
        }
    }
}

/// Shows the form. A user who is already signed in is redirected to `next`.
pub(in crate::http) async fn show_email_sign_in(
    state: Data<AppState>,
    request: HttpRequest,
    user: Option<CurrentUser>,
) -> Result<HttpResponse, ApiError> {
    let next = Next::parse(Fields::query(request.query_string()).submitted_text("next"));
    if user.is_some() { Ok(see_other(next.as_str())) } else { page(&state.site, &EmailSignInPage::empty(next)) }
}

/// Sends the message and asks for its code, or signs in with the code and redirects to `next`.
pub(in crate::http) async fn submit_email_sign_in(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    body: Result<FormOrJson, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let FormOrJson(fields) = match body {
        Ok(body) => body,
        Err(error) => return Ok(show_errors(error, EmailSignInPage::empty(Next::parse(None)), &state)),
    };
    let form = EmailSignInPage {
        email: fields.submitted_text("email").unwrap_or_default().to_owned(),
        stay_signed_in: fields.submitted_text("stay_signed_in").is_some(),
        is_sent: fields.submitted_text("code").is_some(),
        ..EmailSignInPage::empty(Next::parse(fields.submitted_text("next")))
    };
    if form.is_sent {
        return Ok(match sign_in(&state, &request, client, fields).await {
            Ok(_) => see_other(form.next.as_str()),
            Err(ApiError::SecondFactorRequired { .. }) => see_other(&form.next.after("/login/second-factor")),
            Err(error) => show_errors(error, form, &state),
        });
    }
    match send_message(&state, &request, client, fields).await {
        Ok(_) => page(&state.site, &EmailSignInPage { is_sent: true, ..form }),
        Err(error) => Ok(show_errors(error, form, &state)),
    }
}

fn show_errors(error: ApiError, form: EmailSignInPage, state: &AppState) -> HttpResponse {
    let (status, mut errors) = FormErrors::of(&error, state);
    let page = EmailSignInPage {
        email_error: errors.take("email"),
        code_error: errors.take("code"),
        notice: errors.rest(),
        ..form
    };
    error_page(&state.site, error, status, &page)
}
