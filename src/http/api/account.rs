//! `/account`

use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::user::UserBody;
use crate::{
    accounts::{Email, Username, account, change::AccountChange},
    client::Client,
    db::Tx,
    http::{
        error::ApiError,
        extract::{
            body::Json,
            current_user::CurrentUser,
            fields::Fields,
            reauthentication::{self, reauthenticate},
        },
        known_browser,
        state::AppState,
    },
};

struct Request {
    change: AccountChange,
    current_password: Option<String>,
}

/// Changes the user's username or e-mail address.
pub(super) async fn update(
    state: Data<AppState>,
    user: CurrentUser,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let Request { change, current_password } = parse(body.0)?;
    let (user_id, now) = (user.user_id, state.clock.now());
    let is_throttled = state.config.password.throttle;
    let reauthenticated = reauthenticate(&state, &user, &client, current_password, now).await?;
    if change.username.is_none() && change.email.is_none() {
        return Ok(HttpResponse::Ok().json(UserBody::of(&user)));
    }
    let from = client.clone();
    let update = move |tx: &mut Tx<'_>| {
        reauthenticated.finalize(tx)?;
        change.apply(tx, user_id, is_throttled, &from, now)?.ok_or(ApiError::LoginRequired)
    };
    let changed = state.db.write(update).await;
    // A conflict reveals that a name or an address exists, so it counts as a registration attempt. It is counted in a
    // transaction of its own, because the one above has been rolled back. This check is what enforces the limit: no
    // matter how many requests arrive at once, no more than the limit learn of a conflict.
    if is_throttled && matches!(changed, Err(ApiError::UsernameTaken | ApiError::EmailTaken)) {
        account::admit_registration(&state.db, client, now).await?;
    }
    Ok(HttpResponse::Ok().json(UserBody::from(changed?)))
}

fn parse(mut fields: Fields) -> Result<Request, ApiError> {
    let username = fields.optional_text("username").and_then(|text| fields.check("username", Username::parse(&text)));
    let email = if fields.is_null("email") {
        Some(None)
    } else {
        let given = fields.optional_text("email").and_then(|text| fields.check("email", Email::parse(&text)));
        given.map(Some)
    };
    let current_password = fields.optional_text("current_password");
    fields.finish()?;
    Ok(Request { change: AccountChange { username, email }, current_password })
}

/// Deletes the user's account and everything that belongs to it.
pub(super) async fn delete(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    session: Session,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let Json(mut fields) = body;
    let password = fields.text("password");
    fields.finish()?;
    let password = password.ok_or_else(ApiError::missing_field)?;

    let (session_id, now) = (user.session_id, state.clock.now());
    let verified = reauthentication::verify(&state, &user, &client, &password, now).await?;
    let delete = move |tx: &mut Tx<'_>| {
        reauthentication::still_signed_in(tx, session_id, now)?;
        let is_deleted = account::delete(tx, verified, session_id, now).map_err(reauthentication::error)?;
        if is_deleted { Ok(()) } else { Err(ApiError::LoginRequired) }
    };
    state.db.write(delete).await?;
    session.purge();
    known_browser::forget(&request, &state);
    Ok(HttpResponse::NoContent().finish())
}
