//! The page about one user, and what is done there at once.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{FormErrors, Frame, done, filters, page, refused, sign_in_again};
use crate::{
    base::clock::Timestamp,
    credentials::api_tokens::{self, ApiToken},
    db::DbConnection,
    http::{
        api::{
            sessions::{ListedSession, listed_sessions},
            users::{self as api, Details, details, events_of_user},
        },
        error::ApiError,
        extract::{admin::Admin, body::Form, current_user::CurrentUser, fields::Fields},
        paths::console_id,
        state::AppState,
    },
    users::{SecondFactor, audit::Entry},
};

#[derive(Template)]
#[template(path = "admin/user.html")]
struct UserPage<'p> {
    frame: Frame<'p>,
    now: Timestamp,
    details: Details,
    sessions: Vec<ListedSession>,
    tokens: Vec<ApiToken>,
    /// The latest events.
    events: Vec<(i64, Entry)>,
    has_mail: bool,
    extra_error: Option<String>,
    notice: Option<String>,
}

impl<'p> UserPage<'p> {
    async fn new(state: &'p AppState, request: &HttpRequest, user: &'p CurrentUser, id: i64) -> Result<Self, ApiError> {
        let (now, details) = (state.clock.now(), details(state, id).await?);
        let latest = Fields::query("limit=10");
        let tokens = move |connection: &mut DbConnection| api_tokens::list_live(connection, id, now);
        Ok(Self {
            frame: Frame::new(state, request, user, "users"),
            now,
            sessions: listed_sessions(state, id, Some(user.session_id)).await?,
            tokens: state.db.read(tokens).await?,
            events: events_of_user(state, id, "", latest).await?.0,
            has_mail: state.config.mail.is_on(),
            details,
            extra_error: None,
            notice: None,
        })
    }

    fn has_factor(&self, factor: SecondFactor) -> bool {
        self.details.user.second_factors().contains(&factor)
    }

    /// The status of the subscription, in the terms of the API.
    fn subscription(&self) -> &'static str {
        self.details.entitlement.map_or("none", |entitlement| entitlement.status(self.now))
    }
}

pub(in crate::http) async fn show_user(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let id = console_id(&request)?;
    page(&state, &UserPage::new(&state, &request, &user, id).await?)
}

/// Does what the button says.
pub(in crate::http) async fn submit_user(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    admin: Admin,
    body: Form,
) -> Result<HttpResponse, ApiError> {
    let id = console_id(&request)?;
    let error = match act(&state, &request, admin, id, body.0).await {
        Ok(code) => return Ok(done(request.path(), code)),
        Err(ApiError::FreshLoginRequired) => return Ok(sign_in_again(&request)),
        Err(error @ (ApiError::NotFound | ApiError::Forbidden(_))) => return Err(error),
        Err(error) => error,
    };
    let (_, mut errors) = FormErrors::of(&error, &state);
    let mut shown = UserPage::new(&state, &request, &user, id).await?;
    shown.extra_error = errors.take("extra");
    shown.notice = errors.rest();
    refused(&state, error, &shown)
}

async fn act(
    state: &AppState,
    request: &HttpRequest,
    admin: Admin,
    id: i64,
    mut fields: Fields,
) -> Result<&'static str, ApiError> {
    match fields.optional_text("action").as_deref() {
        Some("reads") => {
            let extra = fields.text("extra").and_then(|text| fields.check("extra", parse_extra(&text)));
            fields.finish()?;
            api::give_extra_reads(state, admin, id, extra.ok_or_else(ApiError::missing_field)?).await?;
            Ok("reads")
        }
        Some("unlock") => api::unlock_user(state, admin, id).await.map(|()| "unlocked"),
        Some("reset") => api::mail_reset(state, admin, id).await.map(|()| "reset-sent"),
        Some("enable") => {
            api::change_user(state, request, admin, id, Fields::query("is_active=true")).await.map(|()| "enabled")
        }
        _ => Err(ApiError::NotFound),
    }
}

fn parse_extra(text: &str) -> Result<i64, &'static str> {
    let number = text.trim().parse().ok().filter(|number| (1..=1_000_000).contains(number));
    number.ok_or("must be a whole number from 1")
}

/// Everything that is stored about a user, as a file.
pub(in crate::http) async fn export_user(
    state: Data<AppState>,
    request: HttpRequest,
    _: CurrentUser,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    let id = console_id(&request)?;
    api::export_user(&state, &request, admin, id).await
}
