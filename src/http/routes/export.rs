//! `/account/export` and `/account/audit`

use actix_web::{HttpResponse, http::header, web::Data};
use serde::Serialize;

use super::{sessions::SessionBody, user::UserBody};
use crate::{
    auth::accounts,
    clock::Timestamp,
    db::{DbConnection, DbError},
    http::{current_user::CurrentUser, error::ApiError, state::AppState},
    models::{
        audit::{self, Entry},
        customers,
        failed_passwords::FailedPassword,
        meters::{self, Meter},
        reads::{self, Read},
        refusals, sessions,
        subscriptions::{self, Subscription},
    },
    session::Principal,
};

/// What `/account/audit` shows.
const LAST_EVENTS: i64 = 100;

/// All that is stored about a user, but secrets.
#[derive(Serialize)]
struct ExportBody {
    user: ExportedUser,
    sessions: Vec<SessionBody>,
    meter: Option<MeterBody>,
    reads: Vec<Read>,
    refusals: Vec<RefusalsBody>,
    subscriptions: Vec<Subscription>,
    customers: Vec<String>,
    failed_attempts: Vec<FailedPassword>,
    audit: Vec<Entry>,
}

#[derive(Serialize)]
struct ExportedUser {
    #[serde(flatten)]
    user: UserBody,
    is_active: bool,
}

#[derive(Serialize)]
struct MeterBody {
    period_started_at: Timestamp,
    used: i64,
}

#[derive(Serialize)]
struct RefusalsBody {
    day: Timestamp,
    count: i64,
}

/// All that is stored about oneself.
pub(super) async fn export(state: Data<AppState>, user: CurrentUser) -> Result<HttpResponse, ApiError> {
    let principal = Principal::clone(&user);
    let body = state.db.read(move |connection| collect(connection, &principal)).await?;
    let file = (header::CONTENT_DISPOSITION, "attachment; filename=\"tollgate-account.json\"");
    Ok(HttpResponse::Ok().insert_header(file).json(body))
}

fn collect(connection: &mut DbConnection, user: &Principal) -> Result<ExportBody, DbError> {
    let id = user.user_id;
    Ok(ExportBody {
        // Who is disabled has no session to ask with.
        user: ExportedUser { user: UserBody::of(user), is_active: true },
        sessions: sessions::list(connection, id)?.into_iter().map(SessionBody::from).collect(),
        meter: meters::find(connection, id)?.map(MeterBody::from),
        reads: reads::page(connection, id, Timestamp::from_millis(0), None, i64::MAX)?
            .into_iter()
            .map(|(read, _)| read)
            .collect(),
        refusals: refusals::list(connection, id)?.into_iter().map(RefusalsBody::from).collect(),
        subscriptions: subscriptions::of_user(connection, id)?,
        customers: customers::ids_of_user(connection, id)?,
        failed_attempts: accounts::failed_passwords(connection, &user.username)?,
        audit: audit::list(connection, id, i64::MAX)?,
    })
}

/// What happened to one's account lately, the newest first.
pub(super) async fn audit(state: Data<AppState>, user: CurrentUser) -> Result<HttpResponse, ApiError> {
    let user_id = user.user_id;
    let events = state.db.read(move |connection| audit::list(connection, user_id, LAST_EVENTS)).await?;
    Ok(HttpResponse::Ok().json(events))
}

impl From<Meter> for MeterBody {
    fn from(Meter { period_started_at, used }: Meter) -> Self {
        Self { period_started_at, used }
    }
}

impl From<(i64, i64)> for RefusalsBody {
    fn from((day, count): (i64, i64)) -> Self {
        Self { day: Timestamp::from_day(day), count }
    }
}
