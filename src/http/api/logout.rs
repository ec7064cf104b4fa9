//! `/logout`

use actix_session::Session;
use actix_web::{HttpResponse, web::Data};

use crate::{
    client::Client,
    db::{DbConnection, DbError},
    http::{error::ApiError, extract::current_user::CurrentUser, state::AppState},
    models::{
        audit::{self, Event},
        sessions,
    },
};

/// Signs out.
pub(super) async fn logout(
    state: Data<AppState>,
    user: CurrentUser,
    client: Client,
    session: Session,
) -> Result<HttpResponse, ApiError> {
    sign_out(&state, &user, client, &session).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends this session, in the database first and then, by this answer, in the browser.
///
/// Only its own cookie is cleared. `Clear-Site-Data: "cookies"` would delete those of the whole registrable domain, other
/// applications' and `known_browser` among them (<https://www.w3.org/TR/clear-site-data/#clear-cookies>), without which
/// strangers' guesses could lock the user out of this browser.
pub(in crate::http) async fn sign_out(
    state: &AppState,
    user: &CurrentUser,
    client: Client,
    session: &Session,
) -> Result<(), ApiError> {
    let (user_id, id, now) = (user.user_id, user.session_id, state.clock.now());
    let end = move |connection: &mut DbConnection| {
        if sessions::delete_own(connection, user_id, id)? {
            audit::insert(connection, user_id, Event::SignedOut, &client, now)?;
        }
        Ok::<_, DbError>(())
    };
    state.db.write(end).await?;
    session.purge();
    Ok(())
}
