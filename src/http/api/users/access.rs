//! What lets a user in: `/users/<id>/sessions`, `/tokens` and `/password-reset`.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde_json::json;

use super::user_id;
use crate::{
    accounts::{AccountError, by_admin},
    credentials::api_tokens,
    db::{DbConnection, DbError, Tx},
    http::{api::sessions::listed_sessions, error::ApiError, extract::admin::Admin, paths, state::AppState},
    users,
};

/// Lists the live sessions of a user, most recently used first.
pub(in crate::http) async fn list_sessions(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    let user_id = user_id(&request)?;
    require_user(&state, user_id).await?;
    Ok(HttpResponse::Ok().json(listed_sessions(&state, user_id, admin.session_id()).await?))
}

/// Lists the API tokens of a user that have not expired, newest first. A token does not list those of its own owner.
pub(in crate::http) async fn list_tokens(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    let (user_id, now) = (user_id(&request)?, state.clock.now());
    if user_id == admin.user_id && admin.session_id().is_none() {
        return Err(ApiError::InsufficientScope(None));
    }
    require_user(&state, user_id).await?;
    let list = move |connection: &mut DbConnection| api_tokens::list_live(connection, user_id, now);
    Ok(HttpResponse::Ok().json(state.db.read::<_, DbError, _>(list).await?))
}

/// Deletes all API tokens of a user.
pub(in crate::http) async fn delete_tokens(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    delete_user_tokens(&state, admin, user_id(&request)?, None).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Deletes an API token of a user.
pub(in crate::http) async fn delete_token(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    let token_id = paths::trailing_id(&request)?;
    delete_user_tokens(&state, admin, user_id(&request)?, Some(token_id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Deletes one API token of a user, or all.
pub(in crate::http) async fn delete_user_tokens(
    state: &AppState,
    admin: Admin,
    user_id: i64,
    token_id: Option<i64>,
) -> Result<(), ApiError> {
    let (now, actor) = (state.clock.now(), admin.actor("token revoke"));
    let delete = move |tx: &mut Tx<'_>| by_admin::delete_tokens(tx, user_id, token_id, &actor, now);
    // The token of this request may be among them.
    let existed = admin.fresh(now)?.write_ending(&state.db, user_id, now, delete).await?;
    if existed { Ok(()) } else { Err(ApiError::NotFound) }
}

/// Mails a link to choose a new password.
pub(in crate::http) async fn send_reset(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    mail_reset(&state, admin, user_id(&request)?).await?;
    Ok(HttpResponse::Accepted().json(json!({})))
}

pub(in crate::http) async fn mail_reset(state: &AppState, admin: Admin, user_id: i64) -> Result<(), ApiError> {
    let (now, actor) = (state.clock.now(), admin.actor("password-reset"));
    let mailer = state.accounts.mail.clone().ok_or(AccountError::MailOff)?;
    let send = move |tx: &mut Tx<'_>| by_admin::send_reset(tx, &mailer, user_id, &actor, now);
    if !admin.write(&state.db, now, send).await? {
        return Err(ApiError::NotFound);
    }
    state.accounts.wake_mail();
    Ok(())
}

/// # Errors
/// No such user exists.
async fn require_user(state: &AppState, user_id: i64) -> Result<(), ApiError> {
    let found = state.db.read(move |connection: &mut DbConnection| users::find(connection, user_id)).await?;
    found.map(drop).ok_or(ApiError::NotFound)
}
