//! `/forward-auth`: tells a proxy whether a visitor may see a page of another application.
//!
//! nginx (`auth_request`), Caddy (`forward_auth`), Traefik (`ForwardAuth`) and others send the visitor's headers here
//! before they serve the page. 204 lets the visitor pass, and its `X-Tollgate-` headers tell the application who it is.

mod charge;
mod forwarded;
mod response;
mod rule;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, ThinData},
};

pub(super) use self::response::error_response;
use self::{
    charge::charge,
    forwarded::Forwarded,
    response::Access,
    rule::{Require, Rule},
};
use super::{
    checkout,
    credential::Credential,
    error::{ApiError, PaywallHit},
    extract::current_user::{Account, Caller},
    pages::next::Next,
    paths,
    reading::is_crawler,
    reads_headers,
    state::AppState,
};
use crate::{paywall::ReadQueue, users::Role};

pub(super) async fn forward_auth(
    state: Data<AppState>,
    ThinData(queue): ThinData<ReadQueue>,
    request: HttpRequest,
    // An API token may do to the application what its user may, so that `read` does not suffice.
    user: Result<Caller<Account>, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let rule = Rule::parse(request.query_string())?;
    let visitor = user.as_ref().ok().filter(|_| rule.teaser).cloned();
    let answer = match admit(&state, &queue, &request, &rule, user).await {
        Ok(mut admitted) if rule.teaser => {
            response::set_access(&mut admitted, Access::Full);
            Ok(admitted)
        }
        Err(error) if rule.teaser => teaser(&state, visitor, error),
        answer => answer,
    };
    match answer {
        Err(error) if rule.redirect => redirect(&state, &request, error),
        answer => answer,
    }
}

async fn admit(
    state: &AppState,
    queue: &ReadQueue,
    request: &HttpRequest,
    rule: &Rule,
    user: Result<Caller<Account>, ApiError>,
) -> Result<HttpResponse, ApiError> {
    // Before the session is checked, so that a misconfigured proxy fails for all visitors and not only for some.
    let page = if rule.meter { Forwarded::of(request).metered_page()? } else { None };
    let mut response = HttpResponse::NoContent();
    match (user, page) {
        (Ok(user), page) => {
            let user = user.credential();
            check(state, request, rule, user)?;
            response::insert_identity(&mut response, user, state.clock.now());
            if let Some(page) = page {
                reads_headers::insert(&mut response, &charge(state, queue, request, Some(user), page).await?);
            }
        }
        (Err(ApiError::LoginRequired), Some(_)) if rule.require.is_empty() && is_crawler(state, request) => {
            response::insert_anonymous(&mut response);
        }
        (Err(ApiError::LoginRequired), Some(page))
            if rule.require.is_empty() && state.config.meter.anonymous_limit > 0 =>
        {
            response::insert_anonymous(&mut response);
            reads_headers::insert(&mut response, &charge(state, queue, request, None, page).await?);
        }
        (Err(error), _) => return Err(error),
    }
    Ok(response.finish())
}

/// Whether the user may see pages under this rule. The gate leaves the policy on second factors to this function,
/// because a redirect is for the proxy to ask for.
fn check(state: &AppState, request: &HttpRequest, rule: &Rule, credential: &Credential) -> Result<(), ApiError> {
    let user = credential.user();
    if user.lacks_second_factor(state.config.password.second_factor) {
        return Err(ApiError::SecondFactorRequiredByPolicy);
    }
    rule.require.iter().try_for_each(|required| match required {
        Require::Admin if !credential.is_admin() => Err(ApiError::Forbidden(Role::Admin)),
        Require::Subscriber if !user.is_subscribed(state.clock.now()) => {
            let checkout = checkout::links(state, request, user);
            Err(ApiError::SubscriptionRequired(PaywallHit { checkout, ..PaywallHit::default() }))
        }
        _ => Ok(()),
    })
}

/// Lets the visitor pass to an application that shows its own excerpt, if only the paywall denies the page. A search engine
/// indexes that page, which has status 200, and would drop one with an error's. A prefetch does not pass: the browser would
/// keep the excerpt for a reader who may read the page.
fn teaser(state: &AppState, visitor: Option<Caller<Account>>, error: ApiError) -> Result<HttpResponse, ApiError> {
    let meter = match &error {
        ApiError::PaymentRequired(hit) | ApiError::AnonymousReadsUsedUp(hit) | ApiError::SubscriptionRequired(hit) => {
            hit.meter
        }
        ApiError::LoginRequired | ApiError::EmailNotVerified => None,
        _ => return Err(error),
    };
    let mut response = HttpResponse::NoContent();
    match visitor {
        Some(user) => response::insert_identity(&mut response, user.credential(), state.clock.now()),
        None => response::insert_anonymous(&mut response),
    }
    meter.iter().for_each(|meter| reads_headers::insert(&mut response, meter));
    let mut response = response.finish();
    response::set_access(&mut response, Access::Teaser);
    response::set_code(&mut response, error.parts(state.config.server.contract).1);
    Ok(response)
}

/// Redirects the visitor to where the error can be resolved, if there is such a page.
fn redirect(state: &AppState, request: &HttpRequest, error: ApiError) -> Result<HttpResponse, ApiError> {
    let address = match error {
        ApiError::LoginRequired | ApiError::AnonymousReadsUsedUp(_) => {
            Next::parse(Forwarded::of(request).uri()).after("/login")
        }
        ApiError::SecondFactorRequiredByPolicy if state.config.server.has_pages() => {
            paths::SECOND_FACTOR_SETTINGS.to_owned()
        }
        error => return Err(error),
    };
    Ok(HttpResponse::Found().insert_header((header::LOCATION, address)).finish())
}
