//! `/account` and `/account/password`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde_json::json;

use super::user::UserBody;
use crate::{
    accounts::{AccountChange, Confirmation, PasswordChange, Username, passwords::Password},
    base::{client::Client, email::Email},
    credentials::sessions::{Principal, Transport},
    http::{
        context,
        error::ApiError,
        extract::{body::Json, current_user::CurrentUser, fields::Fields},
        login_cookies, session,
        state::AppState,
    },
    users::User,
};

struct Request {
    change: AccountChange,
    confirmation: Option<Confirmation>,
}

/// Changes the user's username or email address.
pub(in crate::http) async fn update(
    state: Data<AppState>,
    user: CurrentUser,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(UserBody::from(change_account(&state, &user, client, body.0).await?)))
}

pub(in crate::http) async fn change_account(
    state: &AppState,
    user: &CurrentUser,
    client: Client,
    fields: Fields,
) -> Result<User, ApiError> {
    let Request { change, confirmation } = parse(state, fields)?;
    Ok(state.accounts.change(user, change, confirmation, client, state.clock.now()).await?)
}

fn parse(state: &AppState, mut fields: Fields) -> Result<Request, ApiError> {
    let change = account_change(state, &mut fields);
    let confirmation = fields.confirmation("current_password");
    fields.finish()?;
    Ok(Request { change, confirmation })
}

/// The name and the address of a request that changes them.
pub(super) fn account_change(state: &AppState, fields: &mut Fields) -> AccountChange {
    let username = fields
        .optional_text("username")
        .and_then(|text| fields.check("username", state.accounts.choose_username(&text)));
    let email = if fields.is_null("email") {
        Some(None)
    } else {
        let given = fields.optional_text("email").and_then(|text| fields.check("email", Email::parse(&text)));
        given.map(Some)
    };
    AccountChange { username, email }
}

/// Deletes the user's account and everything that belongs to it.
pub(in crate::http) async fn delete(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    delete_account(&state, &request, &user, client, body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn delete_account(
    state: &AppState,
    request: &HttpRequest,
    user: &CurrentUser,
    client: Client,
    mut fields: Fields,
) -> Result<(), ApiError> {
    let confirmation = strict_confirmation(state, user, &mut fields, "password").await?;
    fields.finish()?;
    state.accounts.delete(user, confirmation, &client, state.clock.now()).await?;
    session::end(request);
    login_cookies::forget_account(request, state, user.user_id);
    Ok(())
}

/// Changes the user's password. The current session gets a new token, and all other sessions end.
pub(in crate::http) async fn change_password(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    match replace_password(&state, &request, &user, client, body.0).await? {
        Some(token) => Ok(HttpResponse::Ok().json(json!({ "session_token": token }))),
        None => Ok(HttpResponse::NoContent().finish()),
    }
}

/// Returns the new token of a session without a cookie.
pub(in crate::http) async fn replace_password(
    state: &AppState,
    request: &HttpRequest,
    user: &CurrentUser,
    client: Client,
    mut fields: Fields,
) -> Result<Option<String>, ApiError> {
    let transport = context::transport(request);
    let current = strict_confirmation(state, user, &mut fields, "current_password").await?;
    let change = parse_password(fields, state.config.password.min_length, &user.username, current, transport)?;
    let issued = state.accounts.change_password(user, change, client, state.clock.now()).await?;
    if transport == Transport::Bearer {
        return Ok(Some(issued.token));
    }
    session::start(request, state, issued)?;
    Ok(None)
}

/// The confirmation of an action that needs the password even if the session is fresh, unless the account has none.
async fn strict_confirmation(
    state: &AppState,
    user: &Principal,
    fields: &mut Fields,
    password: &'static str,
) -> Result<Option<Confirmation>, ApiError> {
    let is_given = fields.has(password) || fields.has("confirmation_code");
    let confirmation = fields.confirmation(password);
    if !is_given && state.accounts.has_password(user).await? {
        // Reports that the password is missing, together with the errors of other fields.
        return Ok(fields.text(password).map(Confirmation::Password));
    }
    Ok(confirmation)
}

fn parse_password(
    mut fields: Fields,
    min_length: usize,
    username: &str,
    current: Option<Confirmation>,
    transport: Transport,
) -> Result<PasswordChange, ApiError> {
    let username = Username::parse(username).ok();
    let new = fields
        .text("new_password")
        .and_then(|text| fields.check("new_password", Password::choose(&text, min_length, username.as_ref())));
    let delete_tokens = fields.flag("delete_tokens");
    fields.finish()?;
    let new = new.ok_or_else(ApiError::missing_field)?;
    Ok(PasswordChange { current, new, delete_tokens, transport })
}
