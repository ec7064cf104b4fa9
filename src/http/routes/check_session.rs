//! `/check_session`

use actix_web::{HttpResponse, web::Data};

use super::user::SignedInBody;
use crate::http::{current_user::CurrentUser, error::ApiError, state::AppState};

/// Who is signed in.
pub(super) async fn check_session(state: Data<AppState>, user: Option<CurrentUser>) -> Result<HttpResponse, ApiError> {
    let user = user.ok_or(ApiError::NotLoggedIn)?;
    Ok(HttpResponse::Ok().json(SignedInBody::of(&user, &state.config.session)))
}
