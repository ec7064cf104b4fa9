//! The start page and its sign-out button.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{Next, page, see_other};
use crate::{
    billing::subscribers,
    client::Client,
    db::{DbConnection, DbError},
    http::{
        api::logout::sign_out, checkout, demo_checkout::ReturnTo, error::ApiError, extract::current_user::CurrentUser,
        state::AppState,
    },
    metering::{self, MeterState},
};

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage<'p> {
    username: &'p str,
    email: Option<&'p str>,
    is_subscribed: bool,
    has_second_factor: bool,
    meter: MeterState,
    checkout_url: Option<String>,
    portal_url: Option<String>,
}

/// Shows the signed-in user, the meter, and links to the API.
pub(in crate::http) async fn show_start(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    let (policy, user_id, now) = (state.config.meter, user.user_id, state.clock.now());
    let grace = state.config.billing.grace;
    let find = move |connection: &mut DbConnection| {
        let meter = metering::state(connection, &policy, user_id, now)?;
        Ok::<_, DbError>((meter, subscribers::find(connection, user_id, grace)?.is_some()))
    };
    let (meter, has_subscribed) = state.db.read(find).await?;
    let portal_url = checkout::portal_link(&state.config.billing, &user).filter(|_| has_subscribed);
    page(&StartPage {
        username: &user.username,
        email: user.email.as_deref(),
        is_subscribed: user.is_subscribed(now),
        has_second_factor: !user.second_factors.is_empty(),
        meter,
        checkout_url: checkout::link_returning_to(&state, &request, &user, || ReturnTo::Path(Next::parse(None))),
        portal_url,
    })
}

/// Signs out and redirects to the login page. Programs send DELETE, which a form cannot send.
pub(in crate::http) async fn submit_logout(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
) -> Result<HttpResponse, ApiError> {
    sign_out(&state, &request, &user, client).await?;
    Ok(see_other("/login"))
}
