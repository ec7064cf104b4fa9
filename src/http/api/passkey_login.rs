//! `/login/passkey`, and the options for both ways to sign in with a passkey

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::{login::finish_login, passkeys::site};
use crate::{
    accounts::{AccountError, second_factors::passkeys::PasskeyLogin},
    base::client::Client,
    http::{
        error::ApiError,
        extract::{
            body::{Json, OptionalJson},
            fields::Fields,
        },
        login_cookies,
        state::AppState,
    },
};

/// What a browser or app needs to prove the second factor of its pending login.
pub(in crate::http) async fn second_factor_options(
    state: Data<AppState>,
    request: HttpRequest,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let OptionalJson(mut fields) = body;
    let login_token = fields.optional_text("login_token");
    fields.finish()?;
    let token = login_token.or_else(|| login_cookies::pending(&request, &state)).ok_or(ApiError::LoginExpired)?;
    let options = state.accounts.second_factor_options(site(&request, &state), token, state.clock.now()).await;
    if matches!(options, Err(AccountError::LoginExpired)) {
        login_cookies::clear_pending(&request, &state);
    }
    Ok(HttpResponse::Ok().json(options?))
}

/// What a browser needs to sign in without a username.
pub(in crate::http) async fn login_options(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
) -> Result<HttpResponse, ApiError> {
    let options = state.accounts.passkey_options(site(&request, &state), client, state.clock.now()).await?;
    Ok(HttpResponse::Ok().json(options))
}

/// Signs in without a username. The browser's previous session, if any, ends.
pub(in crate::http) async fn login(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let login = parse(body.0, &request, &state)?;
    let site = site(&request, &state);
    let outcome = state.accounts.log_in_with_passkey(site, login, client, state.clock.now()).await;
    if let Some(metrics) = &state.requests {
        metrics.count_passkey_login(&outcome);
    }
    let (user, issued) = outcome?;
    Ok(HttpResponse::Ok().json(finish_login(&request, &state, user, issued).await?))
}

fn parse(mut fields: Fields, request: &HttpRequest, state: &AppState) -> Result<PasskeyLogin, ApiError> {
    let (response, stay_signed_in) = (fields.object("credential"), fields.flag("stay_signed_in"));
    let transport = fields.transport();
    fields.finish()?;
    let response = response.ok_or_else(ApiError::missing_field)?;
    Ok(PasskeyLogin { response, stay_signed_in, browser: login_cookies::browser(request, state, transport) })
}
