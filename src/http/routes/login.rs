//! `/login`

use actix_session::Session;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web::Data};

use super::user::SignedInBody;
use crate::{
    auth::accounts,
    http::{body::Body, error::ApiError, fields::Fields, session_cookie::KeepFor, state::AppState},
    session,
};

struct Login {
    username: String,
    password: String,
    stay_signed_in: bool,
}

/// Signs in. The session that the browser came with ends.
pub(super) async fn login(
    state: Data<AppState>,
    request: HttpRequest,
    session: Session,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let Login { username, password, stay_signed_in } = parse(body.0)?;
    let user = accounts::sign_in(&state.db, &state.hasher, &username, &password).await?;

    let (now, config) = (state.clock.now(), &state.config.session);
    session::open(&session, user.id, stay_signed_in, now).map_err(|fault| ApiError::Internal(fault.to_string()))?;
    if stay_signed_in {
        request.extensions_mut().insert(KeepFor(config.remembered.idle));
    }
    Ok(HttpResponse::Ok().json(SignedInBody::at_login(user, stay_signed_in, now, config)))
}

fn parse(mut fields: Fields) -> Result<Login, ApiError> {
    let (username, password) = (fields.text("username"), fields.text("password"));
    let stay_signed_in = fields.flag("stay_signed_in");
    fields.finish()?;
    match (username, password) {
        (Some(username), Some(password)) => Ok(Login { username, password, stay_signed_in }),
        _ => Err(ApiError::Internal("a field is neither there nor wrong".to_owned())),
    }
}
