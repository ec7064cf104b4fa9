//! The demo checkout, which stands in for Stripe's page and for Stripe's events.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use askama::Template;

use super::{Site, error_page, form_errors::FormErrors, localized::filters, page, see_other};
use crate::{
    billing::stripe,
    http::{
        api::webhook::receive_event,
        demo_checkout::{ReturnTo, origin},
        document::Document,
        error::ApiError,
        extract::{body::FormOrJson, current_user::CurrentUser, fields::Fields},
        state::AppState,
    },
};

#[derive(Template)]
#[template(path = "demo_checkout.html")]
struct DemoCheckoutPage<'p> {
    username: &'p str,
    return_to: &'p ReturnTo,
    is_subscribed: bool,
    notice: Option<String>,
}

/// Shows the button.
pub(in crate::http) async fn show_demo_checkout(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    let server = &state.config.server;
    origin(&request, server).ok_or(ApiError::NotFound)?;
    let return_to = ReturnTo::parse(Fields::query(request.query_string()).submitted_text("next"), server);
    let is_subscribed = user.is_subscribed(state.clock.now());
    page(
        &state.site,
        &DemoCheckoutPage { username: &user.username, return_to: &return_to, is_subscribed, notice: None },
    )
    .map(|page| with_policy(&state.site, page, &return_to))
}

/// Pays nothing, processes Stripe's events of a payment, and redirects to where the reader came from.
pub(in crate::http) async fn submit_demo_checkout(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    body: Result<FormOrJson, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let server = &state.config.server;
    origin(&request, server).ok_or(ApiError::NotFound)?;
    let (return_to, outcome) = match body {
        Ok(FormOrJson(fields)) => {
            (ReturnTo::parse(fields.submitted_text("next"), server), pay(&state, user.user_id).await)
        }
        Err(error) => (ReturnTo::parse(None, server), Err(error)),
    };
    let Err(error) = outcome else { return Ok(see_other(return_to.as_str())) };
    let (status, errors) = FormErrors::of(&error, &state);
    let (is_subscribed, notice) = (user.is_subscribed(state.clock.now()), errors.rest());
    let form = DemoCheckoutPage { username: &user.username, return_to: &return_to, is_subscribed, notice };
    Ok(with_policy(&state.site, error_page(&state.site, error, status, &form), &return_to))
}

/// Chromium applies `form-action` to the redirect after the form as well.
fn with_policy(site: &Site, page: HttpResponse, return_to: &ReturnTo) -> HttpResponse {
    match return_to.app_origin() {
        Some(app) => Document { policy: site.with_forms_to(&format!("'self' {app}")), is_public: false }.mark(page),
        None => page,
    }
}

async fn pay(state: &AppState, user_id: i64) -> Result<(), ApiError> {
    let (now, own) = (state.clock.now(), [state.demo_secret.clone()]);
    let secrets = match state.config.billing.webhook_secrets.as_slice() {
        [] => &own,
        set => set,
    };
    let [secret, ..] = secrets else { return Err(ApiError::NotFound) };
    for event in stripe::demo_events(user_id, now) {
        let signature = stripe::sign(secret, event.as_bytes(), now);
        receive_event(state, secrets, Some(&signature), async { Ok(Bytes::from(event)) }).await?;
    }
    Ok(())
}
