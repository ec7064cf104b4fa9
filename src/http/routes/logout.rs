//! `/logout`

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::header::{CLEAR_SITE_DATA, HeaderValue},
    web::Data,
};

use crate::{
    client::Client,
    db::{DbConnection, DbError},
    http::{current_user::CurrentUser, error::ApiError, state::AppState},
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
    let mut response = HttpResponse::NoContent().finish();
    sign_out(&state, &user, client, &session, &mut response).await?;
    Ok(response)
}

/// Ends this session, in the database first and then, by this answer, in the browser.
pub(in crate::http) async fn sign_out(
    state: &AppState,
    user: &CurrentUser,
    client: Client,
    session: &Session,
    response: &mut HttpResponse,
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
    response.headers_mut().insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cookies\""));
    Ok(())
}
