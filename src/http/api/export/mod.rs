//! `/account/export` and `/account/audit`; also the export of a user for an admin

mod document;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web::Data,
};
use futures_util::{StreamExt, TryStreamExt, future::ready};

pub use self::document::AccountExport;
pub(super) use self::document::Exporter;
use crate::{
    http::{
        error::ApiError,
        extract::current_user::{Account, Caller},
        state::AppState,
    },
    users::{audit, identity::Identity},
};

/// The maximum number of events that `/account/audit` returns.
const MAX_EVENTS: i64 = 100;

/// Streams everything stored about the signed-in user.
pub(in crate::http) async fn export(
    state: Data<AppState>,
    request: HttpRequest,
    user: Caller<Account>,
) -> Result<HttpResponse, ApiError> {
    let exporter = Exporter::Owner(user.credential().id());
    stream(&state, &request, Identity::clone(&user), exporter).await
}

/// Streams the export of a user. Only one of a user runs at a time.
pub(super) async fn stream(
    state: &AppState,
    request: &HttpRequest,
    user: Identity,
    exporter: Exporter,
) -> Result<HttpResponse, ApiError> {
    let mut response = HttpResponse::Ok();
    response.content_type(mime::APPLICATION_JSON);
    response.insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"tollgate-account.json\""));
    if request.method() == Method::HEAD {
        return Ok(response.finish());
    }
    let user_id = user.user_id;
    let running = state.exports.start(user_id).ok_or(ApiError::ExportRunning)?;
    let mut document = AccountExport::new(state, user, exporter, running);
    // Read before the status is sent, so that an unavailable database is a 503 and not a download that is cut off.
    let first = document.next_piece().await?;
    let rest = futures_util::stream::try_unfold(document, |mut document| async move {
        Ok::<_, ApiError>(document.next_piece().await?.map(|piece| (piece, document)))
    });
    // After an error the connection is closed before the end of the body, which tells the client that the document is
    // incomplete.
    let rest = rest.inspect_err(move |error| {
        tracing::warn!(user_id, %error, cause = error.cause(), "account export aborted");
    });
    Ok(response.streaming(futures_util::stream::once(ready(Ok(first.unwrap_or_default()))).chain(rest)))
}

/// Lists the latest security events of the user's account, newest first.
pub(in crate::http) async fn audit(state: Data<AppState>, user: Caller<Account>) -> Result<HttpResponse, ApiError> {
    let user_id = user.user_id;
    let events = state.db.read(move |connection| audit::list(connection, user_id, MAX_EVENTS)).await?;
    Ok(HttpResponse::Ok().json(events))
}
