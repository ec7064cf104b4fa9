//! `/sessions`

use actix_web::{HttpRequest, HttpResponse, rt::task, web::Data};
use serde::Serialize;

use super::everybody::{self, Whose};
use crate::{
    accounts::Confirmation,
    base::{client::Client, device::Device},
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

/// A session as its user sees it.
#[derive(Serialize)]
pub(in crate::http) struct ListedSession {
    #[serde(flatten)]
    pub(in crate::http) session: Session,
    pub(in crate::http) current: bool,
    pub(in crate::http) device: Device,
    /// Whether a login of this browser needs no second factor.
    trusted_browser: bool,
}

/// Lists the user's sessions, most recently used first.
pub(in crate::http) async fn list(state: Data<AppState>, user: CurrentUser) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(listed_sessions(&state, user.user_id, Some(user.session_id)).await?))
}

/// The live sessions of a user. `current` is the one of the request.
pub(in crate::http) async fn listed_sessions(
    state: &AppState,
    user_id: i64,
    current: Option<i64>,
) -> Result<Vec<ListedSession>, ApiError> {
    let now = state.clock.now();
    let read = move |connection: &mut DbConnection| {
        let found = sessions::list_live(connection, user_id, now)?;
        Ok::<_, DbError>((found, trusted_browsers::list_live(connection, user_id, now)?))
    };
    let (found, trusted) = state.db.read(read).await?;
    let listed = move |session| listed(session, current, &trusted);
    task::spawn_blocking(move || found.into_iter().map(listed).collect()).await.map_err(ApiError::internal)
}

fn listed(session: Session, current: Option<i64>, trusted: &[i64]) -> ListedSession {
    let device = Device::of(session.user_agent.as_deref());
    let trusted_browser = session.trusted_browser_id.is_some_and(|id| trusted.contains(&id));
    ListedSession { current: current == Some(session.id), device, trusted_browser, session }
}

/// Ends one of the user's sessions.
pub(in crate::http) async fn revoke(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let confirmation = confirmation(body)?;
    end_session(&state, &request, &user, client, paths::trailing_id(&request)?, confirmation).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn end_session(
    state: &AppState,
    request: &HttpRequest,
    user: &CurrentUser,
    client: Client,
    id: i64,
    confirmation: Option<Confirmation>,
) -> Result<(), ApiError> {
    if !state.accounts.end_session(user, id, confirmation, client, state.clock.now()).await? {
        return Err(ApiError::NotFound);
    }
    if id == user.session_id {
        session::end(request);
    }
    Ok(())
}

/// Ends all of the user's sessions except the current one; for an admin who asks for it, those of everybody.
pub(in crate::http) async fn revoke_others(
    state: Data<AppState>,
    request: HttpRequest,
    whose: Whose,
    client: Client,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let user = match whose {
        Whose::Own(user) => user,
        Whose::Everybody(admin) => return everybody::end_sessions(state, &request, admin).await,
    };
    let confirmation = confirmation(body)?;
    state.accounts.end_other_sessions(&user, confirmation, client, state.clock.now()).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn confirmation(body: OptionalJson) -> Result<Option<Confirmation>, ApiError> {
    let OptionalJson(mut fields) = body;
    let confirmation = fields.confirmation("password");
    fields.finish()?;
    Ok(confirmation)
}
