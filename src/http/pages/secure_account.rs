//! The page that the link in a notice leads to.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{error_page, form_errors::FormErrors, page, see_other};
use crate::{
    client::Client,
    http::{
        api::email::secure_account,
        error::ApiError,
        extract::{body::FormOrJson, fields::Fields},
        state::AppState,
    },
};

#[derive(Template)]
#[template(path = "secure_account.html")]
struct SecureAccountPage {
    token: String,
    notice: Option<String>,
}

/// Shows a button. The token is not used up: mail scanners open links.
pub(in crate::http) async fn show_secure_account(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let query = Fields::query(request.query_string());
    page(&SecureAccountPage { token: query.submitted_text("token").unwrap_or_default().to_owned(), notice: None })
}

/// Secures the account and redirects to the login page.
pub(in crate::http) async fn submit_secure_account(
    state: Data<AppState>,
    client: Client,
    body: Result<FormOrJson, ApiError>,
) -> HttpResponse {
    let outcome = match body {
        Ok(FormOrJson(fields)) => secure_account(&state, client, fields).await,
        Err(error) => Err(error),
    };
    let Err(error) = outcome else { return see_other("/login?secured=on") };
    let (status, errors) = FormErrors::of(&error, state.config.server.contract);
    let notice = errors.rest();
    error_page(error, status, &SecureAccountPage { token: String::new(), notice })
}
