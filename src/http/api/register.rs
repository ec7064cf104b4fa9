//! `/register`

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};

use super::{email_login::send_message, user::UserBody};
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

/// Creates a user, who must then sign in separately. With an address alone, the user is created by signing in with the
/// link or code that is mailed to it.
pub(in crate::http) async fn register(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    body: FormOrJson,
) -> Result<HttpResponse, ApiError> {
    if state.config.mail.sign_in && has_address_alone(&body.0) {
        if state.config.server.registration == config::RegistrationPolicy::Closed {
            return Err(ApiError::RegistrationClosed);
        }
        return Ok(HttpResponse::Accepted().json(send_message(&state, &request, client, body.0).await?));
    }
    let user = add_user(&state, client, body.0).await?;
    Ok(HttpResponse::Created().insert_header((header::LOCATION, "/check_session")).json(UserBody::from(user)))
}

fn has_address_alone(fields: &Fields) -> bool {
    fields.submitted_text("email").is_some() && !fields.has("username") && !fields.has("password")
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
