//! The page that the link in a message about a forgotten password leads to.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{
    error_page,
    form_errors::{FormErrors, token_of_link},
    localized::filters,
    page, see_other,
};
use crate::{
    base::client::Client,
    http::{api::email::reset_password, error::ApiError, extract::body::FormOrJson, state::AppState},
};

#[derive(Template)]
#[template(path = "reset_password.html")]
struct ResetPasswordPage {
    token: String,
    password_error: Option<String>,
    password_length: usize,
    notice: Option<String>,
    /// Whether the link may still be valid.
    is_usable: bool,
}

impl ResetPasswordPage {
    fn new(state: &AppState, token: Option<&str>) -> Self {
        let (token, password_length) = (token.unwrap_or_default().to_owned(), state.config.password.min_length);
        Self { token, password_error: None, password_length, notice: None, is_usable: true }
    }
}

/// Shows the form. The token is not even looked up: mail scanners open links.
pub(in crate::http) async fn show_reset_password(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let form = match token_of_link(&request, &state.site) {
        Ok(token) => ResetPasswordPage::new(&state, Some(&token)),
        Err(notice) => {
            ResetPasswordPage { is_usable: false, notice: Some(notice), ..ResetPasswordPage::new(&state, None) }
        }
    };
    page(&state.site, &form)
}

/// Sets the password and redirects to the login page, or shows the form again with the errors.
pub(in crate::http) async fn submit_reset_password(
    state: Data<AppState>,
    client: Client,
    body: Result<FormOrJson, ApiError>,
) -> HttpResponse {
    let (form, outcome) = match body {
        Ok(FormOrJson(fields)) => {
            let form = ResetPasswordPage::new(&state, fields.submitted_text("token"));
            (form, reset_password(&state, client, fields).await)
        }
        Err(error) => (ResetPasswordPage::new(&state, None), Err(error)),
    };
    let Err(error) = outcome else { return see_other("/login?reset=on") };
    let (status, mut errors) = FormErrors::of(&error, &state);
    let form = ResetPasswordPage {
        is_usable: !matches!(error, ApiError::InvalidToken),
        password_error: errors.take("new_password"),
        notice: errors.rest(),
        ..form
    };
    error_page(&state.site, error, status, &form)
}
