//! The events of all accounts, and those of one.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;
use strum::VariantArray;

use super::{Frame, filters, filters_of, list, page};
use crate::{
    base::clock::Timestamp,
    db::DbConnection,
    http::{
        api::{audit::find_events, users::events_of_user},
        error::ApiError,
        extract::{admin::Admin, current_user::CurrentUser, fields::Fields},
        paging::query_of,
        paths::console_id,
        state::AppState,
    },
    users::{
        self, User,
        audit::{Entry, Event},
        audit_search::Found,
    },
};

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);
const MILLISECOND: std::time::Duration = std::time::Duration::from_millis(1);

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage<'p> {
    frame: Frame<'p>,
    by: String,
    event: String,
    since: String,
    until: String,
    events: Vec<Found>,
    next: Option<String>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/user_audit.html")]
struct UserAuditPage<'p> {
    frame: Frame<'p>,
    user: User,
    events: Vec<(i64, Entry)>,
    next: Option<String>,
}

pub(in crate::http) async fn show_audit(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let fields = filters_of(&request);
    let submitted = |name| fields.submitted_text(name).unwrap_or_default().to_owned();
    let day = |name| submitted(name).get(..10).unwrap_or_default().to_owned();
    let found = find_events(&state, "/admin/audit", with_times(&fields)).await;
    list(&state, found, |(events, next), error| AuditPage {
        frame: Frame::new(&state, &request, &user, "audit"),
        by: submitted("by"),
        event: submitted("event"),
        since: day("since"),
        until: day("until"),
        events,
        next,
        error,
    })
}

/// Days as the times at which they begin and end, because browsers have a field for days only.
fn with_times(fields: &Fields) -> Fields {
    let mut pairs = Vec::new();
    for name in ["by", "event", "limit", "before", "since", "until"] {
        let Some(text) = fields.submitted_text(name) else { continue };
        let is_day = text.len() == 10;
        let day = Timestamp::from_time_or_day(text).ok().filter(|_| is_day);
        let text = match (name, day) {
            ("since", Some(day)) => day.to_string(),
            ("until", Some(day)) => day.after(DAY).before(MILLISECOND).to_string(),
            _ => text.to_owned(),
        };
        pairs.push((name, text));
    }
    let pairs: Vec<_> = pairs.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let query = query_of("", &pairs);
    Fields::form(form_urlencoded::parse(query.trim_start_matches('?').as_bytes()))
}

pub(in crate::http) async fn show_user_audit(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let id = console_id(&request)?;
    let (events, next) = events_of_user(&state, id, request.path(), filters_of(&request)).await?;
    let found = state.db.read(move |connection: &mut DbConnection| users::find(connection, id)).await?;
    let frame = Frame::new(&state, &request, &user, "users");
    page(&state, &UserAuditPage { frame, user: found.ok_or(ApiError::NotFound)?, events, next })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::{Language, Texts};

    #[test]
    fn every_event_has_a_text() {
        let texts = Texts::new(Language::English, None);
        for event in Event::VARIANTS {
            let id = format!("console-event-{}", event.into_str());
            assert_ne!(texts.get(&id), id);
        }
    }
}
