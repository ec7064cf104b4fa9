//! `/check_session`

use actix_web::HttpResponse;

use super::user::SignedInBody;
use crate::http::{error::ApiError, extract::current_user::CurrentUser};

/// Returns the signed-in user and the session's expiry times.
pub(super) async fn check_session(user: Option<CurrentUser>) -> Result<HttpResponse, ApiError> {
    let user = user.ok_or(ApiError::NotLoggedIn)?;
    let body = user.response.json(|| SignedInBody::of(&user)).map_err(|error| ApiError::Internal(error.to_string()))?;
    Ok(HttpResponse::Ok().content_type(mime::APPLICATION_JSON).body(body))
}
