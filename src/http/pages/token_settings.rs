//! The page on which users create and delete their API tokens.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{confirmation::Confirmation, error_page, form_errors::FormErrors, localized::filters, page, see_other};
use crate::{
    base::client::Client,
    credentials::api_tokens::ApiToken,
    http::{
        api::tokens::{create_token, delete_token},
        error::ApiError,
        extract::{body::FormOrJson, current_user::CurrentUser, fields::Fields},
        paths,
        state::AppState,
    },
};

#[derive(Template)]
#[template(path = "token_settings.html")]
struct TokenSettingsPage {
    tokens: Vec<ApiToken>,
    is_editor: bool,
    confirm: Confirmation,
    /// The text of a new token, which is only shown in the response that creates it.
    created: Option<String>,
    name: String,
    scopes: String,
    expires_at: String,
    name_error: Option<String>,
    expires_error: Option<String>,
    notice: Option<String>,
}

impl TokenSettingsPage {
    async fn of_user(state: &AppState, request: &HttpRequest, user: &CurrentUser) -> Result<Self, ApiError> {
        let now = state.clock.now();
        Ok(Self {
            tokens: state.accounts.api_tokens(user, now).await?,
            is_editor: user.role.is_editor(),
            confirm: Confirmation::new(state, request, user).await?,
            created: None,
            name: String::new(),
            scopes: String::new(),
            expires_at: String::new(),
            name_error: None,
            expires_error: None,
            notice: None,
        })
    }
}

pub(in crate::http) async fn show_token_settings(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    page(&state.site, &TokenSettingsPage::of_user(&state, &request, &user).await?)
}

/// Does what the button says, and shows the outcome.
pub(in crate::http) async fn submit_token_settings(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: Result<FormOrJson, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let ([name, scopes, expires_at], outcome) = match body {
        Ok(FormOrJson(fields)) => {
            let submitted =
                ["name", "scopes", "expires_at"].map(|name| fields.submitted_text(name).unwrap_or_default().to_owned());
            (submitted, act(&state, &user, client, fields).await)
        }
        Err(error) => (<[String; 3]>::default(), Err(error)),
    };
    let error = match outcome {
        Ok(None) => return Ok(see_other(paths::TOKEN_SETTINGS)),
        Ok(created) => {
            return page(
                &state.site,
                &TokenSettingsPage { created, ..TokenSettingsPage::of_user(&state, &request, &user).await? },
            );
        }
        Err(error) => error,
    };
    let (status, mut errors) = FormErrors::of(&error, &state);
    let shown = TokenSettingsPage::of_user(&state, &request, &user).await?;
    let form = TokenSettingsPage {
        name,
        scopes,
        expires_at,
        name_error: errors.take("name"),
        expires_error: errors.take("expires_at"),
        confirm: shown.confirm.with_error_of(&mut errors),
        notice: errors.rest(),
        ..shown
    };
    Ok(error_page(&state.site, error, status, &form))
}

/// Returns the text of a new token.
async fn act(state: &AppState, user: &CurrentUser, client: Client, fields: Fields) -> Result<Option<String>, ApiError> {
    match fields.submitted_text("delete").map(str::to_owned) {
        Some(id) => delete_token(state, user, client, &id).await.map(|()| None),
        None => create_token(state, user, client, fields).await.map(|(_, text)| Some(text)),
    }
}
