//! The pages of links in email that a button confirms.

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
    http::{
        api::email::{secure_account, verify_email},
        error::ApiError,
        extract::{body::FormOrJson, fields::Fields},
        state::AppState,
    },
};

/// What the link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    VerifyEmail,
    /// The link "This wasn't me" in a notice.
    SecureAccount,
}

#[derive(Template)]
#[template(path = "email_link.html")]
struct EmailLinkPage {
    purpose: Purpose,
    token: String,
    notice: Option<String>,
}

impl Purpose {
    /// What the names of its texts begin with.
    fn text_prefix(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify",
            Self::SecureAccount => "secure",
        }
    }

    /// Where the button leads: the same page without its query, which contains the token.
    fn path(self) -> &'static str {
        match self {
            Self::VerifyEmail => "/verify-email",
            Self::SecureAccount => "/secure-account",
        }
    }

    async fn fulfil(self, state: &AppState, client: Client, fields: Fields) -> Result<HttpResponse, ApiError> {
        match self {
            Self::VerifyEmail => verify_email(state, client, fields).await?,
            Self::SecureAccount => secure_account(state, client, fields).await?,
        }
        Ok(see_other(match self {
            // The login page sends those who are signed in to their account.
            Self::VerifyEmail => "/login?verified=on",
            Self::SecureAccount => "/login?secured=on",
        }))
    }
}

/// Shows a button. The token is not used up: mail scanners open links.
fn show(state: &AppState, request: &HttpRequest, purpose: Purpose) -> Result<HttpResponse, ApiError> {
    let (token, notice) =
        token_of_link(request, &state.site).map_or_else(|notice| (String::new(), Some(notice)), |token| (token, None));
    page(&state.site, &EmailLinkPage { purpose, token, notice })
}

async fn submit(
    state: &AppState,
    client: Client,
    body: Result<FormOrJson, ApiError>,
    purpose: Purpose,
) -> HttpResponse {
    let (token, outcome) = match body {
        Ok(FormOrJson(fields)) => {
            let token = fields.submitted_text("token").unwrap_or_default().to_owned();
            (token, purpose.fulfil(state, client, fields).await)
        }
        Err(error) => (String::new(), Err(error)),
    };
    let error = match outcome {
        Ok(response) => return response,
        Err(error) => error,
    };
    let (status, mut errors) = FormErrors::of(&error, state);
    let notice = errors.take("email").or_else(|| errors.rest());
    // Offers the button again after a temporary error.
    let token = if matches!(error, ApiError::InvalidToken | ApiError::EmailTaken) { String::new() } else { token };
    error_page(&state.site, error, status, &EmailLinkPage { purpose, token, notice })
}

pub(in crate::http) async fn show_verify_email(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    show(&state, &request, Purpose::VerifyEmail)
}

pub(in crate::http) async fn submit_verify_email(
    state: Data<AppState>,
    client: Client,
    body: Result<FormOrJson, ApiError>,
) -> HttpResponse {
    submit(&state, client, body, Purpose::VerifyEmail).await
}

pub(in crate::http) async fn show_secure_account(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    show(&state, &request, Purpose::SecureAccount)
}

pub(in crate::http) async fn submit_secure_account(
    state: Data<AppState>,
    client: Client,
    body: Result<FormOrJson, ApiError>,
) -> HttpResponse {
    submit(&state, client, body, Purpose::SecureAccount).await
}
