//! Messages that wait for their delivery, or could not be delivered.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{Frame, done, filters, filters_of, page};
use crate::{
    base::clock::Timestamp,
    db::DbConnection,
    http::{
        api::outbox::{discard_message, retry_message, unsent},
        error::ApiError,
        extract::{admin::Admin, body::Form, current_user::CurrentUser},
        paths::console_id,
        state::AppState,
    },
    mail::outbox::{self, Listed},
};

#[derive(Template)]
#[template(path = "admin/outbox.html")]
struct OutboxPage<'p> {
    frame: Frame<'p>,
    has_mail: bool,
    messages: Vec<Listed>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/message.html")]
struct MessagePage<'p> {
    frame: Frame<'p>,
    now: Timestamp,
    message: Listed,
}

pub(in crate::http) async fn list_messages(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let (messages, next) = unsent(&state, "/admin/outbox", filters_of(&request)).await?;
    let frame = Frame::new(&state, &request, &user, "outbox");
    page(&state, &OutboxPage { frame, has_mail: state.config.mail.is_on(), messages, next })
}

pub(in crate::http) async fn show_message(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let id = console_id(&request)?;
    // The newest that is not newer is this one, if it has not been sent meanwhile.
    let find = move |connection: &mut DbConnection| outbox::unsent_page(connection, id.saturating_add(1), 1);
    let found = state.db.read(find).await?.pop().filter(|message| message.id == id);
    let message = found.ok_or(ApiError::NotFound)?;
    let (frame, now) = (Frame::new(&state, &request, &user, "outbox"), state.clock.now());
    page(&state, &MessagePage { frame, now, message })
}

/// Does what the button says.
pub(in crate::http) async fn submit_message(
    state: Data<AppState>,
    request: HttpRequest,
    _: CurrentUser,
    admin: Admin,
    body: Form,
) -> Result<HttpResponse, ApiError> {
    let id = console_id(&request)?;
    let code = match body.0.submitted_text("action") {
        Some("retry") => retry_message(&state, admin, id).await.map(|()| "retried"),
        Some("discard") => discard_message(&state, admin, id).await.map(|()| "discarded"),
        _ => Err(ApiError::NotFound),
    }?;
    Ok(done("/admin/outbox", code))
}
