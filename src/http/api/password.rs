//! `/account/password`

use actix_session::Session;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web::Data};

use crate::{
    accounts::{Username, account, credentials::Password},
    client::Client,
    db::Tx,
    http::{
        error::ApiError,
        extract::{body::Json, current_user::CurrentUser, fields::Fields, reauthentication},
        middleware::session_cookie::CookieMaxAge,
        state::AppState,
    },
    sessions,
};

/// Changes the user's password. The current session gets a new token, and all other sessions end.
pub(super) async fn change(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    session: Session,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let (current, new) = passwords(body.0, state.config.password.min_length, &user.username)?;
    let now = state.clock.now();
    state.verifier.check_changes(user.user_id, now).await?;
    let verified = reauthentication::verify(&state, &user, &client, &current, now).await?;
    let password_hash = state.verifier.hasher.hash(new, verified.requester()).await?;

    let (config, user_id, id) = (state.config.session, user.user_id, user.session_id);
    let stay_signed_in = user.stay_signed_in;
    let change = move |tx: &mut Tx<'_>| {
        let changed = account::change_password(tx, verified, id, &password_hash, &client, now);
        changed.map_err(reauthentication::error)?.ok_or(ApiError::LoginRequired)?;
        Ok::<_, ApiError>(sessions::issue(tx, &config, user_id, stay_signed_in, &client, now)?)
    };
    let issued = state.db.write(change).await?;
    if stay_signed_in {
        request.extensions_mut().insert(CookieMaxAge(config.remembered.idle));
    }
    sessions::set_cookie(&session, issued).map_err(|error| ApiError::Internal(error.to_string()))?;
    Ok(HttpResponse::NoContent().finish())
}

fn passwords(mut fields: Fields, min_length: usize, username: &str) -> Result<(String, Password), ApiError> {
    let username = Username::parse(username).ok();
    let current = fields.text("current_password");
    let new = fields
        .text("new_password")
        .and_then(|text| fields.check("new_password", Password::choose(&text, min_length, username.as_ref())));
    fields.finish()?;
    current.zip(new).ok_or_else(ApiError::missing_field)
}
