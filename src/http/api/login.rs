//! `/login`, `/login/methods` and `/logout`

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use serde_json::{Value, json};

use super::{oidc, user::SignedInBody};
use crate::{
    accounts::{Login, PasswordStep, second_factors::PendingLogin},
    base::client::Client,
    credentials::sessions::{self, IssuedSession, Transport},
    http::{
        error::{ApiError, LoginToken},
        extract::{body::FormOrJson, client::client, current_user::CurrentUser, fields::Fields},
        login_cookies, oidc_cookie, session,
        state::AppState,
    },
    openid::Provider,
    users::User,
};

/// The ways to sign in that this server offers, so that a sign-in form shows no others. The response depends on the
/// settings only.
pub(in crate::http) async fn methods(state: Data<AppState>) -> HttpResponse {
    let email = state.config.mail.sign_in;
    let oidc: Vec<_> = state.providers.iter().map(provider).collect();
    let body = json!({ "password": true, "passkey": cfg!(feature = "passkeys"), "email": email, "oidc": oidc });
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}

fn provider(provider: &Provider) -> Value {
    json!({ "name": provider.name(), "label": provider.label(), "url": oidc::address(provider) })
}

pub(in crate::http) async fn login(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    body: FormOrJson,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(sign_in(&state, &request, client, body.0).await?))
}

/// Signs in with the submitted credentials. The browser's previous session, if any, ends, even if a second factor is
/// still to come.
pub(in crate::http) async fn sign_in(
    state: &AppState,
    request: &HttpRequest,
    client: Client,
    fields: Fields,
) -> Result<SignedInBody<'static>, ApiError> {
    let login = parse(fields, request, state)?;
    let transport = login.browser.transport;
    let outcome = state.accounts.log_in(state.seeds.clone(), login, client, state.clock.now()).await;
    if let Some(metrics) = &state.requests {
        metrics.count_login(&outcome);
    }
    finish_first_step(request, state, transport, outcome?).await
}

/// Signs in a user who has just registered.
pub(in crate::http) async fn sign_in_registered(
    state: &AppState,
    request: &HttpRequest,
    client: Client,
    user_id: i64,
) -> Result<SignedInBody<'static>, ApiError> {
    let browser = login_cookies::browser(request, state, Transport::Cookie);
    let (user, issued) = state.accounts.log_in_registered(user_id, browser, client, state.clock.now()).await?;
    finish_login(request, state, user, issued).await
}

/// Passes the result of a first step that succeeded to the client.
pub(super) async fn finish_first_step(
    request: &HttpRequest,
    state: &AppState,
    transport: Transport,
    outcome: PasswordStep,
) -> Result<SignedInBody<'static>, ApiError> {
    match outcome {
        PasswordStep::SignedIn(user, issued) => finish_login(request, state, *user, issued).await,
        PasswordStep::SecondFactorRequired(pending) => Err(ask_for_second_factor(request, state, transport, pending)),
    }
}

/// Passes a login that needs a second factor to the client, and returns the error that asks for it. The browser's
/// previous session, if any, ends.
fn ask_for_second_factor(
    request: &HttpRequest,
    state: &AppState,
    transport: Transport,
    pending: PendingLogin,
) -> ApiError {
    let PendingLogin { token, methods, expires_at } = pending;
    let login_token = match transport {
        Transport::Cookie => {
            session::end(request);
            login_cookies::set_pending(request, state, &token, expires_at);
            None
        }
        Transport::Bearer => Some(LoginToken(token)),
    };
    ApiError::SecondFactorRequired { methods, expires_at, login_token }
}

/// Passes the session of a login that is complete, by whichever way, to the client, and returns the body of the response. An
/// identity that has waited for this is linked.
pub(super) async fn finish_login(
    request: &HttpRequest,
    state: &AppState,
    user: User,
    issued: IssuedSession,
) -> Result<SignedInBody<'static>, ApiError> {
    if issued.kind.transport == Transport::Bearer {
        return Ok(SignedInBody::for_app(user, issued));
    }
    login_cookies::remember_account(request, state, user.id);
    login_cookies::clear_pending(request, state);
    let user_id = user.id;
    let body = SignedInBody::at_login(user, &issued);
    session::start(request, state, issued)?;
    link_waiting(request, state, user_id).await;
    Ok(body)
}

/// Links the identity that this browser has come back from a provider with, if it is its owner who has signed in. If that
/// fails, the sign-in is still valid.
async fn link_waiting(request: &HttpRequest, state: &AppState, user_id: i64) {
    let Some(identity) = oidc_cookie::waiting(request, state) else { return };
    oidc_cookie::clear(request, state);
    let (client, now) = (client(request), state.clock.now());
    if let Err(error) = state.accounts.link_waiting_identity(user_id, identity, client, now).await {
        tracing::warn!(user_id, %error, "an identity could not be linked after its owner had signed in");
    }
}

fn parse(mut fields: Fields, request: &HttpRequest, state: &AppState) -> Result<Login, ApiError> {
    let (username, password) = (fields.text("username"), fields.text("password"));
    let (stay_signed_in, transport) = (fields.flag("stay_signed_in"), fields.transport());
    fields.finish()?;
    let trust_token = trust_token(request, state, transport);
    match (username, password) {
        (Some(username), Some(password)) => {
            let browser = login_cookies::browser(request, state, transport);
            Ok(Login { username, password, stay_signed_in, browser, trust_token })
        }
        _ => Err(ApiError::missing_field()),
    }
}

/// The token of a browser that may be trusted.
pub(super) fn trust_token(request: &HttpRequest, state: &AppState, transport: Transport) -> Option<String> {
    match transport {
        Transport::Cookie => login_cookies::trusted(request, state),
        Transport::Bearer => None,
    }
}

pub(in crate::http) async fn logout(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
) -> Result<HttpResponse, ApiError> {
    sign_out(&state, &request, &user, client).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends the current session, first in the database and then, with the response, in the browser.
///
/// Only the session cookie is cleared. `Clear-Site-Data: "cookies"` would delete all cookies of the registrable domain
/// (<https://www.w3.org/TR/clear-site-data/#clear-cookies>), including those of other applications and the
/// `known_browser` cookie, without which an attacker's guesses could lock the user out in this browser.
pub(in crate::http) async fn sign_out(
    state: &AppState,
    request: &HttpRequest,
    user: &CurrentUser,
    client: Client,
) -> Result<(), ApiError> {
    let (user_id, id, now) = (user.user_id, user.session_id, state.clock.now());
    state.db.write(move |tx| sessions::log_out(tx, user_id, id, &client, now)).await?;
    session::end(request);
    Ok(())
}
