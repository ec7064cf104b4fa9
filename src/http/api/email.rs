//! `/email/verify`, `/account/email/verification`, `/account/secure`, `/password/forgot` and `/password/reset`

use actix_web::{HttpResponse, web::Data};
use serde_json::json;

use crate::{
    accounts::{Username, passwords::Password},
    base::{client::Client, email::Email},
    http::{
        error::ApiError,
        extract::{body::Json, current_user::CurrentUser, fields::Fields},
        state::AppState,
    },
};

/// Sends the message again that asks to confirm the user's address.
pub(in crate::http) async fn resend(
    state: Data<AppState>,
    user: CurrentUser,
    client: Client,
) -> Result<HttpResponse, ApiError> {
    state.accounts.resend_verification(&user, client, state.clock.now()).await?;
    Ok(HttpResponse::Accepted().json(json!({})))
}

/// Mails a code with which the user confirms an action.
pub(in crate::http) async fn request_confirmation(
    state: Data<AppState>,
    user: CurrentUser,
    client: Client,
) -> Result<HttpResponse, ApiError> {
    state.accounts.request_confirmation(&user, client, state.clock.now()).await?;
    Ok(HttpResponse::Accepted().json(json!({})))
}

pub(in crate::http) async fn verify(
    state: Data<AppState>,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    verify_email(&state, client, body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn forgot(
    state: Data<AppState>,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    forgot_password(&state, client, body.0).await?;
    Ok(HttpResponse::Accepted().json(json!({})))
}

pub(in crate::http) async fn secure(
    state: Data<AppState>,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    secure_account(&state, client, body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// "This wasn't me", with the token of a notice.
pub(in crate::http) async fn secure_account(
    state: &AppState,
    client: Client,
    mut fields: Fields,
) -> Result<(), ApiError> {
    let token = fields.text("token");
    fields.finish()?;
    let token = token.ok_or_else(ApiError::missing_field)?;
    Ok(state.accounts.secure(&token, client, state.clock.now()).await?)
}

pub(in crate::http) async fn reset(
    state: Data<AppState>,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    reset_password(&state, client, body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Verifies the address that the submitted token was sent to.
pub(in crate::http) async fn verify_email(
    state: &AppState,
    client: Client,
    mut fields: Fields,
) -> Result<(), ApiError> {
    let token = fields.text("token");
    fields.finish()?;
    let token = token.ok_or_else(ApiError::missing_field)?;
    Ok(state.accounts.verify_email(&token, client, state.clock.now()).await?)
}

/// Requests a link for the submitted address.
pub(in crate::http) async fn forgot_password(
    state: &AppState,
    client: Client,
    mut fields: Fields,
) -> Result<(), ApiError> {
    let email = fields.text("email").and_then(|text| fields.check("email", Email::parse(&text)));
    fields.finish()?;
    let email = email.ok_or_else(ApiError::missing_field)?;
    Ok(state.accounts.forgot_password(email, client, state.clock.now()).await?)
}

/// Sets the submitted password, if the token allows it.
pub(in crate::http) async fn reset_password(
    state: &AppState,
    client: Client,
    mut fields: Fields,
) -> Result<(), ApiError> {
    let (token, password) = (fields.text("token"), fields.text("new_password"));
    let (Some(token), Some(password)) = (token, password) else {
        fields.finish()?;
        return Err(ApiError::missing_field());
    };
    let now = state.clock.now();
    // The rules for a password depend on the user's name.
    let user = state.accounts.find_reset(&token, now).await?;
    let (min_length, username) = (state.config.password.min_length, Username::parse(&user.username).ok());
    let password = fields.check("new_password", Password::choose(&password, min_length, username.as_ref()));
    fields.finish()?;
    let password = password.ok_or_else(ApiError::missing_field)?;
    Ok(state.accounts.reset_password(&token, &user, password, client, now).await?)
}
