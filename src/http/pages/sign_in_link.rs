//! The page that the link in a message to sign in with leads to.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{
    Next, error_page,
    form_errors::{FormErrors, token_of_link},
    localized::filters,
    page, see_other,
};
use crate::{
    base::client::Client,
    http::{
        api::email_login::sign_in,
        error::ApiError,
        extract::{body::FormOrJson, fields::Fields},
        state::AppState,
    },
};

#[derive(Template)]
#[template(path = "sign_in_link.html")]
struct SignInLinkPage {
    token: String,
    next: Next,
    notice: Option<String>,
}

/// Shows a button. The token is not used up: mail scanners open links.
pub(in crate::http) async fn show_sign_in_link(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let next = Next::parse(Fields::query(request.query_string()).submitted_text("next"));
    let (token, notice) =
        token_of_link(&request, &state.site).map_or_else(|notice| (String::new(), Some(notice)), |token| (token, None));
    page(&state.site, &SignInLinkPage { token, next, notice })
}

/// Signs in and redirects to `next`.
pub(in crate::http) async fn submit_sign_in_link(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    body: Result<FormOrJson, ApiError>,
) -> HttpResponse {
    let (token, next, outcome) = match body {
        Ok(FormOrJson(fields)) => {
            let token = fields.submitted_text("token").unwrap_or_default().to_owned();
            let next = Next::parse(fields.submitted_text("next"));
            (token, next, sign_in(&state, &request, client, fields).await)
        }
        Err(error) => (String::new(), Next::parse(None), Err(error)),
    };
    let error = match outcome {
        Ok(_) => return see_other(next.as_str()),
        Err(ApiError::SecondFactorRequired { .. }) => return see_other(&next.after("/login/second-factor")),
        Err(error) => error,
    };
    let (status, errors) = FormErrors::of(&error, &state);
    // Offers the button again after a temporary error.
    let is_over = matches!(error, ApiError::InvalidToken | ApiError::AccountDisabled | ApiError::InvalidFields(_));
    let token = if is_over { String::new() } else { token };
    error_page(&state.site, error, status, &SignInLinkPage { token, next, notice: errors.rest() })
}
