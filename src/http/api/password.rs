//! `/account/password`

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    accounts::{PasswordChange, Username, credentials::Password},
    base::client::Client,
    http::{
        error::ApiError,
        extract::{body::Json, current_user::CurrentUser, fields::Fields},
        session,
        state::AppState,
    },
};

/// Changes the user's password. The current session gets a new token, and all other sessions end.
pub(super) async fn change(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let change = parse(body.0, state.config.password.min_length, &user.username)?;
    let issued = state.accounts.change_password(&user, change, client, state.clock.now()).await?;
    session::start(&request, &state, issued)?;
    Ok(HttpResponse::NoContent().finish())
}

fn parse(mut fields: Fields, min_length: usize, username: &str) -> Result<PasswordChange, ApiError> {
    let username = Username::parse(username).ok();
    let current = fields.text("current_password");
    let new = fields
        .text("new_password")
        .and_then(|text| fields.check("new_password", Password::choose(&text, min_length, username.as_ref())));
    let delete_tokens = fields.flag("delete_tokens");
    fields.finish()?;
    let (current, new) = current.zip(new).ok_or_else(ApiError::missing_field)?;
    Ok(PasswordChange { current, new, delete_tokens })
}
