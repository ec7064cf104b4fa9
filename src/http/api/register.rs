//! `/register`

use actix_web::{HttpResponse, http::header, web::Data};

use super::user::UserBody;
use crate::{
    accounts::{Registration, passwords::Password},
    base::{client::Client, email::Email},
    config,
    http::{
        error::ApiError,
        extract::{body::FormOrJson, fields::Fields},
        state::AppState,
    },
    users::{Role, User},
};

/// Creates a user, who must then sign in separately.
pub(in crate::http) async fn register(
    state: Data<AppState>,
    client: Client,
    body: FormOrJson,
) -> Result<HttpResponse, ApiError> {
    let user = add_user(&state, client, body.0).await?;
    Ok(HttpResponse::Created().insert_header((header::LOCATION, "/check_session")).json(UserBody::from(user)))
}

/// Creates a user from the submitted fields.
pub(in crate::http) async fn add_user(state: &AppState, client: Client, fields: Fields) -> Result<User, ApiError> {
    if state.config.server.registration == config::RegistrationPolicy::Closed {
        return Err(ApiError::RegistrationClosed);
    }
    let registration = registration(state, fields)?;
    Ok(state.accounts.register(registration, client, state.clock.now()).await?)
}

fn registration(state: &AppState, mut fields: Fields) -> Result<Registration, ApiError> {
    let min_length = state.config.password.min_length;
    let username =
        fields.text("username").and_then(|text| fields.check("username", state.accounts.choose_username(&text)));
    let password = fields
        .text("password")
        .and_then(|text| fields.check("password", Password::choose(&text, min_length, username.as_ref())));
    let email = if state.config.mail.require_verified { fields.text("email") } else { fields.optional_text("email") };
    let email = email.and_then(|text| fields.check("email", Email::parse(&text)));
    fields.finish()?;
    match (username, password) {
        (Some(username), Some(password)) => Ok(Registration { username, password, email, role: Role::User }),
        _ => Err(ApiError::missing_field()),
    }
}
