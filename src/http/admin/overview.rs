//! The first page of the console: what has happened, and what waits for an admin.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{
    Frame,
    chart::{Chart, Headline},
    filters, filters_of, page, span,
};
use crate::{
    billing::payments::table as payments,
    db::{DbConnection, DbError},
    http::{
        error::ApiError,
        extract::{current_user::CurrentUser, editor::Editor},
        state::AppState,
    },
    mail::outbox,
    paywall::statistics::{self, Day, Days},
};

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct OverviewPage<'p> {
    frame: Frame<'p>,
    span: i64,
    charts: Vec<Chart>,
    /// Payments that belong to no account, and messages that could not be delivered; both are zero for editors.
    unmatched: i64,
    failed: i64,
}

pub(in crate::http) async fn overview(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Editor,
) -> Result<HttpResponse, ApiError> {
    let frame = Frame::new(&state, &request, &user, "overview");
    let span = span(&mut filters_of(&request));
    let today = state.clock.now().day();
    let days = Days::new(Some(today - 2 * span + 1), Some(today), state.clock.now());
    let days = days.map_err(|error| ApiError::Internal(error.to_owned()))?;
    let is_admin = frame.is_admin;
    let find = move |connection: &mut DbConnection| {
        let days = statistics::days(connection, days)?;
        let waiting = match is_admin {
            true => (payments::count_unmatched(connection)?, outbox::count(connection)?.failed),
            false => (0, 0),
        };
        Ok::<_, DbError>((days, waiting))
    };
    let (days, (unmatched, failed)) = state.db.read(find).await?;
    page(&state, &OverviewPage { frame, span, charts: charts(&days, span), unmatched, failed })
}

fn charts(days: &[Day], span: i64) -> Vec<Chart> {
    let (before, shown) = days.split_at(days.len().saturating_sub(usize::try_from(span).unwrap_or(0)));
    let chart = |key, headline, number: fn(&Day) -> i64| {
        let numbers = |days: &[Day]| days.iter().map(|day| (day.day.clone(), number(day))).collect::<Vec<_>>();
        Chart::new(key, headline, &numbers(before), numbers(shown))
    };
    vec![
        chart("readers", Headline::Average, |day| day.total.readers),
        chart("reads", Headline::Sum, |day| day.total.reads),
        chart("refusals", Headline::Sum, |day| day.total.refusals),
        chart("sign-ups", Headline::Sum, |day| day.anonymous.conversions),
        chart("conversions", Headline::Sum, |day| day.total.conversions),
    ]
}
