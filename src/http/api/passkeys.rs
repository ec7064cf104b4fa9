//! `/account/passkeys`, and the passkey's part of `/login`

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use url::Url;

use super::user::SignedInBody;
use crate::{
    accounts::{
        AccountError,
        second_factors::passkeys::{NewCredential, PasskeyLogin, RelyingParty, parse_name},
    },
    client::Client,
    http::{
        error::ApiError,
        extract::{
            body::{Json, OptionalJson},
            current_user::CurrentUser,
            fields::Fields,
        },
        known_browser, login_cookies, paths, session,
        state::AppState,
    },
};

/// The site that the request was sent to.
pub(super) fn site(request: &HttpRequest, state: &AppState) -> RelyingParty {
    let server = &state.config.server;
    let host = || request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let origin = server.public_origin.clone().unwrap_or_else(|| format!("https://{}", host()));
    let id = Url::parse(&origin).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    // Browsers offer passkeys on pages without TLS on the machine itself only.
    let plain = server.public_origin.is_none().then(|| format!("http://{}", host()));
    RelyingParty {
        id,
        name: server.site_name().to_owned(),
        own_origins: [origin].into_iter().chain(plain).collect(),
        other_origins: server.cors_origins.clone(),
    }
}

/// What a browser needs to create a passkey.
pub(super) async fn start(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let password = password(body)?;
    let (site, now) = (site(&request, &state), state.clock.now());
    Ok(HttpResponse::Ok().json(state.accounts.start_passkey(site, &user, password, client, now).await?))
}

/// Adds the passkey that was created.
pub(super) async fn add(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let Json(mut fields) = body;
    let name = fields.optional_text("name").and_then(|name| fields.check("name", parse_name(&name)));
    let (response, password) = (fields.object("credential"), fields.optional_text("current_password"));
    fields.finish()?;
    let credential = NewCredential { response: response.ok_or_else(ApiError::missing_field)?, name };
    let (site, now) = (site(&request, &state), state.clock.now());
    let added = state.accounts.add_passkey(site, &user, password, credential, client, now).await?;
    Ok(HttpResponse::Created().json(added))
}

pub(super) async fn list(state: Data<AppState>, user: CurrentUser) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(state.accounts.passkeys(&user).await?))
}

pub(super) async fn rename(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let Json(mut fields) = body;
    let name = fields.text("name").and_then(|name| fields.check("name", parse_name(&name)));
    fields.finish()?;
    let (id, name) = (passkey_id(&request)?, name.ok_or_else(ApiError::missing_field)?);
    Ok(HttpResponse::Ok().json(state.accounts.rename_passkey(&user, id, name, state.clock.now()).await?))
}

pub(super) async fn delete(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let password = password(body)?;
    let id = passkey_id(&request)?;
    state.accounts.delete_passkey(&user, id, password, client, state.clock.now()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What a browser needs to prove the second factor of its pending login.
pub(super) async fn second_factor_options(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let Some(token) = login_cookies::pending(&request, &state) else { return Err(ApiError::LoginExpired) };
    let options = state.accounts.second_factor_options(site(&request, &state), token, state.clock.now()).await;
    if matches!(options, Err(AccountError::LoginExpired)) {
        login_cookies::clear_pending(&request, &state);
    }
    Ok(HttpResponse::Ok().json(options?))
}

/// What a browser needs to sign in without a username.
pub(super) async fn login_options(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
) -> Result<HttpResponse, ApiError> {
    let options = state.accounts.passkey_options(site(&request, &state), client, state.clock.now()).await?;
    Ok(HttpResponse::Ok().json(options))
}

/// Signs in without a username. The browser's previous session, if any, ends.
pub(super) async fn login(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let known_accounts = known_browser::accounts(&request, &state);
    let login = parse(body.0, known_accounts.clone())?;
    let site = site(&request, &state);
    let outcome = state.accounts.log_in_with_passkey(site, login, client, state.clock.now()).await;
    if let Some(metrics) = &state.requests {
        metrics.count_passkey_login(&outcome);
    }
    let (user, issued) = outcome?;
    known_browser::remember(&request, &state, known_accounts, user.id);
    login_cookies::clear_pending(&request, &state);
    let body = SignedInBody::at_login(user, &issued);
    session::start(&request, &state, issued)?;
    Ok(HttpResponse::Ok().json(body))
}

fn parse(mut fields: Fields, known_accounts: Vec<i64>) -> Result<PasskeyLogin, ApiError> {
    let (response, stay_signed_in) = (fields.object("credential"), fields.flag("stay_signed_in"));
    fields.finish()?;
    let response = response.ok_or_else(ApiError::missing_field)?;
    Ok(PasskeyLogin { response, stay_signed_in, known_accounts })
}

fn password(body: OptionalJson) -> Result<Option<String>, ApiError> {
    let OptionalJson(mut fields) = body;
    let password = fields.optional_text("current_password");
    fields.finish()?;
    Ok(password)
}

/// From the raw path, because the router's parameters are already percent-decoded.
fn passkey_id(request: &HttpRequest) -> Result<i64, ApiError> {
    paths::id(request.path().rsplit('/').next().unwrap_or_default()).ok_or(ApiError::NotFound)
}
