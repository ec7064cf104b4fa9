//! `/logout`

use actix_session::Session;
use actix_web::{HttpResponse, web::Data};

use crate::{
    client::Client,
    http::{error::ApiError, extract::current_user::CurrentUser, state::AppState},
    sessions,
};

pub(super) async fn logout(
    state: Data<AppState>,
    user: CurrentUser,
    client: Client,
    session: Session,
) -> Result<HttpResponse, ApiError> {
    sign_out(&state, &user, client, &session).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends the current session, first in the database and then, with the response, in the browser.
///
/// Only the session cookie is cleared. `Clear-Site-Data: "cookies"` would delete all cookies of the registrable domain
/// (<https://www.w3.org/TR/clear-site-data/#clear-cookies>), including those of other applications and the
/// `known_browser` cookie, without which an attacker's guesses could lock the user out in this browser.
pub(in crate::http) async fn sign_out(
    state: &AppState,
    user: &CurrentUser,
    client: Client,
    session: &Session,
) -> Result<(), ApiError> {
    let (user_id, id, now) = (user.user_id, user.session_id, state.clock.now());
    state.db.write(move |tx| sessions::log_out(tx, user_id, id, &client, now)).await?;
    session.purge();
    Ok(())
}
