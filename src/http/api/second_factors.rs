//! `/login/second-factor`, `/account/totp`, `/account/recovery-codes` and `/account/trusted-browsers`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;

use super::{login::finish_login, user::SignedInBody};
use crate::{
    accounts::{
        AccountError,
        second_factors::{CompletedLogin, Enrolment, Method, Proof, SecondStep},
    },
    base::client::Client,
    credentials::sessions::Transport,
    http::{
        error::ApiError,
        extract::{
            body::{Json, OptionalJson},
            current_user::CurrentUser,
            fields::Fields,
        },
        login_cookies,
        state::AppState,
    },
};

#[derive(Serialize)]
struct CompletedBody {
    #[serde(flatten)]
    signed_in: SignedInBody<'static>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes_left: Option<i64>,
}

#[derive(Serialize)]
struct EnrolmentBody {
    secret: String,
    otpauth_uri: String,
    qr_svg: String,
}

#[derive(Serialize)]
struct RecoveryCodesBody {
    recovery_codes: Vec<String>,
}

/// Completes a login.
pub(in crate::http) async fn complete(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let (signed_in, recovery_codes_left) = complete_login(&state, &request, client, body.0).await?;
    Ok(HttpResponse::Ok().json(CompletedBody { signed_in, recovery_codes_left }))
}

/// Completes the pending login of the browser or app with the submitted code. Returns how many recovery codes are left if one
/// was used.
pub(in crate::http) async fn complete_login(
    state: &AppState,
    request: &HttpRequest,
    client: Client,
    fields: Fields,
) -> Result<(SignedInBody<'static>, Option<i64>), ApiError> {
    let (method, step) = parse(fields, request, state)?;
    let completed = state.accounts.complete_login(state.seeds.clone(), step, client, state.clock.now()).await;
    if let Some(metrics) = &state.requests {
        metrics.count_second_factor(method.into_str(), &completed);
    }
    if matches!(completed, Err(AccountError::LoginExpired)) {
        login_cookies::clear_pending(request, state);
    }
    let CompletedLogin { user, issued, trust_token, recovery_codes_left } = completed?;

    let body = finish_login(request, state, user, issued).await?;
    if let Some(token) = trust_token {
        login_cookies::set_trusted(request, state, &token);
    }
    Ok((body, recovery_codes_left))
}

fn parse(mut fields: Fields, request: &HttpRequest, state: &AppState) -> Result<(Method, SecondStep), ApiError> {
    let method = fields.text("method").and_then(|name| {
        let method = METHODS.into_iter().find(|method| method.into_str() == name);
        fields.check("method", method.ok_or(MUST_BE_METHOD))
    });
    let proof = match method {
        Some(Method::Passkey) => passkey(&mut fields, request, state),
        Some(Method::RecoveryCode) => fields.text("code").map(Proof::RecoveryCode),
        Some(Method::Totp) | None => fields.text("code").map(Proof::Totp),
    };
    let (trust_browser, transport) = (fields.flag("trust_browser"), fields.transport());
    let login_token = if transport == Transport::Bearer { fields.text("login_token") } else { None };
    fields.finish()?;
    let (method, proof) = method.zip(proof).ok_or_else(ApiError::missing_field)?;
    let token = login_token.or_else(|| login_cookies::pending(request, state)).ok_or(ApiError::LoginExpired)?;
    // Trust is a cookie, which an app does not want.
    let trust_browser = trust_browser && transport == Transport::Cookie;
    Ok((method, SecondStep { token, proof, trust_browser, browser: login_cookies::browser(request, state, transport) }))
}

#[cfg(feature = "passkeys")]
const METHODS: [Method; 3] = [Method::Totp, Method::Passkey, Method::RecoveryCode];
#[cfg(feature = "passkeys")]
const MUST_BE_METHOD: &str = "must be totp, passkey or recovery_code";
#[cfg(not(feature = "passkeys"))]
const METHODS: [Method; 2] = [Method::Totp, Method::RecoveryCode];
#[cfg(not(feature = "passkeys"))]
const MUST_BE_METHOD: &str = "must be totp or recovery_code";

#[cfg(feature = "passkeys")]
fn passkey(fields: &mut Fields, request: &HttpRequest, state: &AppState) -> Option<Proof> {
    let response = fields.object("credential")?;
    Some(Proof::Passkey(Box::new(super::passkeys::site(request, state)), response))
}

#[cfg(not(feature = "passkeys"))]
fn passkey(_: &mut Fields, _: &HttpRequest, _: &AppState) -> Option<Proof> {
    None
}

/// Starts the enrolment of an authenticator app.
pub(in crate::http) async fn start_totp(
    state: Data<AppState>,
    user: CurrentUser,
    client: Client,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let Enrolment { secret, otpauth_uri, qr_svg } = start_enrolment(&state, &user, client, body.0).await?;
    Ok(HttpResponse::Created().json(EnrolmentBody { secret, otpauth_uri, qr_svg }))
}

pub(in crate::http) async fn start_enrolment(
    state: &AppState,
    user: &CurrentUser,
    client: Client,
    fields: Fields,
) -> Result<Enrolment, ApiError> {
    let (password, issuer) = (fields.into_confirmation()?, state.config.site.name.as_str());
    let (seeds, now) = (state.seeds.clone(), state.clock.now());
    Ok(state.accounts.start_totp(seeds, user, issuer, password, client, now).await?)
}

/// Makes the authenticator app a second factor.
pub(in crate::http) async fn confirm_totp(
    state: Data<AppState>,
    user: CurrentUser,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let recovery_codes = confirm_enrolment(&state, &user, client, body.0).await?;
    Ok(HttpResponse::Ok().json(RecoveryCodesBody { recovery_codes }))
}

pub(in crate::http) async fn confirm_enrolment(
    state: &AppState,
    user: &CurrentUser,
    client: Client,
    mut fields: Fields,
) -> Result<Vec<String>, ApiError> {
    let code = fields.text("code");
    fields.finish()?;
    let code = code.ok_or_else(ApiError::missing_field)?;
    Ok(state.accounts.confirm_totp(state.seeds.clone(), user, code, client, state.clock.now()).await?)
}

/// Removes the authenticator app.
pub(in crate::http) async fn remove_totp(
    state: Data<AppState>,
    user: CurrentUser,
    client: Client,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    remove_factor(&state, &user, client, body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn remove_factor(
    state: &AppState,
    user: &CurrentUser,
    client: Client,
    fields: Fields,
) -> Result<(), ApiError> {
    let password = fields.into_confirmation()?;
    Ok(state.accounts.remove_totp(user, password, client, state.clock.now()).await?)
}

/// Replaces the recovery codes.
pub(in crate::http) async fn replace_recovery_codes(
    state: Data<AppState>,
    user: CurrentUser,
    client: Client,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let recovery_codes = new_recovery_codes(&state, &user, client, body.0).await?;
    Ok(HttpResponse::Ok().json(RecoveryCodesBody { recovery_codes }))
}

pub(in crate::http) async fn new_recovery_codes(
    state: &AppState,
    user: &CurrentUser,
    client: Client,
    fields: Fields,
) -> Result<Vec<String>, ApiError> {
    let password = fields.into_confirmation()?;
    Ok(state.accounts.replace_recovery_codes(user, password, client, state.clock.now()).await?)
}

/// Ends the trust in all browsers.
pub(in crate::http) async fn remove_trusted_browsers(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
) -> Result<HttpResponse, ApiError> {
    state.accounts.remove_trusted_browsers(&user, client, state.clock.now()).await?;
    login_cookies::clear_trusted(&request, &state);
    Ok(HttpResponse::NoContent().finish())
}
