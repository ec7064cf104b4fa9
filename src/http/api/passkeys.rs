//! `/account/passkeys`

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use url::Url;

use crate::{
    accounts::second_factors::passkeys::{PasskeyRegistration, RelyingParty, parse_name},
    base::client::Client,
    http::{
        error::ApiError,
        extract::{
            body::{Json, OptionalJson},
            current_user::CurrentUser,
        },
        paths,
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
        name: state.config.site.name.clone(),
        own_origins: [origin].into_iter().chain(plain).collect(),
        other_origins: server.cors_origins.clone(),
    }
}

/// What a browser needs to create a passkey.
pub(in crate::http) async fn start(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let password = body.0.into_confirmation()?;
    let (site, now) = (site(&request, &state), state.clock.now());
    Ok(HttpResponse::Ok().json(state.accounts.start_passkey(site, &user, password, client, now).await?))
}

/// Adds a passkey.
pub(in crate::http) async fn add(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let Json(mut fields) = body;
    let name = fields.optional_text("name").and_then(|name| fields.check("name", parse_name(&name)));
    let (response, password) = (fields.object("credential"), fields.confirmation("current_password"));
    fields.finish()?;
    let registration = PasskeyRegistration { response: response.ok_or_else(ApiError::missing_field)?, name };
    let (site, now) = (site(&request, &state), state.clock.now());
    let added = state.accounts.add_passkey(site, &user, password, registration, client, now).await?;
    Ok(HttpResponse::Created().json(added))
}

pub(in crate::http) async fn list(state: Data<AppState>, user: CurrentUser) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(state.accounts.passkeys(&user).await?))
}

pub(in crate::http) async fn rename(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let Json(mut fields) = body;
    let name = fields.text("name").and_then(|name| fields.check("name", parse_name(&name)));
    fields.finish()?;
    let (id, name) = (paths::trailing_id(&request)?, name.ok_or_else(ApiError::missing_field)?);
    Ok(HttpResponse::Ok().json(state.accounts.rename_passkey(&user, id, name, state.clock.now()).await?))
}

pub(in crate::http) async fn delete(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let password = body.0.into_confirmation()?;
    let id = paths::trailing_id(&request)?;
    state.accounts.delete_passkey(&user, id, password, client, state.clock.now()).await?;
    Ok(HttpResponse::NoContent().finish())
}
