//! The page that the link in a message about an address leads to.

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
    http::{api::email::verify_email, error::ApiError, extract::body::FormOrJson, state::AppState},
};

#[derive(Template)]
#[template(path = "verify_email.html")]
struct VerifyEmailPage {
    token: String,
    notice: Option<String>,
}

/// Shows a button. The token is not used up: mail scanners open links.
pub(in crate::http) async fn show_verify_email(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (token, notice) =
        token_of_link(&request, &state.site).map_or_else(|notice| (String::new(), Some(notice)), |token| (token, None));
    page(&state.site, &VerifyEmailPage { token, notice })
}

/// Verifies the address and redirects to the login page, which sends those who are signed in to their account.
pub(in crate::http) async fn submit_verify_email(
    state: Data<AppState>,
    client: Client,
    body: Result<FormOrJson, ApiError>,
) -> HttpResponse {
    let (token, outcome) = match body {
        Ok(FormOrJson(fields)) => {
            let token = fields.submitted_text("token").unwrap_or_default().to_owned();
            (token, verify_email(&state, client, fields).await)
        }
        Err(error) => (String::new(), Err(error)),
    };
    let Err(error) = outcome else { return see_other("/login?verified=on") };
    let (status, mut errors) = FormErrors::of(&error, &state);
    let notice = errors.take("email").or_else(|| errors.rest());
    // Offers the button again after a temporary error.
    let token = if matches!(error, ApiError::InvalidToken | ApiError::EmailTaken) { String::new() } else { token };
    error_page(&state.site, error, status, &VerifyEmailPage { token, notice })
}
