//! `/sessions`

use actix_web::{HttpRequest, HttpResponse, rt::task, web::Data};
use serde::Serialize;

use crate::{
    base::{client::Client, device},
    credentials::{
        sessions::{self, Session},
        trusted_browsers,
    },
    db::{DbConnection, DbError},
    http::{
        error::ApiError,
        extract::{body::OptionalJson, current_user::CurrentUser},
        paths, session,
        state::AppState,
    },
};

#[derive(Serialize)]
struct ListedBody {
    #[serde(flatten)]
    session: Session,
    current: bool,
    device: String,
    /// Whether a login of this browser needs no second factor.
    trusted_browser: bool,
}

/// Lists the user's sessions, most recently used first.
pub(in crate::http) async fn list(state: Data<AppState>, user: CurrentUser) -> Result<HttpResponse, ApiError> {
    let (user_id, current, now) = (user.user_id, user.session_id, state.clock.now());
    let read = move |connection: &mut DbConnection| {
        let found = sessions::list_live(connection, user_id, now)?;
        Ok::<_, DbError>((found, trusted_browsers::list_live(connection, user_id, now)?))
    };
    let (found, trusted) = state.db.read(read).await?;
    let listed = move |session| listed(session, current, &trusted);
    let labelled = task::spawn_blocking(move || found.into_iter().map(listed).collect());
    let listed: Vec<_> = labelled.await.map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok().json(listed))
}

fn listed(session: Session, current: i64, trusted: &[i64]) -> ListedBody {
    let device = device::label(session.user_agent.as_deref());
    let trusted_browser = session.trusted_browser_id.is_some_and(|id| trusted.contains(&id));
    ListedBody { current: session.id == current, device, trusted_browser, session }
}

/// Ends one of the user's sessions.
pub(in crate::http) async fn revoke(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let password = password(body)?;
    let id = paths::trailing_id(&request)?;
    if !state.accounts.end_session(&user, id, password, client, state.clock.now()).await? {
        return Err(ApiError::NotFound);
    }
    if id == user.session_id {
        session::end(&request);
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Ends all of the user's sessions except the current one.
pub(in crate::http) async fn revoke_others(
    state: Data<AppState>,
    user: CurrentUser,
    client: Client,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let password = password(body)?;
    state.accounts.end_other_sessions(&user, password, client, state.clock.now()).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn password(body: OptionalJson) -> Result<Option<String>, ApiError> {
    let OptionalJson(mut fields) = body;
    let password = fields.optional_text("password");
    fields.finish()?;
    Ok(password)
}
