//! The start page and its sign-out button.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{Next, page, see_other};
use crate::{
    base::{client::Client, clock::Timestamp},
    billing::{
        subscribers,
        subscription::{Entitlement, SubscriptionStatus},
    },
    db::{DbConnection, DbError},
    http::{
        api::login::sign_out, checkout, demo_checkout::ReturnTo, error::ApiError, extract::current_user::CurrentUser,
        state::AppState,
    },
    paywall,
    paywall::{MeterState, Reader},
};

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage<'p> {
    username: &'p str,
    email: Option<&'p str>,
    subscription: Subscription,
    has_second_factor: bool,
    meter: MeterState,
    checkout_url: Option<String>,
    portal_url: Option<String>,
}

enum Subscription {
    None,
    Active,
    /// A payment failed, and access ends at this time unless a later one succeeds.
    PaymentFailed(Timestamp),
}

impl Subscription {
    fn of(user: &CurrentUser, entitlement: Option<Entitlement>, now: Timestamp) -> Self {
        let failed = entitlement.filter(|entitlement| entitlement.status == SubscriptionStatus::PastDue);
        match failed.and_then(|entitlement| entitlement.grace_until(now)) {
            Some(until) => Self::PaymentFailed(until),
            None if user.is_subscribed(now) => Self::Active,
            None => Self::None,
        }
    }
}

/// Shows the signed-in user, the meter, and links to the API.
pub(in crate::http) async fn show_start(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    let (policy, user_id, now) = (state.config.meter, user.user_id, state.clock.now());
    let reader = Reader::user(user_id);
    let grace = state.config.billing.grace;
    let find = move |connection: &mut DbConnection| {
        let meter = paywall::state(connection, &policy, reader, now)?;
        Ok::<_, DbError>((meter, subscribers::find(connection, user_id, grace)?))
    };
    let (meter, entitlement) = state.db.read(find).await?;
    let portal_url = checkout::portal_link(&state.config.billing, &user).filter(|_| entitlement.is_some());
    page(
        &state.site,
        &StartPage {
            username: &user.username,
            email: user.email.as_deref(),
            subscription: Subscription::of(&user, entitlement, now),
            has_second_factor: !user.second_factors.is_empty(),
            meter,
            checkout_url: checkout::link_returning_to(&state, &request, &user, || ReturnTo::Path(Next::parse(None))),
            portal_url,
        },
    )
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
