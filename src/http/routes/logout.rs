//! `/logout`

use actix_session::Session;
use actix_web::{HttpResponse, web::Data};

use crate::{
    client::Client,
    db::{DbConnection, DbError},
    http::{current_user::CurrentUser, error::ApiError, state::AppState},
    models::{
        audit::{self, Event},
        sessions,
    },
};

/// Ends this session, in the database first and then in the browser.
pub(super) async fn logout(
    state: Data<AppState>,
    user: CurrentUser,
    client: Client,
    session: Session,
) -> Result<HttpResponse, ApiError> {
    let (user_id, id, now) = (user.user_id, user.session_id, state.clock.now());
    let end = move |connection: &mut DbConnection| {
        if sessions::delete_own(connection, user_id, id)? {
            audit::insert(connection, user_id, Event::SignedOut, &client, now)?;
        }
        Ok::<_, DbError>(())
    };
    state.db.write(end).await?;
    session.purge();
    Ok(HttpResponse::NoContent().insert_header(("clear-site-data", "\"cookies\"")).finish())
}
