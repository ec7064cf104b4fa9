//! The page on which users enrol and remove their second factor.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use askama::Template;

use super::{confirmation::Confirmation, error_page, form_errors::FormErrors, localized::filters, page, see_other};
use crate::{
    accounts::second_factors::Enrolment,
    base::client::Client,
    credentials::passkeys::Passkey,
    http::{
        api::second_factors::{confirm_enrolment, new_recovery_codes, remove_factor, start_enrolment},
        error::ApiError,
        extract::{body::FormOrJson, current_user::CurrentUser, fields::Fields},
        paths,
        state::AppState,
    },
    users::SecondFactor,
};

#[derive(Template)]
#[template(path = "second_factor_settings.html")]
struct SecondFactorSettingsPage {
    content: Content,
    confirm: Confirmation,
    code_error: Option<String>,
    notice: Option<String>,
}

enum Content {
    /// What is enrolled.
    Factors {
        has_app: bool,
        has_recovery: bool,
        passkeys: Vec<Passkey>,
    },
    /// A seed that waits for its first code; it is only shown in the response that creates it.
    Enrolment(Option<Enrolment>),
    RecoveryCodes(Vec<String>),
}

impl SecondFactorSettingsPage {
    async fn new(
        state: &AppState,
        request: &HttpRequest,
        user: &CurrentUser,
        content: Content,
    ) -> Result<Self, ApiError> {
        let confirm = Confirmation::new(state, request, user).await?;
        Ok(Self { content, confirm, code_error: None, notice: None })
    }

    async fn of_user(state: &AppState, request: &HttpRequest, user: &CurrentUser) -> Result<Self, ApiError> {
        let has_app = user.second_factors.contains(&SecondFactor::Totp);
        let (passkeys, has_recovery) = state.accounts.factors(user).await?;
        Self::new(state, request, user, Content::Factors { has_app, has_recovery, passkeys }).await
    }
}

pub(in crate::http) async fn show_second_factor_settings(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    page(&state.site, &SecondFactorSettingsPage::of_user(&state, &request, &user).await?)
}

/// Does what the button says, and shows the outcome.
pub(in crate::http) async fn submit_second_factor_settings(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: Result<FormOrJson, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let (action, outcome) = match body {
        Ok(FormOrJson(fields)) => {
            let action = fields.submitted_text("action").unwrap_or_default().to_owned();
            let outcome = act(&state, &user, client, &action, fields).await;
            (action, outcome)
        }
        Err(error) => (String::new(), Err(error)),
    };
    let error = match outcome {
        Ok(Some(content)) => {
            return page(&state.site, &SecondFactorSettingsPage::new(&state, &request, &user, content).await?);
        }
        Ok(None) => return Ok(see_other(paths::SECOND_FACTOR_SETTINGS)),
        Err(error) => error,
    };
    let (status, mut errors) = FormErrors::of(&error, &state);
    let mut form = match action.as_str() {
        // The form for the code again. The seed is not shown twice.
        "confirm" if status != StatusCode::NOT_FOUND => {
            let form = SecondFactorSettingsPage::new(&state, &request, &user, Content::Enrolment(None)).await?;
            SecondFactorSettingsPage { code_error: errors.take("code"), ..form }
        }
        _ => SecondFactorSettingsPage::of_user(&state, &request, &user).await?,
    };
    form.confirm = form.confirm.with_error_of(&mut errors);
    form.notice = errors.rest();
    Ok(error_page(&state.site, error, status, &form))
}

/// Returns what to show, or `None` for the state of the account.
async fn act(
    state: &AppState,
    user: &CurrentUser,
    client: Client,
    action: &str,
    fields: Fields,
) -> Result<Option<Content>, ApiError> {
    Ok(match action {
        "start" => Some(Content::Enrolment(Some(start_enrolment(state, user, client, fields).await?))),
        "confirm" => {
            let codes = confirm_enrolment(state, user, client, fields).await?;
            // Those that came with an earlier factor stay valid.
            (!codes.is_empty()).then_some(Content::RecoveryCodes(codes))
        }
        "codes" => Some(Content::RecoveryCodes(new_recovery_codes(state, user, client, fields).await?)),
        "remove" => {
            remove_factor(state, user, client, fields).await?;
            None
        }
        _ => return Err(ApiError::NotFound),
    })
}
