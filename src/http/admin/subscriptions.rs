//! The list of subscriptions, those that have ended included.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{Frame, filters, filters_of, page};
use crate::{
    base::clock::Timestamp,
    billing::subscribers::{self, Subscriber},
    db::DbConnection,
    http::{
        error::ApiError,
        extract::{admin::Admin, current_user::CurrentUser},
        paging::{query_of, split_page},
        state::AppState,
    },
};

const PATH: &str = "/admin/subscriptions";

const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "admin/subscriptions.html")]
struct SubscriptionsPage<'p> {
    frame: Frame<'p>,
    now: Timestamp,
    subscribers: Vec<Subscriber>,
    next: Option<String>,
}

pub(in crate::http) async fn list_subscriptions(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let mut query = filters_of(&request);
    let before = query.optional_text("before");
    query.finish_filter()?;
    let grace = state.config.billing.grace;
    let find = move |connection: &mut DbConnection| subscribers::page(connection, before.as_deref(), grace, PAGE + 1);
    let mut subscribers = state.db.read(find).await?;
    let has_more = split_page(&mut subscribers, PAGE);
    let last = subscribers.last().filter(|_| has_more);
    let next = last.map(|last| query_of(PATH, &[("before", &last.subscription.id)]).trim_end_matches('&').to_owned());
    let (frame, now) = (Frame::new(&state, &request, &user, "subscriptions"), state.clock.now());
    page(&state, &SubscriptionsPage { frame, now, subscribers, next })
}
