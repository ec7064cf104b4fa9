//! The page for a forgotten password.

use actix_web::{HttpResponse, web::Data};
use askama::Template;

use super::{error_page, form_errors::FormErrors, localized::filters, page};
use crate::{
    base::client::Client,
    http::{api::email::forgot_password, error::ApiError, extract::body::FormOrJson, state::AppState},
};

#[derive(Default, Template)]
#[template(path = "forgot_password.html")]
struct ForgotPasswordPage {
    email: String,
    email_error: Option<String>,
    notice: Option<String>,
    is_sent: bool,
}

pub(in crate::http) async fn show_forgot_password(state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    page(&state.site, &ForgotPasswordPage::default())
}

/// Requests the link. The page says the same for any address.
pub(in crate::http) async fn submit_forgot_password(
    state: Data<AppState>,
    client: Client,
    body: Result<FormOrJson, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let mut form = ForgotPasswordPage::default();
    let outcome = match body {
        Ok(FormOrJson(fields)) => {
            form.email = fields.submitted_text("email").unwrap_or_default().to_owned();
            forgot_password(&state, client, fields).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => page(&state.site, &ForgotPasswordPage { is_sent: true, ..form }),
        Err(error) => {
            let (status, mut errors) = FormErrors::of(&error, &state);
            let form = ForgotPasswordPage { email_error: errors.take("email"), notice: errors.rest(), ..form };
            Ok(error_page(&state.site, error, status, &form))
        }
    }
}
