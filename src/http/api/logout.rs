//! `/logout`

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    base::client::Client,
    credentials::sessions,
    http::{error::ApiError, extract::current_user::CurrentUser, session, state::AppState},
};

pub(super) async fn logout(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
) -> Result<HttpResponse, ApiError> {
    sign_out(&state, &request, &user, client).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends the current session, first in the database and then, with the response, in the browser.
///
/// Only the session cookie is cleared. `Clear-Site-Data: "cookies"` would delete all cookies of the registrable domain
/// (<https://www.w3.org/TR/clear-site-data/#clear-cookies>), including those of other applications and the
/// `known_browser` cookie, without which an attacker's guesses could lock the user out in this browser.
pub(in crate::http) async fn sign_out(
    state: &AppState,
    request: &HttpRequest,
    user: &CurrentUser,
    client: Client,
) -> Result<(), ApiError> {
    let (user_id, id, now) = (user.user_id, user.session_id, state.clock.now());
    state.db.write(move |tx| sessions::log_out(tx, user_id, id, &client, now)).await?;
    session::end(request);
    Ok(())
}
